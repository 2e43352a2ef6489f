"""A small OpenID provider on loopback, for tests: gives its discovery document and keys, and signs what it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "https://whymove.test"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Provider:
    """Its keys by `kid`; `asked` counts how often the keys were fetched."""

    def __init__(self) -> None:
        self.keys: dict[str, Private] = {"k1": rsa_key()}
        self.asked = 0
        self.up = True
        self.url = ""
        self.claimed_issuer: str | None = None

    def token(self, kid: str = "k1", *, key: Any = None, algorithm: str = "RS256", **changes: Any) -> str:
        """A token that is right but for `changes`; a claim that is None is left out."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "desk-7",
            "iat": now,
            "exp": now + 300,
            "scope": "openid whymove:read whymove:cypher admin",
        }
        headers = {"kid": kid} | changes.pop("headers", {})
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, self.keys[kid] if key is None else key, algorithm=algorithm, headers=headers)

    def documents(self) -> dict[str, dict[str, Any]]:
        """What it serves."""
        jwks = [described(kid, key) for kid, key in self.keys.items()]
        # what stands beside keys that sign, in the sets of real providers
        jwks += [{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}, {"kty": "RSA", "kid": "broken", "n": "?", "e": "?"}]
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.claimed_issuer or self.url,
                "jwks_uri": f"{self.url}/keys",
            },
            "/keys": {"keys": jwks},
        }


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def described(kid: str, key: Private) -> dict[str, Any]:
    """The public half of a key as a JWK."""
    kind: Any = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    found: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return found | {"kid": kid, "use": "sig"}


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider while the block runs."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += self.path == "/keys"
            found = provider.documents().get(self.path) if provider.up else None
            self.send_response(503 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
