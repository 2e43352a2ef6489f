"""The service does what its description says, also to thousands of requests that nobody would send.

All phases of schemathesis (examples, coverage, fuzzing, stateful), the same in every run, against a real server over a
real graph. Neo4j's Query API is not described here and tested elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.server import Running
from graph.store import open_store
from ingest.casefile import load_case
from tests.conftest import clear
from tests.e2e.moves_kit import ingest
from tests.live_server import live_server
from tests.minimal_case import written

CONFIG = Path(__file__).parent / "schemathesis.toml"


@pytest.fixture
async def url(embedded: Running, tmp_path: Path) -> AsyncIterator[str]:
    """The service over a graph with a case, an instrument with prices, and what is asked for meanwhile."""
    clear(embedded.service)
    store = open_store(embedded.service)
    await store.create_schema()
    await ingest(store, tmp_path)
    await store.upsert(load_case(written(tmp_path)).batch)
    await store.close()
    with live_server(embedded.service, tmp_path) as found:
        # made once, which takes longer than the client waits where the machine is busy
        async with httpx.AsyncClient(timeout=120) as client:
            assert (await client.get(f"{found}/openapi.json")).is_success
        yield found


def test_every_operation_keeps_to_its_description(url: str, tmp_path: Path) -> None:
    options = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "1")
    steady = (
        "--generation-deterministic",
        "--seed",
        "7",
        "--no-shrink",
        "--continue-on-failure",
        "--no-color",
        "--request-timeout",
        "60",
    )
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{url}/openapi.json"]
    done = subprocess.run(
        [*command, *options, *steady], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    assert "No tests" not in done.stdout
