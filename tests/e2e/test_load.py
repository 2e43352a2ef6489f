"""A small load and floods against `whymove serve`: all is answered, and what is refused says when to come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.server import Running
from graph.store import open_store
from tests.benchmarks.served import Served, serving, settings_of
from tests.bundled_graph import fill
from tests.conftest import clear
from tests.load.overload import Flood, flood_of_queries, flood_of_reads
from tests.load.steady import as_fast_as_taken, at_a_rate
from tests.load.traffic import drawn, mixed

CONNECTIONS, COUNT = 4, 150
MOST = 32  # requests served at once, so that a small flood is one
QUERIES = 24  # of which 12 run and wait


@pytest.fixture
async def served(embedded: Running, tmp_path: Path) -> AsyncIterator[Served]:
    clear(embedded.service)
    store = open_store(embedded.service)
    await store.create_schema()
    await fill(store)
    await store.close()
    async with serving(settings_of(embedded.service, tmp_path, max_requests=str(MOST))) as ready:
        yield ready


def refused(found: Flood, refusal: int) -> None:
    """Some of a flood was refused, with a time to come back, and health was green whenever it was asked."""
    assert set(found.statuses) <= {200, 422, refusal}, found.statuses
    assert found.statuses[refusal] > 0
    assert found.speechless == 0
    assert set(found.health) == {200}


async def test_mixed_traffic_is_answered_whole_and_floods_are_refused_politely(served: Served) -> None:
    kinds = await mixed(served.port)
    seen = await as_fast_as_taken(served.port, drawn(kinds, 1), count=COUNT, connections=CONNECTIONS)
    assert seen.statuses == {200: COUNT}
    steady = await at_a_rate(served.port, drawn(kinds, 2), rate=5.0, seconds=4.0, memory=lambda: served.usage().bytes)
    assert (set(steady.statuses), steady.broken) == ({200}, 0)
    assert steady.count > 0
    assert all(size > 0 for _, size in steady.memory)
    refused(await flood_of_reads(served.port, 4 * MOST), 503)
    refused(await flood_of_queries(served.port, QUERIES), 429)
    after = await as_fast_as_taken(served.port, drawn(kinds, 3), count=50, connections=CONNECTIONS)
    assert after.statuses == {200: 50}
