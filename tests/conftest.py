"""The servers that tests talk to: the embedded one always, a real Neo4j where one can be had, both in CI.

Without Neo4j its tests are skipped with a printed reason; where CI or WHYMOVE_REQUIRE_NEO4J is set that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import LiteralString

import neo4j
import pytest

from graph.endpoint import Endpoint
from graph.server import Running, ensure_running, stop
from graph.store import GraphStore, open_store
from tests.neo4j.server import CannotStartError, Neo4jServer

_CLEAR = (  # relationships first: one node may have more of them than one transaction can hold
    "MATCH ()-[r]->() WITH r LIMIT 20000 DELETE r RETURN count(*) AS gone",
    "MATCH (n) WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS gone",
)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One embedded server for the whole run."""
    data = tmp_path_factory.mktemp("graph")
    yield ensure_running(data, keep=False, heap="512m")
    stop(data)


@pytest.fixture(scope="session")
def neo4j_endpoint() -> Iterator[Endpoint]:
    """A real Neo4j for the whole run: the one that is named, else one of our own."""
    url = os.environ.get("WHYMOVE_TEST_NEO4J_URL")
    if url:
        user, password = os.environ["WHYMOVE_TEST_NEO4J_USER"], os.environ["WHYMOVE_TEST_NEO4J_PASSWORD"]
        yield Endpoint(url=url, user=user, password=password, database="neo4j")
        return
    server = Neo4jServer()
    try:
        reach = server.start()
    except CannotStartError as error:
        if os.environ.get("CI") or os.environ.get("WHYMOVE_REQUIRE_NEO4J"):
            pytest.fail(f"a real Neo4j is required here: {error}")
        pytest.skip(f"no Neo4j: {error}")
    yield Endpoint(url=reach.url, user=reach.user, password=reach.password, database="neo4j")
    server.stop()


@pytest.fixture(scope="session", params=["embedded", "neo4j"])
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """Each of the two servers in turn."""
    if request.param == "neo4j":
        found: Endpoint = request.getfixturevalue("neo4j_endpoint")
        return found
    running: Running = request.getfixturevalue("embedded")
    return running.service


@pytest.fixture
async def store(endpoint: Endpoint) -> AsyncIterator[GraphStore]:
    """An empty graph with its schema, on each of the two servers."""
    clear(endpoint)
    opened = open_store(endpoint)
    await opened.create_schema()
    yield opened
    await opened.close()


def clear(endpoint: Endpoint) -> None:
    """Delete everything, in transactions that are small enough for both servers."""
    with (
        neo4j.GraphDatabase.driver(
            endpoint.url, auth=(endpoint.user, endpoint.password), telemetry_disabled=True
        ) as driver,
        driver.session(database=endpoint.database) as session,
    ):
        for statement in _CLEAR:
            while session.execute_write(partial(_gone, statement)):
                pass


def _gone(statement: LiteralString, transaction: neo4j.ManagedTransaction) -> int:
    gone: int = transaction.run(statement).single(strict=True)["gone"]
    return gone


@pytest.fixture(scope="session")
def cases_folder() -> Path:
    """The bundled case files."""
    return Path(__file__).parent.parent / "ingest" / "cases"
