"""Traces: none unless they are asked for, and then one a request, with the caller's trace carried on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.app import create_app
from api.settings import Settings
from api.telemetry import trace, trace_to
from tests.fakes import FakeStore

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_a_request_is_one_span_of_the_trace_that_it_came_with(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, log_level="error"), FakeStore())  # type: ignore[arg-type]
    exporter = InMemorySpanExporter()
    app.state.traces = trace_to(app, exporter)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        await client.get("/v1/observations/x?as_of=2020-02-29", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        await client.get("/healthz")
        app.state.traces.force_flush()
    (span,) = [one for one in exporter.get_finished_spans() if one.parent is not None and one.parent.is_remote]
    assert f"{span.context.trace_id:032x}" == TRACE
    assert span.name == "GET /v1/observations/{id}"
    assert span.attributes is not None
    assert span.attributes["http.status_code"] == 404
    assert span.resource.attributes["service.name"] == "whymove"
    assert not [one for one in exporter.get_finished_spans() if "healthz" in one.name]
    told = [one.to_json() for one in exporter.get_finished_spans()]
    assert told
    assert not [one for one in told if "2020-02-29" in one or "as_of" in one]
    assert any("/v1/observations/x" in one for one in told)


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys; from api.app import create_app; from api.settings import Settings; create_app(Settings())\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_an_address_that_does_not_answer_fails_no_request(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, log_level="error"), FakeStore())  # type: ignore[arg-type]
    app.state.traces = trace(app, "http://127.0.0.1:1/v1/traces")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/problems/overloaded")).status_code == 200


@pytest.mark.parametrize("address", ["collector:4318", "ftp://collector"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="give an http"):
        Settings(telemetry=address)
