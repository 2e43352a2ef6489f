"""Whom all clients of a process trust: made once, as reading the certificates of the authorities takes long."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted(*, by_environment: bool = False) -> ssl.SSLContext:
    """The authorities that come with the HTTP client; those of SSL_CERT_FILE or SSL_CERT_DIR where these may say so."""
    return httpx.create_ssl_context(trust_env=by_environment)
