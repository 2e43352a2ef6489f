"""Settings come from WHYMOVE_ variables only, are frozen, and name the variable at fault."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.errors import InvalidSettingsError
from api.settings import default_data, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WHYMOVE_"):
            monkeypatch.delenv(name)


def test_without_an_address_the_graph_is_embedded() -> None:
    assert load_settings().embedded


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOVE_GRAPH_URL", "")
    assert load_settings().embedded


def test_the_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOVE_DATA", ".whymove")
    assert load_settings().data == Path.cwd() / ".whymove"


def test_the_data_folder_follows_the_habits_of_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data() == tmp_path / "whymove"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHYMOVE_GRAPH_URL", "http://localhost:7474"),
        ("WHYMOVE_PORT", "many"),
        ("WHYMOVE_HEAP", "1 gigabyte"),
        ("WHYMOVE_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingsError, match=f"^{name}: "):
        load_settings()


def test_the_password_is_read_from_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "auth"
    secret.write_text("neo4j/correct horse\n")
    monkeypatch.setenv("WHYMOVE_GRAPH_PASSWORD_FILE", str(secret))
    assert load_settings().password() == "correct horse"


def test_a_missing_password_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHYMOVE_GRAPH_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(InvalidSettingsError, match="WHYMOVE_GRAPH_PASSWORD_FILE: cannot be read"):
        load_settings().password()


def test_two_passwords_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHYMOVE_GRAPH_PASSWORD", "one")
    monkeypatch.setenv("WHYMOVE_GRAPH_PASSWORD_FILE", str(tmp_path / "two"))
    with pytest.raises(InvalidSettingsError, match="not both"):
        load_settings()


def test_a_password_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOVE_GRAPH_PASSWORD", "correct horse")
    assert "correct horse" not in repr(load_settings())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "url", ["ftp://x/v1", "models.example", "https://a:b@x/v1", "https://x/?k=1", "http://[", "http://x:0"]
)
def test_a_model_is_asked_at_a_plain_web_address_alone(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("WHYMOVE_EXTRACTION_URL", url)
    with pytest.raises(InvalidSettingsError, match="WHYMOVE_EXTRACTION_URL"):
        load_settings()


def test_a_key_of_a_model_is_not_sent_where_it_can_be_overheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOVE_EXTRACTION_KEY", "sk-secret")
    for url in ("https://models.example/v1", "http://127.0.0.1:8080/v1", "http://localhost/v1"):
        monkeypatch.setenv("WHYMOVE_EXTRACTION_URL", url)
        assert "sk-secret" not in repr(load_settings())
    monkeypatch.setenv("WHYMOVE_EXTRACTION_URL", "http://models.example/v1")
    with pytest.raises(InvalidSettingsError, match="WHYMOVE_EXTRACTION_KEY") as caught:
        load_settings()
    assert "sk-secret" not in str(caught.value)
