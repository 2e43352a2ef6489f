"""What holds for every file of `graph/queries/`: its head, its clocks, its words, and that both servers take it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import pytest

from graph.reading import query_text
from graph.schema import LABELS, RELATIONSHIPS, SECOND_LABELS
from graph.store import GraphStore

FOLDER = Path(__file__).parents[2] / "graph" / "queries"
FILES = sorted(FOLDER.glob("*.cypher"))
CLOCKS = (
    "{x}.known_at <= $as_of AND {x}.recorded_from <= $as_at AND ({x}.recorded_to IS NULL OR {x}.recorded_to > $as_at)"
)
# What a fact cites is shown with it, whenever it was published; it is filtered by what was recorded.
CITED = "Document"
SAMPLES: dict[str, object] = {
    "as_of": datetime(2030, 1, 1, tzinfo=UTC),
    "as_at": datetime(2030, 1, 1, tzinfo=UTC),
    "from": datetime(2029, 1, 1, tzinfo=UTC),
    "until": datetime(2029, 6, 1, tzinfo=UTC),
    "ids": ["x"],
    "words": ["x"],
    "facts": ["x"],
    "documents": ["x"],
    "limit": 5,
    "updated_since": datetime(2029, 1, 1, tzinfo=UTC),
    "recorded": datetime(2029, 1, 1, tzinfo=UTC),
    "variants": False,
    "after_id": "",
    "after_time": "0001-01-01T00:00:00Z",
    "since": datetime(2029, 1, 1, tzinfo=UTC),
}


def statement(path: Path) -> str:
    """The Cypher of a file without its head and with one blank between words."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("//")]
    return " ".join(" ".join(lines).split())


def head(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(takewhile(lambda line: line.startswith("//"), lines))


def parameters(path: Path) -> set[str]:
    return set(re.findall(r"\$(\w+)", statement(path)))


def filtered(path: Path) -> set[str]:
    """The variables on which the clock filter stands."""
    text = statement(path)
    return {name for name in re.findall(r"(\w+)\.known_at <= \$as_of", text) if CLOCKS.format(x=name) in text}


def facts_named(path: Path) -> set[str]:
    """The variables that stand for facts."""
    found = set()
    for name, labels in re.findall(r"\((\w+):([\w|]+)", statement(path)):
        if any(LABELS[label].fact for label in labels.split("|") if label in LABELS and label != CITED):
            found.add(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_says_what_it_is_for_and_names_its_parameters(path: Path) -> None:
    lines = head(path)
    assert lines
    assert lines[0].endswith((".", "?", ")"))
    named = re.findall(r"\w+", " ".join(line for line in lines if line.startswith("// parameters:")))
    assert parameters(path) <= set(named)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_that_reads_facts_reads_them_by_both_clocks(path: Path) -> None:
    if "// clocks: none" in head(path):
        assert facts_named(path) == set()
        assert not filtered(path)
    else:
        assert filtered(path)
        assert facts_named(path) <= filtered(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_knows_nothing_of_hindsight(path: Path) -> None:
    assert "hindsight" not in statement(path).casefold()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_uses_words_of_the_ontology(path: Path) -> None:
    text = statement(path)
    labels = {label for group in re.findall(r"\(\w*:([\w|:]+)", text) for label in re.split(r"[|:]", group)}
    types = {word for group in re.findall(r"\[\w*:([A-Z_| ]+)", text) for word in re.split(r"[| ]+", group) if word}
    assert labels <= set(LABELS) | SECOND_LABELS
    assert types <= set(RELATIONSHIPS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_both_servers_take_a_query(path: Path, store: GraphStore) -> None:
    params = {name: SAMPLES.get(name, "x") for name in parameters(path)}
    table = await store.read(query_text(path.stem), params)
    assert len(set(table.fields)) == len(table.fields)
    assert all(table.fields)


def test_there_are_queries_to_look_at() -> None:
    assert {path.stem for path in FILES} >= {"facts_of_case", "q01_why_did_it_move", "q05_which_reading"}
