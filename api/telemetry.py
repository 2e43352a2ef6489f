"""Traces by OpenTelemetry, only where an address is set to which they go (extra `telemetry`); else nothing is loaded.

W3C `traceparent` comes in and is carried on by the instrumentation of the framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import Scope

from api.errors import InvalidSettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

_QUIET = "healthz,readyz,metrics"
_ADDRESSES = frozenset({"http.url", "http.target", "url.full"})  # by the older and newer conventions
_QUERY = "url.query"


def trace(app: FastAPI, address: str) -> TracerProvider:
    """Send a trace of every request to an OTLP/HTTP address. Raises InvalidSettingsError without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise InvalidSettingsError(
            "WHYMOVE_TELEMETRY", "traces need the extra `telemetry`; install it, or unset the variable"
        ) from error
    return trace_to(app, OTLPSpanExporter(endpoint=address))


def trace_to(app: FastAPI, exporter: SpanExporter) -> TracerProvider:
    """Give a trace of every request to an exporter, in batches; the provider has to be shut down at the end."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "whymove"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    FastAPIInstrumentor.instrument_app(
        app,
        server_request_hook=_without_query,
        tracer_provider=provider,
        excluded_urls=_QUIET,
        exclude_spans=["receive", "send"],
    )
    return provider


def _without_query(span: Span, _: Scope) -> None:
    """Take the query string off a span, as its values may be private."""
    told: Mapping[str, object] = getattr(span, "attributes", None) or {}
    for name in _ADDRESSES & told.keys():
        span.set_attribute(name, str(told[name]).partition("?")[0])
    if _QUERY in told:
        span.set_attribute(_QUERY, "")


def close_traces(app: FastAPI) -> None:
    """Send what is still to be sent (seconds at most); nothing where there are no traces."""
    provider: TracerProvider | None = app.state.traces
    if provider is not None:
        provider.shutdown()
