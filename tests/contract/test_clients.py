"""Analysts' own clients on the embedded server, with what `whymove bolt-url` prints: they read, and cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.endpoint import Endpoint
from graph.model import Limits
from graph.server import ensure_running
from graph.store import open_store
from tests.clients_kit import (
    WRITES,
    cypher_shell,
    javascript,
    printed_reach,
    run_cypher_shell,
    run_javascript,
    served,
)
from tests.cypher_kit import READINGS, fill

READ = "MATCH (o:Observation)-[:ABOUT]->(i:Instrument {id: $id}) RETURN i.name AS name, count(o) AS n"
EVERYTHING = (
    "MATCH (n) OPTIONAL MATCH (n)-[r]->(m)"
    " RETURN labels(n) AS l, properties(n) AS p, type(r) AS t, properties(r) AS q, m.id AS m"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose server runs."""
    with served(tmp_path_factory.mktemp("clients")) as folder:
        yield folder


@pytest.fixture
def analyst(data: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Endpoint:
    """What the command prints."""
    return printed_reach(data, monkeypatch, capfdbinary)


async def filled(data: Path) -> list[str]:
    """The small graph in the server; all of it, as text."""
    await fill(ensure_running(data / "graph", keep=False).service)
    return await everything(data)


async def everything(data: Path) -> list[str]:
    store = open_store(ensure_running(data / "graph", keep=False).service)
    table = await store.read(EVERYTHING, limits=Limits(rows=10_000))
    await store.close()
    return sorted(map(repr, table.rows))


async def test_the_javascript_driver_reads_and_is_refused_every_write(analyst: Endpoint, data: Path) -> None:
    script = javascript()
    before = await filled(data)
    found = run_javascript(script, analyst, READ, {"id": "ibit"}, WRITES)
    assert found["rows"] == [{"name": "IBIT", "n": READINGS}]
    refused = found["refused"]
    assert isinstance(refused, list)
    assert [write for write, code in zip(WRITES, refused, strict=True) if not str(code).startswith("Neo.")] == []
    assert await everything(data) == before


async def test_cypher_shell_reads_and_is_refused_every_write(analyst: Endpoint, data: Path) -> None:
    line = cypher_shell()
    before = await filled(data)
    read = run_cypher_shell(line, analyst, f":param id => 'ibit'\n{READ};\n")
    assert (read.returncode, read.stdout.split()) == (0, ["name,", "n", '"IBIT",', str(READINGS)]), read.stderr
    written = run_cypher_shell(line, analyst, "".join(f"{write};\nRETURN 'next' AS x;\n" for write in WRITES))
    assert written.returncode != 0
    assert written.stdout.split().count('"next"') == len(WRITES)  # the session went on after each of them
    assert len(written.stderr.strip().splitlines()) >= len(WRITES), written.stderr  # and each was told as an error
    assert await everything(data) == before
