"""Runs of sources, on both servers: whole or nothing, once whatever happens, resumable, and traceable to bytes."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from graph.endpoint import Endpoint
from graph.store import GraphStore, open_store
from ingest.connecting import Client, Fetched, Window
from ingest.errors import (
    RunCancelledError,
    RunInUseError,
    RunLedgerError,
    ShortRunError,
    SourceBlockedError,
    SourceUnavailableError,
)
from ingest.ledger import RunLedger
from ingest.payloads import PayloadStore
from ingest.running import Progress, run_source
from ingest.sourceformat import SourceFile
from ingest.sources import load_connector
from tests.conftest import clear
from tests.connector_kit import BLOCKED, HANGS_UP, Asked, Reply, busy, playing, reach
from tests.ingest_kit import START, Observations, a_run, hashes, made_source, means_in

DAY = 86_400
FIRST = 1_767_225_600  # 2026-01-01
ALL = Window(since=START, until=START + timedelta(days=10), symbols=())


def candles(asked: Asked) -> Reply:
    """Forty daily candles of 2026, whoever asks."""
    rows = [[FIRST + n * DAY, 90, 110, 100, 100 + n, 5] for n in range(40)]
    return Reply(body=orjson.dumps(rows[::-1]))


async def test_a_source_is_fetched_checked_and_stored(store: GraphStore, tmp_path: Path) -> None:
    async with playing(candles) as endpoint:
        means = means_in(tmp_path, store, reach=reach())
        source = endpoint.source("coinbase")
        done = await run_source(a_run(means, source), source, load_connector("coinbase"), means)
    assert (done.state, done.phase, done.fetched, done.stored) == ("succeeded", "done", 2, 2)
    assert done.counters["values new"] == 4 * 40
    extent = means.series.extent("btcusd.price_level.coinbase_daily")
    assert extent is not None
    assert extent.count == 40
    rows = (await store.read("MATCH (s:Series {provider: 'coinbase'})-[:ABOUT]->(i) RETURN s.count, i.id")).rows
    assert sorted(rows) == [(40, "btcusd"), (40, "btcusd"), (40, "ethusd"), (40, "ethusd")]
    used = (await store.read("MATCH (r:IngestRun)-[:USED]->(p:Payload) RETURN count(p)")).rows
    assert used == ((2,),)


async def test_fetching_and_parsing_again_changes_nothing(store: GraphStore, tmp_path: Path) -> None:
    async with playing(candles) as endpoint:
        means = means_in(tmp_path, store, reach=reach())
        source, connector = endpoint.source("coinbase"), load_connector("coinbase")
        await run_source(a_run(means, source), source, connector, means)
        before = await hashes(means)
        again = await run_source(a_run(means, source), source, connector, means)
        asked = len(endpoint.asked)
    assert again.counters["points"] == 4 * 40
    assert again.counters.get("values new", 0) == 0
    assert await hashes(means) == before
    window = again.window
    parsed = means.ledger.add("coinbase", "reparse", window, means.payloads.ids("coinbase"))
    await run_source(parsed, source, connector, means)
    assert await hashes(means) == before
    assert len(endpoint.asked) == asked


async def test_a_run_that_falls_short_stores_nothing_and_asks_again(store: GraphStore, tmp_path: Path) -> None:
    full = False

    def answer(asked: Asked) -> Reply:
        return candles(asked) if full else Reply(body=b"[]")

    async with playing(answer) as endpoint:
        means = means_in(tmp_path, store, reach=reach())
        source, connector = endpoint.source("coinbase"), load_connector("coinbase")
        run = a_run(means, source)
        with pytest.raises(ShortRunError, match=r"at least 2 are expected.*nothing was stored"):
            await run_source(run, source, connector, means)
        assert means.ledger.get(run.id).state == "failed"
        assert means.series.names() == ()
        assert (await store.read("MATCH (n) RETURN count(n)")).rows == ((0,),)
        full = True
        assert (await run_source(means.ledger.get(run.id), source, connector, means)).state == "succeeded"


async def test_values_outside_their_range_store_nothing(store: GraphStore, tmp_path: Path) -> None:
    async with playing(
        lambda _: Reply(body=orjson.dumps([[FIRST + n * DAY, 1, 1, 1, -5, 5] for n in range(40)]))
    ) as at:
        means = means_in(tmp_path, store, reach=reach())
        source = at.source("coinbase")
        with pytest.raises(ShortRunError, match=r"is -5 at 2026-.*outside of 0.01"):
            await run_source(a_run(means, source), source, load_connector("coinbase"), means)
    assert means.series.names() == ()


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ([HANGS_UP] * 3, SourceUnavailableError),
        ([BLOCKED], SourceBlockedError),
        ([busy("9999")], SourceUnavailableError),
    ],
    ids=["drops", "blocked", "asked to wait"],
)
async def test_a_fault_ends_in_a_named_state_and_the_run_is_resumed(
    store: GraphStore, tmp_path: Path, faults: list[Reply], error: type[Exception]
) -> None:
    async with playing(candles) as endpoint:
        means = means_in(tmp_path, store, reach=reach())
        source, connector = endpoint.source("coinbase"), load_connector("coinbase")
        run = a_run(means, source, days=400)  # two requests a symbol: the fault comes in the middle
        seen = 0

        def tell(progress: Progress) -> None:
            nonlocal seen
            seen += 1
            if seen == 1:
                endpoint.faults.extend(faults)

        with pytest.raises(error):
            await run_source(run, source, connector, replace(means, tell=tell))
        failed = means.ledger.get(run.id)
        assert failed.state == "failed"
        assert failed.error is not None
        assert error.__name__.removesuffix("Error") in failed.error or "Again" in failed.error
        assert failed.fetched == 1
        short = source.model_copy(update={"expectations": source.expectations.model_copy(update={"newest": None})})
        done = await run_source(failed, short, connector, means)
    assert (done.state, done.attempts, done.fetched) == ("succeeded", 2, 4)


async def test_a_cancelled_run_keeps_what_it_has_and_is_carried_on(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store)
    source, connector = made_source(), Observations(means.payloads, count=1_000)
    run = a_run(means, source)

    def tell(progress: Progress) -> None:
        if (progress.phase, progress.done) == ("fetching", 2):
            means.ledger.ask_cancel(run.id)

    with pytest.raises(RunCancelledError):
        await run_source(run, source, connector, replace(means, tell=tell))
    cancelled = means.ledger.get(run.id)
    assert (cancelled.state, cancelled.fetched, cancelled.cursor) == ("cancelled", 2, "500")
    done = await run_source(cancelled, source, connector, means)
    assert (done.state, done.stored) == ("succeeded", 4)


async def test_every_batch_twice_out_of_order_by_two_writers_gives_one_graph(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    source = made_source()
    means = means_in(tmp_path / "whole", store)
    connector = Observations(means.payloads, count=2_000)
    await run_source(a_run(means, source), source, connector, means)
    whole = await hashes(means)
    ids = means.payloads.ids(source.name)
    stores = [open_store(endpoint) for _ in range(2)]
    others = [
        means_in(tmp_path / "whole", one, ledger=RunLedger(tmp_path / f"{n}.sqlite3")) for n, one in enumerate(stores)
    ]
    await asyncio.to_thread(clear, endpoint)
    orders = ([*ids, *reversed(ids)], [*reversed(ids), *ids])
    runs = [other.ledger.add(source.name, "reparse", ALL, order) for other, order in zip(others, orders, strict=True)]
    await asyncio.gather(*(run_source(run, source, connector, one) for run, one in zip(runs, others, strict=True)))
    for one in stores:
        await one.close()
    assert await hashes(means) == whole


async def test_a_fact_read_from_other_bytes_too_is_no_correction(store: GraphStore, tmp_path: Path) -> None:
    means, source = means_in(tmp_path, store), made_source()
    for size in (250, 500):
        connector = Observations(means.payloads, count=1_000, size=size)
        done = await run_source(a_run(means, source), source, connector, means)
    assert (done.counters["unchanged"], done.counters["corrected"]) == (1_000, 0)
    rows = await store.read("MATCH (o:Observation)-[:WAS_DERIVED_FROM]->(p:Payload) RETURN o.id, count(p)")
    assert {row[1] for row in rows.rows} == {2}
    assert len(rows.rows) == 1_000


async def test_a_reader_sees_only_whole_batches(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store)
    source, connector = made_source(), Observations(means.payloads, count=2_000)
    task = asyncio.create_task(run_source(a_run(means, source), source, connector, means))
    seen = set()
    while not task.done():
        seen.add((await store.read("MATCH (o:Observation) RETURN count(o)")).rows[0][0])
        await asyncio.sleep(0)
    await task
    assert seen <= set(range(0, 2_001, 250))


async def test_a_second_process_on_one_source_is_refused(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store)
    source, connector = made_source(), _Waiting(means.payloads, count=500)
    task = asyncio.create_task(run_source(a_run(means, source), source, connector, means))
    await connector.reached.wait()
    with pytest.raises(RunInUseError, match=f"process {os.getpid()}"):
        await run_source(a_run(means, source), source, connector, means)
    connector.go.set()
    assert (await task).state == "succeeded"


async def test_a_holder_that_died_is_recognised(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store)
    source, connector = made_source(), Observations(means.payloads, count=500)
    run = a_run(means, source)
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    with sqlite3.connect(tmp_path / "runs.sqlite3") as db:
        db.execute("INSERT INTO holder VALUES (?, ?, ?, 1.0)", (source.name, run.id, dead.pid))
        db.execute("UPDATE run SET state = 'running'")
    db.close()
    assert means.ledger.get(run.id).state == "interrupted"
    assert (await run_source(means.ledger.get(run.id), source, connector, means)).state == "succeeded"


async def test_a_damaged_ledger_is_said_and_facts_are_not_lost(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store)
    source, connector = made_source(), Observations(means.payloads, count=500)
    await run_source(a_run(means, source), source, connector, means)
    before = await hashes(means)
    means.ledger.close()
    for name in ("runs.sqlite3-wal", "runs.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "runs.sqlite3").write_bytes(b"no database at all" * 500)
    with pytest.raises(RunLedgerError, match="move it away"):
        a_run(means, source)
    (tmp_path / "runs.sqlite3").rename(tmp_path / "aside")
    anew = means.ledger.add(source.name, "reparse", ALL, means.payloads.ids(source.name))
    await run_source(anew, source, connector, means)
    assert await hashes(means) == before


async def test_a_disk_that_fills_up_loses_nothing(store: GraphStore, endpoint: Endpoint, tmp_path: Path) -> None:
    source = made_source()
    whole = means_in(tmp_path / "whole", store)
    await run_source(a_run(whole, source), source, Observations(whole.payloads, count=1_000), whole)
    before = await hashes(whole)
    await asyncio.to_thread(clear, endpoint)
    means = means_in(tmp_path / "full", store)
    connector = Observations(means.payloads, count=1_000)
    run = a_run(means, source)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def tell(progress: Progress) -> None:
        if (progress.phase, progress.done) == ("storing", 2):
            resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))

    try:
        with pytest.raises(RunLedgerError, match="make room"):
            await run_source(run, source, connector, replace(means, tell=tell))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    left = means.ledger.get(run.id)
    assert left.state == "interrupted"
    assert (await run_source(left, source, connector, means)).state == "succeeded"
    assert await hashes(means) == before


class _Waiting(Observations):
    """Waits in its first request until it may go on."""

    def __init__(self, store: PayloadStore, *, count: int) -> None:
        super().__init__(store, count=count)
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def fetch(
        self, client: Client, source: SourceFile, window: Window, cursor: str | None
    ) -> AsyncIterator[Fetched]:
        """See `Observations`."""
        self.reached.set()
        await self.go.wait()
        async for one in super().fetch(client, source, window, cursor):
            yield one
