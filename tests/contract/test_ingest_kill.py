"""An ingest that is killed at random points and carried on says what an undisturbed one says, on both servers.

So does one whose graph server is killed, and a reader beside it sees whole batches. `make ingest-kill` does it at size:
WHYMOVE_TEST_KILLS and WHYMOVE_TEST_SERVER_KILLS say how often, WHYMOVE_TEST_OBSERVATIONS how much.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.conftest import clear
from tests.ingest_kill import Ingest, killed, say, server_killed, undisturbed
from tests.ingest_watch import Watch, writing_beside
from tests.killable import Killable, KillableEmbedded, KillableNeo4j

KILLS = int(os.environ.get("WHYMOVE_TEST_KILLS", "3"))
SERVER_KILLS = int(os.environ.get("WHYMOVE_TEST_SERVER_KILLS", "1"))
COUNT = int(os.environ.get("WHYMOVE_TEST_OBSERVATIONS", "5000"))
INGEST = Ingest(count=COUNT, size=max(500, COUNT // 200), kills=KILLS)
_WHOLE: dict[str, tuple[tuple[str, str], Watch]] = {}  # by server, as it takes minutes at size


async def whole(store: GraphStore, endpoint: Endpoint, folder: Path) -> tuple[str, str]:
    """The hashes of an undisturbed ingest, done once on each server."""
    if endpoint.url not in _WHOLE:
        began = time.monotonic()
        _WHOLE[endpoint.url] = await undisturbed(INGEST, store, folder)
        seen_whole("undisturbed", began, _WHOLE[endpoint.url][1])
    return _WHOLE[endpoint.url][0]


def seen_whole(what: str, began: float, watch: Watch) -> None:
    """What a reader saw are whole batches, at every look."""
    say(
        f"{what}: {watch.count:,} observations in {time.monotonic() - began:.0f} s; a reader looked {watch.looks} times"
        f" and saw a batch in part {watch.torn} times; by the clock it would have {watch.raw} times"
    )
    assert watch.looks
    assert not watch.torn


@pytest.fixture
def killable(endpoint: Endpoint, tmp_path: Path) -> Iterator[Killable]:
    """A server like the one at hand that may be killed."""
    server: Killable = KillableNeo4j() if endpoint.database == "neo4j" else KillableEmbedded(tmp_path / "graph")
    yield server
    server.stop()


async def test_a_killed_ingest_ends_in_the_graph_of_an_undisturbed_one(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    wanted = await whole(store, endpoint, tmp_path / "whole")
    await asyncio.to_thread(clear, endpoint)
    found, met = await killed(INGEST, endpoint, store, tmp_path / "killed")
    say(f"killed {met} times of {KILLS} while it ran; {COUNT:,} observations; the same graph: {found == wanted}")
    assert met
    assert found == wanted


async def test_an_ingest_whose_graph_server_is_killed_ends_in_the_same_graph(
    store: GraphStore, endpoint: Endpoint, killable: Killable, tmp_path: Path
) -> None:
    wanted = await whole(store, endpoint, tmp_path / "whole")
    ingest = Ingest(count=COUNT, size=INGEST.size, kills=SERVER_KILLS)
    found = await server_killed(ingest, killable, tmp_path / "killed")
    say(f"killed the graph server {SERVER_KILLS} times; {COUNT:,} observations; the same graph: {found == wanted}")
    assert found == wanted


async def test_a_reader_beside_two_processes_that_write_sees_whole_batches_of_both(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.store._SETTLE_SECONDS", 600.0)  # what is acknowledged is seen, on slow machines too
    began = time.monotonic()
    async with writing_beside(endpoint):
        _, watch = await undisturbed(replace(INGEST, count=COUNT // 2), store, tmp_path)
    seen_whole(f"beside another process that wrote {watch.rounds} batches", began, watch)
    assert watch.rounds
