"""Other people's Bolt clients, fetched at fixed versions (the JavaScript driver, cypher-shell), and what none may do.

What is missing here is skipped with the reason printed; where CI is set that is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.cli import main
from graph.endpoint import Endpoint
from graph.server import ensure_running, stop
from tests.neo4j.server import VERSION, CannotStartError, fetched, java

FOLDER = Path(__file__).parent / "clients"
JAVASCRIPT = FOLDER / "js"
_SECONDS = 120
WRITES = (
    "CREATE (n:Instrument {id: 'mine', kind: 'x', name: 'x'})",
    "MERGE (n:Instrument {id: 'mine'})",
    "MATCH (n:Instrument {id: 'ibit'}) SET n.name = 'mine'",
    "MATCH (n:Instrument {id: 'ibit'}) SET n += {name: 'mine'}",
    "MATCH (n:Instrument {id: 'ibit'}) SET n:Index",
    "MATCH (n:Instrument {id: 'ibit'}) REMOVE n.name",
    "MATCH (n:Observation) DETACH DELETE n",
    "MATCH (:Actor)-[r]->() DELETE r",
    "MATCH (a:Actor), (i:Instrument) CREATE (a)-[:HAS_INTEREST_IN]->(i)",
    "MATCH (n:Observation) FOREACH (x IN [1] | SET n.value = x)",
    "MATCH (n:Observation) CALL (n) { SET n.value = 1 } RETURN count(*) AS n",
    "CREATE INDEX mine IF NOT EXISTS FOR (n:Instrument) ON (n.name)",
    "CREATE CONSTRAINT mine IF NOT EXISTS FOR (n:Instrument) REQUIRE n.name IS UNIQUE",
    "DROP CONSTRAINT instrument_id",
    "LOAD CSV FROM 'file:///etc/passwd' AS line CREATE (n:Instrument {id: line[0]})",
    "CREATE USER mine SET PASSWORD 'minemine'",
)


@contextmanager
def served(folder: Path) -> Iterator[Path]:
    """The data folder, while the embedded server of its graph runs."""
    ensure_running(folder / "graph", keep=False, heap="384m")
    yield folder
    stop(folder / "graph")


def printed_reach(data: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> Endpoint:
    """What `whymove bolt-url` prints for analysts of a data folder."""
    monkeypatch.setenv("WHYMOVE_DATA", str(data))
    monkeypatch.delenv("WHYMOVE_GRAPH_URL", raising=False)
    assert main(["bolt-url", "--user", "analyst", "--json"]) == 0
    found = json.loads(capture.readouterr().out)
    return Endpoint(url=found["url"], user=found["user"], password=found["password"], database=found["database"])


def lacking(reason: str) -> None:
    """Skip, or fail where everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"this client is required here: {reason}")
    pytest.skip(reason)


def javascript() -> Path:
    """The script that uses the JavaScript driver, with the driver installed from the lock file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        lacking("node and npm are not installed: the JavaScript driver is not tried")
    found, lock = JAVASCRIPT / "node_modules" / ".package-lock.json", JAVASCRIPT / "package-lock.json"
    if not found.exists() or found.stat().st_mtime < lock.stat().st_mtime:
        line = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(line, cwd=JAVASCRIPT, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode != 0:
            lacking(f"npm could not install the JavaScript driver: {done.stderr[-300:]}")
    return JAVASCRIPT / "read.mjs"


def run_javascript(
    script: Path, reach: Endpoint, read: str, params: dict[str, object], writes: Sequence[str]
) -> dict[str, object]:
    """What the script found: `rows` of the read, and of each write the code of its error (None where there is none)."""
    order = {"url": reach.url, "user": reach.user, "password": reach.password, "database": reach.database}
    text = json.dumps({**order, "read": read, "params": params, "writes": list(writes)})
    line = ["node", str(script)]
    done = subprocess.run(line, input=text, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def cypher_shell() -> list[str]:
    """The line that starts cypher-shell, fetched once by Maven."""
    try:
        jars = fetched(FOLDER / "shell" / "pom.xml", f"cypher-shell-{VERSION}")
        return [java(), "-Xmx128m", "-cp", f"{jars}/*", "org.neo4j.shell.Main"]
    except CannotStartError as error:
        lacking(f"no cypher-shell: {error}")
        raise


def run_cypher_shell(line: Sequence[str], reach: Endpoint, text: str) -> subprocess.CompletedProcess[str]:
    """The outcome of statements, each ended by a semicolon; all are run, whatever becomes of those before."""
    options = ["--address", reach.url, "--database", reach.database, "--format", "plain", "--fail-at-end"]
    environment = {**os.environ, "NEO4J_USERNAME": reach.user, "NEO4J_PASSWORD": reach.password}
    return subprocess.run(
        [*line, *options], input=text, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
