"""Everything that the article holds is in the graph after `make explain` and is found by its name, on both servers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from graph.store import GraphStore
from tests.bundled_graph import fill, the_documents
from tests.samples import whole_graph

LISTED = Path(__file__).parents[1] / "data" / "inventory.yaml"
NAMED = """
MATCH (n) WHERE n.aliases IS NOT NULL AND n.recorded_to IS NULL
UNWIND n.aliases AS name
RETURN DISTINCT name, labels(n) AS labels
"""


def expected() -> list[tuple[str, str]]:
    """(label, name) of every row of the inventory."""
    listed: dict[str, list[str]] = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return [(label, name) for label, names in listed.items() for name in names]


def test_the_list_names_every_row_once() -> None:
    names = [name for _, name in expected()]
    numbered = {
        **{"SRC": 12, "PER": 4, "INT": 1, "ORG": 16, "ACT": 17, "VEN": 4, "INS": 13, "EVT": 29, "QTY": 28, "REL": 20},
        **{"HYP": 11, "STR": 2, "ARG": 4, "SUP": 6, "PRE": 5, "STC": 5, "CAV": 6, "GAP": 2, "DEF": 17, "OUT": 12},
    }
    for group, last in numbered.items():
        for n in range(1, last + 1):
            assert {f"{group}-{n}", f"{group}-{n:02}"} & set(names), f"{group}-{n}"
    assert len(set(expected())) == len(expected())


async def test_every_row_is_found_by_its_name_under_its_label_and_a_second_time_changes_nothing(
    store: GraphStore, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(store)
    found = {
        (str(label), str(row["name"]))
        for row in (await store.read(NAMED)).records()
        for label in (row["labels"] if isinstance(row["labels"], list | tuple) else ())
    }
    rows = expected()
    missing = [row for row in rows if row not in found]
    with capsys.disabled():
        sys.stdout.write(f"\n{len(rows) - len(missing)} of {len(rows)} names of the inventory are in the graph\n")
    assert missing == []
    before = await whole_graph(store)
    assert await fill(store) == ()
    assert await whole_graph(store) == before


def test_only_the_articles_own_words_are_cited_by_hash() -> None:
    for load in the_documents():
        assert not [node for node in load.batch.nodes if "text" in node.properties and node.label == "Passage"]
