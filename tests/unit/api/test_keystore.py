"""API keys: their form, what is kept of them, how long each secret opens, and the file that several processes use."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.errors import InvalidApiKeyError, UnknownResourceError
from api.keys import SECRET_BYTES, digest_of, read_key
from api.keystore import FILE, FOLDER, KeyStore

NOW = datetime(2026, 2, 5, 21, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> KeyStore:
    return KeyStore(tmp_path, clock=clock)


def opens(store: KeyStore, text: str, now: datetime) -> bool:
    given = read_key(text)
    assert given is not None
    key = store.find(given.id)
    return key is not None and key.opened_by(digest_of(store.pepper(), given.id, given.secret), now)


def test_a_key_has_its_form_and_opens(store: KeyStore) -> None:
    key, text = store.create("alice", ["read", "cypher"])
    given = read_key(text)
    assert given is not None
    assert text == f"whymove_live_{key.id}_{given.secret}"
    assert len(given.secret) == -(-SECRET_BYTES * 8 // 6)
    assert opens(store, text, NOW)
    assert not opens(store, text[:-1] + ("A" if text[-1] != "A" else "B"), NOW)


@pytest.mark.parametrize(
    "text", ["", "whymove_live_", "whymove_live_00_x", "Whymove_live_" + "0" * 12 + "_" + "a" * 43]
)
def test_what_has_not_the_form_of_a_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_no_secret_is_kept(store: KeyStore, tmp_path: Path) -> None:
    key, text = store.create("alice", ["read"])
    given = read_key(text)
    assert given is not None
    kept = b"".join(file.read_bytes() for file in (tmp_path / FOLDER).iterdir())
    assert given.secret.encode() not in kept
    assert key.shown() == (f"whymove_live_{key.id}_...{text[-4:]}",)


def test_the_hash_depends_on_the_pepper_of_the_installation(tmp_path: Path) -> None:
    one, other = KeyStore(tmp_path / "one"), KeyStore(tmp_path / "other")
    assert one.pepper() != other.pepper()
    assert KeyStore(tmp_path / "one").pepper() == one.pepper()


def test_the_files_are_for_their_owner_alone(store: KeyStore, tmp_path: Path) -> None:
    store.create("alice", ["read"])
    folder = tmp_path / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_key_ends_when_it_expires(store: KeyStore) -> None:
    _, text = store.create("alice", ["read"], expires=NOW + timedelta(days=1))
    assert opens(store, text, NOW + timedelta(hours=23))
    assert not opens(store, text, NOW + timedelta(hours=24))


def test_after_a_rotation_two_secrets_open_until_the_older_one_ends(store: KeyStore, clock: Clock) -> None:
    key, first = store.create("alice", ["read"])
    clock.now += timedelta(seconds=1)
    _, second = store.rotate(key.id, overlap=timedelta(hours=2))
    assert opens(store, first, clock.now)
    assert opens(store, second, clock.now)
    assert not opens(store, first, clock.now + timedelta(hours=2))
    assert opens(store, second, clock.now + timedelta(hours=2))


def test_a_third_secret_ends_the_first_at_once(store: KeyStore, clock: Clock) -> None:
    key, first = store.create("alice", ["read"])
    clock.now += timedelta(seconds=1)
    _, second = store.rotate(key.id)
    clock.now += timedelta(seconds=1)
    rotated, third = store.rotate(key.id)
    assert [opens(store, text, clock.now) for text in (first, second, third)] == [False, True, True]
    assert len(rotated.secrets) == 2


def test_a_revoked_key_opens_no_more_and_stays_listed(store: KeyStore) -> None:
    key, text = store.create("alice", ["read"])
    store.revoke(key.id)
    assert not opens(store, text, NOW)
    (listed,) = store.list()
    assert listed.state(NOW) == "revoked"
    with pytest.raises(InvalidApiKeyError, match="is revoked"):
        store.rotate(key.id)


def test_the_last_use_is_noted(store: KeyStore, clock: Clock) -> None:
    key, _ = store.create("alice", ["read"])
    clock.now += timedelta(hours=1)
    store.touch(key.id)
    found = store.find(key.id)
    assert found is not None
    assert found.last_used == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "scopes", "expires", "field"),
    [
        ("", ["read"], None, "name"),
        ("a\nb", ["read"], None, "name"),
        ("a", [], None, "scope"),
        ("a", ["write"], None, "scope"),
        ("a", ["read"], NOW, "expires"),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_nothing_is_kept(
    store: KeyStore, tmp_path: Path, name: str, scopes: list[str], expires: datetime | None, field: str
) -> None:
    with pytest.raises(InvalidApiKeyError) as caught:
        store.create(name, scopes, expires=expires)
    assert caught.value.field == field
    assert not (tmp_path / FOLDER / FILE).exists()


def test_an_unknown_key_is_named(store: KeyStore) -> None:
    with pytest.raises(UnknownResourceError, match="unknown key 'nobody'"):
        store.revoke("nobody")


def test_processes_that_make_keys_at_once_lose_none(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from api.keystore import KeyStore\n"
        "for n in range(10): KeyStore(Path(sys.argv[1])).create(f'{sys.argv[2]}-{n}', ['read'])"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("a", "b", "c")]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    keys = KeyStore(tmp_path).list()
    assert sorted(key.name for key in keys) == sorted(f"{who}-{n}" for who in "abc" for n in range(10))
