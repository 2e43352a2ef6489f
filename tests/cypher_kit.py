"""A small graph of known content, and the service over it, for the tests of analysts' Cypher."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from graph.analysts import Analysts
from graph.endpoint import Endpoint
from graph.model import Batch, Link, Node
from graph.server import Running
from graph.store import open_store
from graph.watchdog import Watchdog
from tests.conftest import clear

KNOWN = datetime(2020, 1, 2, 20, tzinfo=UTC)
RECORDED = datetime(2020, 2, 1, tzinfo=UTC)
READINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One server: how the product reaches it, and how analysts do."""

    service: Endpoint
    analyst: Endpoint


def an_instrument(name: str) -> Node:
    return Node(label="Instrument", id=name, sort="Etf", properties={"kind": "ETF", "name": name.upper()})


def a_reading(number: int) -> Node:
    given = {
        "value": float(number),
        "unit": "percent",
        "statement": f"it was {number}",
        "trade_date": date(2020, 1, 2),
        "known_at": KNOWN,
        "known_at_precision": "day",
    }
    return Node(label="Observation", id=f"c:{number}", properties=given)  # type: ignore[arg-type]  # values of a test


BATCH = Batch(
    nodes=(
        an_instrument("ibit"),
        an_instrument("fbtc"),
        Node(label="Actor", id="park", properties={"kind": "firm", "name": "=Park"}),
        *(a_reading(number) for number in range(READINGS)),
    ),
    links=(
        *(
            Link(type="ABOUT", from_label="Observation", from_id=f"c:{n}", to_label="Instrument", to_id="ibit")
            for n in range(READINGS)
        ),
        Link(type="HAS_INTEREST_IN", from_label="Actor", from_id="park", to_label="Instrument", to_id="ibit"),
    ),
)


async def fill(service: Endpoint) -> None:
    """Put the small graph into an empty server."""
    store = open_store(service, clock=lambda: RECORDED)
    await store.create_schema()
    await store.upsert(BATCH)
    await store.close()


@asynccontextmanager
async def serving(reach: Reach, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service over a server, asked in this process."""
    store = open_store(reach.service)
    analysts = Analysts(reach.analyst, Watchdog(reach.service))
    app = create_app(Settings(data=folder, log_level="info"), store, analysts)
    try:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
                yield client
    finally:
        await analysts.close()
        await store.close()


def reached(request: pytest.FixtureRequest) -> Reach:
    """The server that a fixture's parameter names (`embedded` or `neo4j`), its graph emptied."""
    if request.param == "embedded":
        running: Running = request.getfixturevalue("embedded")
        found = Reach(service=running.service, analyst=running.analyst)
    else:
        endpoint: Endpoint = request.getfixturevalue("neo4j_endpoint")
        found = Reach(service=endpoint, analyst=endpoint)
    clear(found.service)
    return found
