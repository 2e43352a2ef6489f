"""Every command that weighs, compares or lists templates takes a user's own into account, as `explain` does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from api.cli import main
from api.schemas_templates import TEMPLATE_EXAMPLES
from tests.unit.api.test_cli import refused

OWN = TEMPLATE_EXAMPLES["leaving an index"]["value"]
ON = ("btcusd", "--on", "2026-02-05")
COMMANDS = (
    ("explain", *ON),
    ("timeline", "btcusd", "2026-02-05"),
    ("readings", *ON),
    ("precedents", "2026-02-05-bitcoin-flash-crash"),
    ("checks", "2026-02-05-bitcoin-flash-crash"),
    ("fit", "--move", "down"),
    ("templates",),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of own templates, and no graph that could be asked."""
    monkeypatch.setenv("WHYMOVE_TEMPLATES", str(tmp_path))
    monkeypatch.setenv("WHYMOVE_GRAPH_URL", "bolt://127.0.0.1:1")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: str(one[0]))
def test_a_broken_own_template_is_named_before_anything_is_asked(
    command: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "X02.yaml").write_text("id: X02\ntitle: 7\n", encoding="utf-8")
    assert "X02.yaml" in refused(capsys, *command)


def test_an_own_template_is_listed_and_fitted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "X01.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    for command in (("templates",), ("templates", "X01"), ("fit", "--move", "down")):
        assert main(command) == 0
        assert OWN["title"].split()[0] in capsys.readouterr().out.partition("X01")[2]
