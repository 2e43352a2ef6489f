"""An ingest that is killed at random points and carried on says what an undisturbed one says, on both servers.

`make ingest-kill` does it at size: WHYMOVE_TEST_KILLS and WHYMOVE_TEST_OBSERVATIONS say how often and how much.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.conftest import clear
from tests.ingest_kill import Ingest, killed, undisturbed

KILLS = int(os.environ.get("WHYMOVE_TEST_KILLS", "3"))
COUNT = int(os.environ.get("WHYMOVE_TEST_OBSERVATIONS", "5000"))


async def test_a_killed_ingest_ends_in_the_graph_of_an_undisturbed_one(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    ingest = Ingest(count=COUNT, size=max(500, COUNT // 200), kills=KILLS)
    whole = await undisturbed(ingest, store, tmp_path / "whole")
    await asyncio.to_thread(clear, endpoint)
    found, met = await killed(ingest, endpoint, store, tmp_path / "killed")
    sys.stdout.write(f"killed {met} times of {KILLS} while it ran; {COUNT:,} observations\n")
    assert met
    assert found == whole
