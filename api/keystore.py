"""Keeps API keys in one SQLite file of the data folder, readable by its owner alone, for any number of processes.

SQLite serialises those who write and leaves the file whole when one of them dies; the command and a running service
use the same file, so that a key works, or no longer works, within a second and without a restart.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.errors import InvalidApiKeyError, UnknownResourceError
from api.keys import ApiKey, Secret, digest_of, key_text, new_id, new_secret
from api.scopes import SCOPES
from graph.exclusive import exclusive

FOLDER, FILE, PEPPER = "keys", "keys.sqlite", "pepper"
OVERLAP = timedelta(hours=24)
MOST_SECRETS = 2
_WAIT_SECONDS = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS key (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, created TEXT NOT NULL,
  expires TEXT, revoked TEXT, last_used TEXT);
CREATE TABLE IF NOT EXISTS secret (
  key_id TEXT NOT NULL REFERENCES key (id), digest BLOB NOT NULL, last_four TEXT NOT NULL,
  created TEXT NOT NULL, ends TEXT);
CREATE INDEX IF NOT EXISTS secret_of_key ON secret (key_id);
"""
_COLUMNS = "id, name, scopes, created, expires, revoked, last_used"


def _now() -> datetime:
    return datetime.now(UTC)


class KeyStore:
    """The keys of a data folder. Every call opens the file and closes it; call it in a thread where that matters."""

    def __init__(self, data: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self._folder = data / FOLDER
        self._clock = clock
        self._pepper: bytes | None = None

    def create(self, name: str, scopes: Iterable[str], *, expires: datetime | None = None) -> tuple[ApiKey, str]:
        """A new key and its text, which is given this once. Raises InvalidApiKeyError."""
        wanted, now = frozenset(scopes), self._clock()
        self._check(name, wanted, expires)
        key = ApiKey(id=new_id(), name=name, scopes=wanted, created=now, expires=expires, revoked=None, last_used=None)
        secret, text = self._made(key.id)
        with self._open() as file:
            row = (key.id, key.name, " ".join(sorted(wanted)), _written(now), _written(expires))
            file.execute("INSERT INTO key (id, name, scopes, created, expires) VALUES (?, ?, ?, ?, ?)", row)
            _add_secret(file, key.id, secret)
        return replace(key, secrets=(secret,)), text

    def list(self) -> tuple[ApiKey, ...]:
        """All keys, those that are no longer active included, the oldest first."""
        if not (self._folder / FILE).exists():
            return ()
        with self._open(read=True) as file:
            rows = file.execute(f"SELECT {_COLUMNS} FROM key ORDER BY created, id").fetchall()
            return tuple(_key(row, _secrets(file, row[0])) for row in rows)

    def find(self, key_id: str) -> ApiKey | None:
        """The key of an id, None where there is none."""
        if not (self._folder / FILE).exists():
            return None
        with self._open(read=True) as file:
            row = file.execute(f"SELECT {_COLUMNS} FROM key WHERE id = ?", (key_id,)).fetchone()
            return None if row is None else _key(row, _secrets(file, key_id))

    def rotate(self, key_id: str, *, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
        """A second secret for a key; the one before it opens for `overlap` more, one still older no longer.

        Raises UnknownResourceError, InvalidApiKeyError where the key is not active.
        """
        key, now = self._active(key_id), self._clock()
        secret, text = self._made(key_id)
        with self._open() as file:
            newest = max(key.secrets, key=lambda one: one.created)
            file.execute("DELETE FROM secret WHERE key_id = ? AND digest <> ?", (key_id, newest.digest))
            file.execute("UPDATE secret SET ends = ? WHERE key_id = ?", (_written(now + overlap), key_id))
            _add_secret(file, key_id, secret)
            return replace(key, secrets=_secrets(file, key_id)), text

    def revoke(self, key_id: str) -> ApiKey:
        """End a key at once. Raises UnknownResourceError, InvalidApiKeyError where it has ended before."""
        key, now = self._active(key_id, expired_too=True), self._clock()
        with self._open() as file:
            file.execute("UPDATE key SET revoked = ? WHERE id = ?", (_written(now), key_id))
            file.execute("DELETE FROM secret WHERE key_id = ?", (key_id,))
        return replace(key, revoked=now, secrets=())

    def touch(self, key_id: str) -> None:
        """Note that a key has been used now."""
        with self._open() as file:
            file.execute("UPDATE key SET last_used = ? WHERE id = ?", (_written(self._clock()), key_id))

    def pepper(self) -> bytes:
        """The 32 bytes under which secrets are hashed; made the first time."""
        if self._pepper is None:
            self._prepare()
            with exclusive(self._folder / f"{PEPPER}.lock"):
                file = self._folder / PEPPER
                if not file.exists():
                    _write_whole(file, os.urandom(32))
                self._pepper = file.read_bytes()
        return self._pepper

    def _made(self, key_id: str) -> tuple[Secret, str]:
        text = new_secret()
        digest = digest_of(self.pepper(), key_id, text)
        return Secret(digest=digest, last_four=text[-4:], created=self._clock(), ends=None), key_text(key_id, text)

    def _check(self, name: str, scopes: frozenset[str], expires: datetime | None) -> None:
        if not name or len(name) > 80 or not name.isprintable():
            raise InvalidApiKeyError("name", "give one of 1 to 80 printable characters")
        if not scopes or (unknown := sorted(scopes - set(SCOPES))):
            said = "none is given" if not scopes else f"{unknown[0]!r} is none"
            raise InvalidApiKeyError("scope", f"{said}; there are {', '.join(SCOPES)}")
        if expires is not None and expires <= self._clock():
            raise InvalidApiKeyError("expires", "lies in the past; give a time to come")

    def _active(self, key_id: str, *, expired_too: bool = False) -> ApiKey:
        key = self.find(key_id)
        if key is None:
            raise UnknownResourceError("key", key_id, tuple(one.id for one in self.list())[-5:])
        state = key.state(self._clock())
        if state == "revoked" or (state == "expired" and not expired_too):
            raise InvalidApiKeyError("key", f"{key_id} is {state}; make another one (whymove keys create)")
        return key

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)

    @contextmanager
    def _open(self, *, read: bool = False) -> Iterator[sqlite3.Connection]:
        """The file in one transaction, committed at the end or left as it was."""
        self._prepare()
        path = self._folder / FILE
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as file:
            file.execute("PRAGMA secure_delete = ON")
            file.executescript(_TABLES)
            file.execute("BEGIN" if read else "BEGIN IMMEDIATE")
            try:
                yield file
            except BaseException:
                file.execute("ROLLBACK")
                raise
            file.execute("COMMIT")


def _write_whole(file: Path, content: bytes) -> None:
    """Write a new file for its owner alone, whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(file)


def _add_secret(file: sqlite3.Connection, key_id: str, secret: Secret) -> None:
    row = (key_id, secret.digest, secret.last_four, _written(secret.created), _written(secret.ends))
    file.execute("INSERT INTO secret (key_id, digest, last_four, created, ends) VALUES (?, ?, ?, ?, ?)", row)


def _secrets(file: sqlite3.Connection, key_id: str) -> tuple[Secret, ...]:
    query = "SELECT digest, last_four, created, ends FROM secret WHERE key_id = ? ORDER BY created"
    rows = file.execute(query, (key_id,)).fetchall()
    return tuple(
        Secret(digest=digest, last_four=last, created=datetime.fromisoformat(created), ends=_read(ends))
        for digest, last, created, ends in rows
    )


def _key(row: Sequence[str], secrets: tuple[Secret, ...]) -> ApiKey:
    key_id, name, scopes, created, expires, revoked, last_used = row
    return ApiKey(
        id=key_id,
        name=name,
        scopes=frozenset(scopes.split()),
        created=datetime.fromisoformat(created),
        expires=_read(expires),
        revoked=_read(revoked),
        last_used=_read(last_used),
        secrets=secrets,
    )


def _written(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
