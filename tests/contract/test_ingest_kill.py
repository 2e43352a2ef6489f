"""An ingest that is killed at random points and carried on says what an undisturbed one says, on both servers.

So does one whose graph server is killed. `make ingest-kill` does both at size: WHYMOVE_TEST_KILLS and
WHYMOVE_TEST_SERVER_KILLS say how often, WHYMOVE_TEST_OBSERVATIONS how much.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.conftest import clear
from tests.ingest_kill import Ingest, Watch, killed, say, server_killed, undisturbed
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
        _, watch = _WHOLE[endpoint.url]
        say(
            f"undisturbed: {COUNT:,} observations in {time.monotonic() - began:.0f} s; a reader looked {watch.looks}"
            f" times, and {watch.torn} times while a commit was only half to be seen"
        )
        assert watch.looks
    return _WHOLE[endpoint.url][0]


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
