"""Evidence counts once an origin: eight rewrites of one article weigh as it does, and a second source adds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import Knowledge, load_knowledge
from graph.model import Batch, Link, Node
from graph.reading import ask
from graph.store import GraphStore
from ingest.casefile import load_case
from ingest.copies import Copy, with_copies
from ingest.documents import load_document
from tests.minimal_case import told, written
from tests.minimal_document import TEXT, described
from tests.unit.ingest.test_fingerprints import OTHER

WORDS = TEXT.read_text(encoding="utf-8")
HINTS = ["Wednesday", "shipping company", "some weeks", "dividend", "broker", "million", "letter", "questions"]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def a_case(folder: Path) -> Path:
    """The minimal case with one story, and nothing reported yet."""

    def change(data: dict[str, Any]) -> None:
        data["facts"] = []
        prediction = {"indicator": "trading volume", "subject": "exmp", "direction": "up", "strength": "strong"}
        data["narratives"] = [told(causal_steps=[{"n": 1, "text": "A block is sold.", "predicts": [prediction]}])]

    return written(folder, change)


def an_article(data: dict[str, Any], publisher: str, volume: float, hour: int = 22) -> None:
    """A description of an article that reports the turnover of the case's share."""
    data["document"] = {
        "publisher": publisher,
        "title": f"Turnover, by {publisher}",
        "url": None,
        "published": datetime(2026, 3, 12, hour, tzinfo=UTC),
        "kind": "press",
        "language": "en",
    }
    data["instruments"] = [
        {"id": "exmp", "name": "Example Corp common stock", "type": "equity", "identifiers": {"ticker": "EXMP"}}
    ]
    data["actors"], data["passages"] = [], []
    data["claims"] = [
        {
            "id": "volume",
            "statement": f"{volume} million shares changed hands, six million are usual.",
            "modality": "stated",
            "about": "exmp",
            "indicator": "trading volume",
            "at": date(2026, 3, 12),
            "value": volume,
            "unit": "million shares",
            "baseline": {"value": 6.0, "kind": "usual"},
        }
    ]


async def put(
    store: GraphStore, folder: Path, publisher: str, volume: float, text: str, hour: int = 22
) -> tuple[Copy, ...]:
    """Ingest an article with a text of its own, as the command does."""
    file = folder / f"{publisher}.txt"
    file.write_text(text, encoding="utf-8")
    meta = described(folder, lambda data: an_article(data, publisher, volume, hour), f"{publisher}.yaml")
    whole, copies = await with_copies(store, load_document(meta, file))
    await store.upsert(whole.batch)
    return copies


async def weighed(store: GraphStore, knowledge: Knowledge) -> tuple[float, int]:
    """(posterior of the story, readings that bear on it), none of which is a copy."""
    answer = await explain_move(make_ask(case="2026-03-12-example"), store, knowledge=knowledge, record=False)
    (story,) = (one for one in answer["narratives"] if one["id"] == "sold")
    return story["posterior"], len(story["evidence_for"]) + len(story["evidence_against"])


async def test_eight_rewrites_weigh_as_one_article_and_a_second_source_adds(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    await store.upsert(load_case(a_case(tmp_path)).batch)
    assert await put(store, tmp_path, "first", 200.0, WORDS, 21) == ()
    once, readings = await weighed(store, knowledge)
    for n, word in enumerate(HINTS):
        (copy,) = await put(store, tmp_path, f"rewrite{n}", 190.0 - n, WORDS.replace(word, f"so-called {word}"))
        assert copy.of_title == "Turnover, by first"
        assert copy.why.startswith(("resemblance", "the same words"))
    assert await weighed(store, knowledge) == (pytest.approx(once, abs=1e-12), readings)
    assert await put(store, tmp_path, "second", 181.7, OTHER) == ()
    twice, more = await weighed(store, knowledge)
    assert twice > once + 0.005
    assert more > readings


async def test_an_older_publication_becomes_the_origin_of_those_that_came_before_it(
    store: GraphStore, tmp_path: Path
) -> None:
    await put(store, tmp_path, "copyist", 20.0, WORDS)
    file = tmp_path / "original.txt"
    file.write_text(WORDS + "One sentence more.", encoding="utf-8")

    def older(data: dict[str, Any]) -> None:
        an_article(data, "original", 20.0)
        data["document"]["published"] = data["document"]["published"].replace(hour=21)

    whole, copies = await with_copies(store, load_document(described(tmp_path, older, "original.yaml"), file))
    await store.upsert(whole.batch)
    assert [(one.of, one.of_title) for one in copies] == [(whole.id, "Turnover, by original")]
    found = await ask(store, "fingerprints")
    assert {str(row["title"]) for row in found} == {"Turnover, by copyist", "Turnover, by original"}
    tied = await store.read("MATCH (a:Document)-[:COPY_OF]->(b:Document) RETURN a.title, b.title")
    assert tied.rows == (("Turnover, by copyist", "Turnover, by original"),)


async def test_the_independent_origins_of_a_side_can_be_counted(store: GraphStore, tmp_path: Path) -> None:
    await put(store, tmp_path, "first", 200.0, WORDS, 21)
    for n, word in enumerate(HINTS):
        await put(store, tmp_path, f"rewrite{n}", 190.0 - n, WORDS.replace(word, f"so-called {word}"))
    known = {"known_at": datetime(2026, 3, 12, 23, tzinfo=UTC), "known_at_precision": "instant"}
    sides = await store.read("MATCH (c:Claim) RETURN c.key AS key")
    dispute = Node(label="Dispute", id="dispute", properties=known)
    links = tuple(
        Link(type="SIDE_OF", from_label="Claim", from_id=str(row["key"]), to_label="Dispute", to_id="dispute")
        for row in sides.records()
    )
    await store.upsert(Batch(nodes=(dispute,), links=links))
    far = datetime(2099, 1, 1, tzinfo=UTC)
    found = await ask(
        store, "q18_independent_origins", {"dispute": "dispute", "day": "2026-03-12", "as_of": far, "as_at": far}
    )
    assert found == [{"origins": 1, "documents": 9}]
