"""A run that is carried on asks for nothing that it has, names no answer twice, and asks anew where it failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.store import GraphStore
from ingest.connecting import Window
from ingest.errors import RunCancelledError, SourceUnavailableError
from ingest.ledger import Run, RunLedger
from ingest.running import Means, Progress, run_source
from ingest.sources import load_connector
from tests.connector_kit import Asked, Endpoint, Reply, playing, reach
from tests.contract.test_sample_runs import answer
from tests.ingest_kit import hashes, means_in

NAME = "binance_bulk"  # keeps a file and its checksum before it names either
END = datetime(2026, 2, 6, 12, tzinfo=UTC)
WINDOW = Window(since=datetime(2026, 2, 4, tzinfo=UTC), until=END, symbols=("BTCUSDT-PERP",))
NAMED = 2  # the file of a day that is not there, and the checksum of the next


class Killed(BaseException):
    """The end of a process."""


def sample(asked: Asked) -> Reply:
    return answer(NAME, asked)


async def ended_early(endpoint: Endpoint, means: Means, how: type[BaseException]) -> Run:
    """A run that ended when a checksum was named and its file, which is kept, was not yet."""
    source, run = endpoint.source(NAME), means.ledger.add(NAME, "fetch", WINDOW)

    def tell(progress: Progress) -> None:
        if (progress.phase, progress.done) != ("fetching", NAMED):
            return
        if how is Killed:
            raise Killed
        means.ledger.ask_cancel(run.id)

    with pytest.raises(how):
        await run_source(run, source, load_connector(NAME), replace(means, tell=tell))
    return means.ledger.get(run.id)


def as_if_killed(ledger: Path, run: Run) -> None:
    """What the ledger says of a run whose process was killed: that it runs."""
    with closing(sqlite3.connect(ledger)) as db, db:
        db.execute("UPDATE run SET state = 'running', finished_at = NULL, error = NULL WHERE id = ?", (run.id,))


def requeued(ledger: RunLedger, run: Run) -> Run:
    """The run as it waits to be carried on after a kill and a request over REST."""
    return ledger.requeue(run.id)


def untouched(_: RunLedger, run: Run) -> Run:
    return run


@pytest.mark.parametrize(
    ("how", "kill", "carry"),
    [
        (RunCancelledError, False, untouched),
        (Killed, False, untouched),
        (Killed, True, untouched),
        (Killed, True, requeued),
    ],
    ids=["cancelled", "interrupted", "killed", "killed and queued"],
)
async def test_an_answer_that_is_kept_is_not_asked_for_again(
    store: GraphStore,
    tmp_path: Path,
    how: type[BaseException],
    kill: bool,
    carry: Callable[[RunLedger, Run], Run],
) -> None:
    means = means_in(tmp_path, store, reach=reach(END))
    async with playing(sample) as endpoint:
        run = await ended_early(endpoint, means, how)
        assert run.fetched == NAMED
        if kill:
            as_if_killed(tmp_path / "runs.sqlite3", run)
            run = means.ledger.get(run.id)
            assert (run.state, run.finished_at) == ("interrupted", None)
        before = len(endpoint.asked)
        done = await run_source(carry(means.ledger, run), endpoint.source(NAME), load_connector(NAME), means)
        assert len(endpoint.asked) == before == 3
    ids = means.ledger.payloads(run.id)
    assert len(ids) == len(set(ids)) == done.fetched == done.stored == 3
    assert done.counters["values new"] == 9


async def test_a_run_that_failed_over_an_answer_asks_for_it_again(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store, reach=reach(END))
    wrong = Reply(body=b"0" * 64 + b"  file.zip\n", content_type="text/plain")
    mended = False

    def played(asked: Asked) -> Reply:
        return sample(asked) if mended or not asked.path.endswith(".CHECKSUM") else wrong

    async with playing(played) as endpoint:
        source, connector = endpoint.source(NAME), load_connector(NAME)
        run = means.ledger.add(NAME, "fetch", WINDOW)
        with pytest.raises(SourceUnavailableError, match="not the file that its checksum promises"):
            await run_source(run, source, connector, means)
        mended = True
        done = await run_source(means.ledger.get(run.id), source, connector, means)
    assert [asked.path.rpartition("-05")[2] for asked in endpoint.asked[1:]] == [".zip", ".zip.CHECKSUM"] * 2
    assert (done.state, done.attempts, done.fetched) == ("succeeded", 2, 3)


async def test_a_later_run_asks_for_all_of_it(store: GraphStore, tmp_path: Path) -> None:
    means = means_in(tmp_path, store, reach=reach(END))
    async with playing(sample) as endpoint:
        source, connector = endpoint.source(NAME), load_connector(NAME)
        await run_source(means.ledger.add(NAME, "fetch", WINDOW), source, connector, means)
        before = await hashes(means)
        await run_source(means.ledger.add(NAME, "fetch", WINDOW), source, connector, means)
        assert len(endpoint.asked) == 6
    assert (await hashes(means))[1] == before[1]
