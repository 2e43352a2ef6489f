"""The service over a graph in memory, where callers have to be known, and clients of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.keystore import KeyStore
from api.problems import MEDIA_TYPE
from api.schemas import ProblemBody
from api.settings import Settings
from tests.fakes import FakeStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A service that asks who asks: its client, its keys, its settings."""

    http: httpx.AsyncClient
    app: FastAPI
    keys: KeyStore
    data: Path

    def key(self, *scopes: str) -> dict[str, str]:
        """The header of a new key with these scopes."""
        return bearer(self.keys.create("test", scopes)[1])

    def audit(self) -> list[dict[str, Any]]:
        """The lines of the audit, after all that was told to it is written."""
        audit = self.app.state.door.audit
        audit.close()
        return [json.loads(line) for line in audit.file.read_bytes().splitlines()] if audit.file.exists() else []


def bearer(text: str) -> dict[str, str]:
    """The header with a key or token."""
    return {"Authorization": f"Bearer {text}"}


@asynccontextmanager
async def guarded(
    data: Path, store: FakeStore | None = None, analysts: Any = None, **settings: Any
) -> AsyncIterator[Guarded]:
    """A service whose callers have to be known."""
    app = create_app(
        Settings(data=data, auth="required", log_level="error", **settings),
        store or FakeStore(),  # type: ignore[arg-type]  # a graph in memory
        analysts,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield Guarded(http=http, app=app, keys=KeyStore(data), data=data)


def refused(answer: httpx.Response, status: int, code: str) -> ProblemBody:
    """The problem of a request that fails so."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = ProblemBody.model_validate_json(answer.content)
    assert body.code == code
    assert body.request_id == answer.headers["x-request-id"]
    return body
