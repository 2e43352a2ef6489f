"""Where nobody is asked who they are, only requests to names of this machine are served."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from tests.e2e.rest_kit import refused
from tests.fakes import FakeStore

PAGE = "/problems/overloaded"


def served(tmp_path: Path, **settings: str) -> httpx.AsyncClient:
    """A client of an application that listens on a loopback address."""
    app = create_app(Settings(data=tmp_path, log_level="error", **settings), FakeStore())  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST.",
        "me.localhost:1",
        "127.0.0.1:8000",
        "127.8.8.8",
        "[::1]:8000",
        "box:80",
    ],
)
async def test_names_of_this_machine_are_served(tmp_path: Path, host: str) -> None:
    async with served(tmp_path, host="box") as client:
        assert (await client.get(PAGE, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "[::2]",
        "",
        "[",
        "a@b",
    ],
)
async def test_any_other_name_is_refused_and_told_what_to_do(tmp_path: Path, host: str) -> None:
    async with served(tmp_path) as client:
        for path in (PAGE, "/v1/templates", "/healthz"):
            problem = refused(await client.get(path, headers={"Host": host}), 421, "misdirected_request")
            assert "ask at localhost" in problem["detail"]
            assert problem["request_id"]


async def test_where_callers_are_asked_any_name_will_do(tmp_path: Path) -> None:
    async with served(tmp_path, auth="required") as client:
        assert (await client.get(PAGE, headers={"Host": "whymove.example"})).status_code == 200
        assert (await client.get("/v1/templates", headers={"Host": "whymove.example"})).status_code == 401
