"""API keys: how one is written, made and recognised. Where they are kept is `api/keystore.py`.

A key is `whymove_live_<id>_<secret>`. The id names it in lists and logs; the secret is 32 random bytes, of which only
a hash under the pepper of this installation is kept, so that a copy of the file lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

PREFIX = "whymove_live_"
SECRET_BYTES = 32
_FORM = re.compile(r"whymove_live_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One secret of a key: its hash, its last four characters, when it was made and until when it opens (UTC)."""

    digest: bytes
    last_four: str
    created: datetime
    ends: datetime | None

    def opens(self, now: datetime) -> bool:
        """Whether it still lets in."""
        return self.ends is None or now < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is kept: at most two of its secrets open at a time, the older until it ends."""

    id: str
    name: str
    scopes: frozenset[str]
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None
    secrets: tuple[Secret, ...] = ()

    def state(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"

    def shown(self) -> tuple[str, ...]:
        """Its secrets as they may be shown: the prefix and the last four characters."""
        return tuple(f"{PREFIX}{self.id}_...{secret.last_four}" for secret in self.secrets)

    def opened_by(self, digest: bytes, now: datetime) -> bool:
        """Whether a secret with this hash lets in; every secret is compared, in constant time."""
        found = False
        for secret in self.secrets:
            same = hmac.compare_digest(secret.digest, digest)
            found = found or (same and secret.opens(now))
        return found and self.state(now) == "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A key as a caller gave it: which key it says to be, and the secret that has to prove it."""

    id: str
    secret: str


def read_key(text: str) -> Given | None:
    """The parts of a key; None where the text has not the form of one."""
    found = _FORM.fullmatch(text)
    return None if found is None else Given(id=found[1], secret=found[2])


def new_id() -> str:
    """An id that no other key has (48 random bits)."""
    return secrets.token_hex(6)


def new_secret() -> str:
    """32 random bytes as 43 characters."""
    return urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode("ascii")


def key_text(key_id: str, secret: str) -> str:
    """The key as its holder keeps it; it is shown once."""
    return f"{PREFIX}{key_id}_{secret}"


def digest_of(pepper: bytes, key_id: str, secret: str) -> bytes:
    """HMAC-SHA-256 of id and secret under the pepper (RFC 2104): 32 bytes.

    The secret has 256 random bits, so that no slow hash is needed to keep it from being guessed.
    """
    return hmac.new(pepper, f"{key_id}:{secret}".encode("ascii"), hashlib.sha256).digest()
