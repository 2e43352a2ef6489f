"""Access tokens of an OpenID provider: JSON Web Tokens whose signature, issuer, audience and times are checked.

The algorithms are fixed here and asymmetric, never taken from the token. Keys come from the issuer's JWKS and are kept;
a `kid` that is not known makes one more look, at most one in `AGAIN_SECONDS`, whoever asks. RFC 7519, 8725, 9068.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import orjson

from api.errors import IssuerUnavailableError, UnauthenticatedError
from api.scopes import SCOPES
from ingest.trust import trusted

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_SECONDS = 30
FRESH_SECONDS = 600.0
AGAIN_SECONDS = 30.0
MOST_BYTES = 256 * 1024
MOST_TOKEN = 8192
LEAST_RSA_BITS = 2048
_SECONDS = 5.0
_TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
_CLAIMS = ["exp", "iat", "iss", "aud", "sub"]
Fetch = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whose tokens are taken, for whom they have to be, and where our scopes stand in them.

    `keys` is the address of its JWKS, None where its discovery document tells it.
    """

    issuer: str
    audience: str
    keys: str | None = None
    scope_claim: str = "scope"
    scope_prefix: str = "whymove:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who a token speaks for, and the scopes of ours that it holds."""

    subject: str
    scopes: frozenset[str]


async def fetch(url: str) -> bytes:
    """The bytes at an address, at most `MOST_BYTES`; no redirect is followed. Raises httpx.HTTPError, ValueError."""
    async with (
        httpx.AsyncClient(verify=trusted(by_environment=True), timeout=_SECONDS, follow_redirects=False) as client,
        client.stream("GET", url) as got,
    ):
        got.raise_for_status()
        content = bytearray()
        async for part in got.aiter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes")
        return bytes(content)


@dataclass(slots=True, kw_only=True)
class SigningKeys:
    """The keys of an issuer by `kid`, fetched when they are old or one is missing, one fetch at a time."""

    issuer: Issuer
    get: Fetch = fetch
    clock: Callable[[], float] = time.monotonic
    _known: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    _asked: float | None = None
    _had: float | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name, None where the issuer has none. Raises IssuerUnavailableError."""
        if kid not in self._known or self._older_than(FRESH_SECONDS, self._had):
            async with self._one:
                if kid not in self._known or self._older_than(FRESH_SECONDS, self._had):
                    await self._look()
        if not self._known:
            raise IssuerUnavailableError("the issuer of tokens does not give its keys; use an API key, or ask later")
        return self._known.get(kid)

    async def _look(self) -> None:
        if not self._older_than(AGAIN_SECONDS, self._asked):
            return
        self._asked = self.clock()
        try:
            content = orjson.loads(await self.get(await self._address()))
            self._known = _usable(content["keys"])
            self._had = self.clock()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IssuerUnavailableError):
            return  # what is known still holds: an issuer that is away for a while locks nobody out

    async def _address(self) -> str:
        if self.issuer.keys is not None:
            return self.issuer.keys
        told = orjson.loads(await self.get(f"{self.issuer.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if told["issuer"] != self.issuer.issuer:
            raise IssuerUnavailableError("the discovery document is that of another issuer")
        return str(told["jwks_uri"])

    def _older_than(self, seconds: float, since: float | None) -> bool:
        return since is None or self.clock() - since >= seconds


def _usable(keys: list[dict[str, Any]]) -> dict[str, jwt.PyJWK]:
    """The public keys that sign; what is of another kind or cannot be read is left out."""
    found = {}
    for one in keys:
        if one.get("use", "sig") != "sig" or one.get("kty") not in {"RSA", "EC", "OKP"} or "kid" not in one:
            continue
        try:
            key = jwt.PyJWK(one)
        except jwt.PyJWTError:
            continue
        long_enough = one["kty"] != "RSA" or key.key.key_size >= LEAST_RSA_BITS
        if key.algorithm_name in ALGORITHMS and long_enough:
            found[str(one["kid"])] = key
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Reads the access tokens of one issuer."""

    keys: SigningKeys

    async def read(self, token: str) -> Bearer:
        """Who a token speaks for. Raises UnauthenticatedError, IssuerUnavailableError."""
        if len(token) > MOST_TOKEN:
            raise UnauthenticatedError("the token is too long", given=True)
        try:
            head = jwt.get_unverified_header(token)
            key = await self._key_of(head)
            issuer = self.keys.issuer
            claims = jwt.decode(
                token,
                key,
                algorithms=[str(head["alg"])] if head["alg"] in ALGORITHMS else [],
                issuer=issuer.issuer,
                audience=issuer.audience,
                leeway=LEEWAY_SECONDS,
                options={"require": _CLAIMS},
            )
        except jwt.PyJWTError as error:
            raise UnauthenticatedError(f"the token is not taken: {_said(error)}", given=True) from error
        return Bearer(subject=str(claims["sub"]), scopes=self._scopes(claims))

    async def _key_of(self, head: Mapping[str, Any]) -> jwt.PyJWK:
        kind, kid = head.get("typ"), head.get("kid")
        if head.get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError("its algorithm is none of those that are allowed")
        if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES or "crit" in head:
            raise jwt.InvalidTokenError("it is no access token")
        if not isinstance(kid, str):
            raise jwt.InvalidTokenError("it names no key")
        key = await self.keys.key(kid)
        if key is None:
            raise jwt.InvalidTokenError("it is signed by a key that the issuer does not have")
        return key

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        given = claims.get(self.keys.issuer.scope_claim, "")
        names = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
        prefix = self.keys.issuer.scope_prefix
        return frozenset(scope for scope in SCOPES if f"{prefix}{scope}" in names)


def _said(error: jwt.PyJWTError) -> str:
    """Why, in words that hold nothing of the token."""
    known: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
        (jwt.ExpiredSignatureError, "it has expired"),
        (jwt.ImmatureSignatureError, "it is not yet valid"),
        (jwt.InvalidAudienceError, "it is for another audience"),
        (jwt.InvalidIssuerError, "it is of another issuer"),
        (jwt.MissingRequiredClaimError, "it lacks a claim that has to be there"),
        (jwt.InvalidSignatureError, "its signature is wrong"),
        (jwt.InvalidAlgorithmError, "its algorithm is none of those that are allowed"),
        (jwt.DecodeError, "it cannot be read"),
    )
    return next((words for kind, words in known if isinstance(error, kind)), str(error)[:100])
