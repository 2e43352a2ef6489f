"""A Neo4j is asked what it would do before it does it; the embedded server, whose user has no rights, is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.analysts import Analysts, QueryLimits
from graph.endpoint import Endpoint
from graph.errors import QueryOverBudgetError, QueryRefusedError
from graph.watchdog import Watchdog
from tests.conftest import clear
from tests.cypher_kit import Reach, fill, reached

LIMITS = QueryLimits(seconds=20)
PRODUCT = "MATCH (a), (b), (c), (d), (e), (f), (g) WHERE a.id = g.id RETURN count(*) AS n"


@pytest.fixture(scope="module", params=["embedded", "neo4j"])
def reach(request: pytest.FixtureRequest) -> Reach:
    """Each of the two servers in turn."""
    return reached(request)


@pytest.fixture
async def ungated(reach: Reach) -> AsyncIterator[Analysts]:
    """The way of analysts without the gate over the text, so that the server's plan alone decides."""
    await fill(reach.service)
    analysts = Analysts(reach.analyst, Watchdog(reach.service), gate=lambda query, _: query)
    yield analysts
    await analysts.close()


@pytest.fixture
async def on_neo4j(neo4j_endpoint: Endpoint) -> AsyncIterator[Analysts]:
    """The same on Neo4j alone."""
    clear(neo4j_endpoint)
    await fill(neo4j_endpoint)
    analysts = Analysts(neo4j_endpoint, Watchdog(neo4j_endpoint), gate=lambda query, _: query)
    yield analysts
    await analysts.close()


async def test_an_answer_tells_the_plan_where_the_server_does(ungated: Analysts, reach: Reach) -> None:
    first = await ungated.ask("MATCH (n:Actor) RETURN n.id AS id", {}, LIMITS)
    assert first.rows == [["park"]]
    assert (first.plan is not None) is (reach.service == reach.analyst)  # as it is on Neo4j
    again = await ungated.ask("MATCH (n:Actor) RETURN n.id AS id", {}, LIMITS)
    assert again.plan == first.plan
    other = await ungated.ask("MATCH (n:Instrument) RETURN n.id AS id", {}, LIMITS)
    assert other.plan is None or other.plan != first.plan


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (n:Actor {id: 'mine'}) RETURN n.id AS id",
        "MATCH (n:Actor) SET n.name = 'mine' RETURN n.id AS id",
        "LOAD CSV FROM 'http://127.0.0.1:1/x.csv' AS line RETURN line",
        "CALL dbms.components() YIELD name RETURN name",
        "CALL db.createLabel('Mine')",
        "CREATE INDEX mine IF NOT EXISTS FOR (n:Actor) ON (n.note)",
    ],
)
async def test_what_is_no_read_by_its_plan_never_runs(query: str, on_neo4j: Analysts) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        await on_neo4j.ask(query, {}, LIMITS)
    assert caught.value.rule == "plan"
    assert (await on_neo4j.ask("RETURN 1 AS one", {}, LIMITS)).rows == [[1]]


async def test_a_product_is_refused_before_it_takes_any_time(on_neo4j: Analysts) -> None:
    with pytest.raises(QueryOverBudgetError, match="tie the patterns together"):
        await on_neo4j.ask(PRODUCT, {}, LIMITS)
    few = await on_neo4j.ask("MATCH (a), (b), (c), (d), (e), (f), (g) RETURN a.id AS id LIMIT 3", {}, LIMITS)
    assert len(few.rows) == 3
