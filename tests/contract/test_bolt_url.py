"""`whymove bolt-url`: a Bolt client gets in with what it prints, reads, and is refused every write by the server."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from api.cli import main
from graph.endpoint import Endpoint
from graph.server import ensure_running
from tests.clients_kit import WRITES, printed_reach, served
from tests.cypher_kit import READINGS, fill


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose server runs."""
    with served(tmp_path_factory.mktemp("bolt")) as folder:
        yield folder


@pytest.fixture
def analyst(data: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Endpoint:
    """What the command prints."""
    return printed_reach(data, monkeypatch, capfdbinary)


def driver_of(reach: Endpoint) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(reach.url, auth=(reach.user, reach.password), telemetry_disabled=True)


def shape(reach: Endpoint) -> object:
    """Everything that the graph holds, as one value."""
    with driver_of(reach) as driver, driver.session(database=reach.database) as session:
        nodes = session.run("MATCH (n) RETURN labels(n) AS l, properties(n) AS p").data()
        links = session.run("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS t, b.id AS b, properties(r) AS p").data()
        return sorted(map(repr, nodes)), sorted(map(repr, links))


async def test_a_client_reads_and_is_refused_every_write(analyst: Endpoint, data: Path) -> None:
    await fill(ensure_running(data / "graph", keep=False).service)
    before = shape(analyst)
    with driver_of(analyst) as driver:
        count = "MATCH (o:Observation) RETURN count(o) AS n"
        assert driver.execute_query(count, database_=analyst.database).records[0]["n"] == READINGS
        for statement in WRITES:
            for access in (neo4j.READ_ACCESS, neo4j.WRITE_ACCESS):
                with (
                    driver.session(database=analyst.database, default_access_mode=access) as session,
                    pytest.raises(neo4j.exceptions.Neo4jError),
                ):
                    session.run(statement).consume()
            with (
                driver.session(database=analyst.database) as session,
                pytest.raises(neo4j.exceptions.Neo4jError),
                session.begin_transaction() as transaction,
            ):
                transaction.run(statement).consume()
                transaction.commit()
    assert shape(analyst) == before


def test_the_credentials_are_those_of_a_file_that_its_owner_alone_reads(analyst: Endpoint, data: Path) -> None:
    file = data / "graph" / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    words = json.loads(file.read_text(encoding="utf-8"))
    assert (analyst.user, analyst.password) == ("analyst", words["analyst"])
    assert analyst.password != words["service"]
    assert analyst.url.startswith("bolt://127.0.0.1:")


@pytest.mark.parametrize("user", ["root", "service"])
def test_no_other_access_is_given_out(user: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bolt-url", "--user", user]) == 2
    assert "analyst" in capsys.readouterr().err


def test_a_neo4j_of_ones_own_keeps_its_own_users(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHYMOVE_GRAPH_URL", "bolt://127.0.0.1:1")
    assert main(["bolt-url"]) == 2
    assert "make one there that may only read" in capsys.readouterr().err
