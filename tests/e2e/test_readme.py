"""The Cypher of the README answers, on both servers, over the way that an analyst takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import load_knowledge
from graph.endpoint import Endpoint
from graph.model import Table
from graph.server import Running
from graph.store import GraphStore, open_reader
from ingest.casefile import load_case

CASE = "2026-02-05-bitcoin-flash-crash"
README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
STATEMENTS = [
    *re.findall(r"^```cypher\n(.*?)^```", README, flags=re.M | re.S),
    *re.findall(r'^whymove cypher "([^"]+)"$', README, flags=re.M),
]


@pytest.fixture
async def explained(store: GraphStore, cases_folder: Path) -> None:
    """The graph as `make explain` leaves it."""
    await store.upsert(load_case(cases_folder / f"{CASE}.yaml").batch)
    knowledge = load_knowledge()
    await explain_move(
        make_ask(case=CASE),
        store,
        knowledge=knowledge,
    )


@pytest.fixture
def analyst(endpoint: Endpoint, request: pytest.FixtureRequest) -> Endpoint:
    """Who asks: on the embedded server the user who may only read."""
    running: Running = request.getfixturevalue("embedded")
    return running.analyst if endpoint == running.service else endpoint


@pytest.mark.usefixtures("explained")
async def test_every_query_of_the_readme_finds_something(analyst: Endpoint) -> None:
    assert len(STATEMENTS) >= 4
    reader = open_reader(analyst)
    answers: list[Table] = [await reader.read(statement) for statement in STATEMENTS]
    await reader.close()
    for statement, table in zip(STATEMENTS, answers, strict=True):
        assert table.rows, statement
        assert all(value is not None for row in table.rows[:3] for value in row[:2]), statement
