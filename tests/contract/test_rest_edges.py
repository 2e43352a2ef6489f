"""The edges of the calendar are refused or answered like any other time, never a fault of ours."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from tests.fakes import FakeStore

EARLY, LATE = "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"


@pytest.mark.parametrize(
    ("path", "field"),
    [(f"/v1/claims?as_of={when}", "as_of") for when in (EARLY.replace("+", "%2B"), LATE, "9999-12-31", "9999-12-30")]
    + [
        (f"/v1/series/x/values?since={EARLY.replace('+', '%2B')}", "since"),
        (f"/v1/series/x/values?until={LATE}", "until"),
    ],
)
async def test_a_time_at_the_edge_of_the_calendar_is_refused_by_its_field(
    tmp_path: Path, path: str, field: str
) -> None:
    app = create_app(Settings(data=tmp_path, log_level="error"), FakeStore())  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
