"""A server that stalls and comes back, on both servers: whoever asked it is told, and the next one is answered."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from graph import store as graph_store
from graph.endpoint import Endpoint
from graph.errors import GraphError
from graph.model import Batch, Limits, Node
from graph.store import GraphReader, GraphStore, open_store
from graph.watchdog import Watchdog
from tests.stalling import a_way_to

STALLS = 4  # more than there are connections


async def test_a_watchdog_is_not_blind_after_stalls(endpoint: Endpoint) -> None:
    async with a_way_to(endpoint) as (way, here):
        watchdog = Watchdog(here)
        try:
            assert await watchdog.answers()
            for _ in range(STALLS):
                way.stall()
                assert not await watchdog.answers()
                assert await watchdog.terminate("nothing has this name") == 0
                way.go_on()
                assert any([await watchdog.answers() for _ in range(5)])
        finally:
            await watchdog.close()


async def test_a_watchdog_whose_caller_goes_is_not_blind(endpoint: Endpoint) -> None:
    async with a_way_to(endpoint) as (way, here):
        watchdog = Watchdog(here)
        try:
            for _ in range(STALLS):
                way.stall()
                asking = asyncio.create_task(watchdog.terminate("nothing has this name"))
                await asyncio.sleep(0.05)
                asking.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asking
                way.go_on()
                assert any([await watchdog.answers() for _ in range(5)])
        finally:
            await watchdog.close()


@pytest.mark.parametrize("pause", [0.05, 0.5])
async def test_readers_who_go_take_no_connection_along(
    store: GraphStore, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(graph_store, "_LIVENESS_SECONDS", 0.0)  # each connection is looked at before it is used again
    async with a_way_to(endpoint) as (way, here):
        reader = GraphReader(here, pool=2)
        try:
            await reader.ping()
            for _ in range(STALLS):
                way.stall()
                asking = asyncio.create_task(reader.read("RETURN 1 AS one"))
                await asyncio.sleep(pause)
                asking.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asking
                way.go_on()
                found = await reader.read("RETURN 1 AS one", limits=Limits(rows=1, seconds=20))
                assert found.rows == ((1,),)
        finally:
            await reader.close()


async def test_a_writer_who_goes_takes_no_connection_along_and_writes_nothing(
    store: GraphStore, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_store, "_LIVENESS_SECONDS", 0.0)
    monkeypatch.setattr(graph_store, "SERVICE_POOL", 2)
    node = Node(label="Instrument", id="ibit", sort="Etf", properties={"kind": "ETF", "name": "ibit"})
    async with a_way_to(endpoint) as (way, here):
        writer = open_store(here)
        try:
            for _ in range(STALLS):
                await writer.ping()
                way.stall()
                writing = asyncio.create_task(writer.upsert(Batch(nodes=(node,), links=())))
                await asyncio.sleep(0.05)
                writing.cancel()
                with contextlib.suppress(asyncio.CancelledError, GraphError):
                    await writing
                assert (await store.read("MATCH (n:Instrument) RETURN count(n) AS n")).rows == ((0,),)
                way.go_on()
            written = await writer.upsert(Batch(nodes=(node,), links=()))
            assert written.created == 1
        finally:
            await writer.close()
