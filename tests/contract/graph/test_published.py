"""A published thing is told of by many files: what one of them leaves out is not taken back."""

from __future__ import annotations

from graph.model import Batch, Written
from graph.store import GraphStore
from tests.samples import KNOWN, a_link, a_node, whole_graph

FULL = a_node("Document", "doc_1", title="Paper", language="en", known_at=KNOWN, content_sha256="00")
SHORT = a_node("Document", "doc_1", title="Paper")
ORIGINAL = a_node("Document", "doc_2", title="Original")
SOURCE = a_node("Source", "src_wire")
WHOLE = Batch(
    nodes=(FULL, ORIGINAL, SOURCE),
    links=(a_link("TRANSLATION_OF", FULL, ORIGINAL), a_link("PUBLISHED_BY", FULL, SOURCE)),
)
CITED = Batch(nodes=(SHORT, SOURCE), links=(a_link("PUBLISHED_BY", SHORT, SOURCE),))
VERSIONS = "MATCH (d:Document {key: 'doc_1'}) RETURN d.id AS id, d.language AS language ORDER BY id"


async def test_an_account_that_says_less_changes_nothing(store: GraphStore) -> None:
    await store.upsert(WHOLE)
    before = await whole_graph(store)
    assert await store.upsert(CITED) == Written(unchanged=2, links=1)
    assert await whole_graph(store) == before


async def test_an_account_that_says_more_keeps_what_was_said(store: GraphStore) -> None:
    await store.upsert(CITED)
    done = await store.upsert(Batch(nodes=(FULL, ORIGINAL), links=(a_link("TRANSLATION_OF", FULL, ORIGINAL),)))
    assert (done.created, done.corrected) == (1, 1)
    assert (await store.read(VERSIONS)).rows == (("doc_1", None), ("doc_1@2", "en"))
    tied = "MATCH (:Document {id: 'doc_1@2'})-[r]->(x) RETURN type(r) AS type, x.id AS id ORDER BY type, id"
    assert (await store.read(tied)).rows == (
        ("PUBLISHED_BY", "src_wire"),
        ("SUPERSEDES", "doc_1"),
        ("TRANSLATION_OF", "doc_2"),
    )
    again = await store.upsert(CITED)
    assert (again.created, again.corrected) == (0, 0)


async def test_what_two_accounts_say_differently_is_corrected(store: GraphStore) -> None:
    await store.upsert(WHOLE)
    done = await store.upsert(Batch(nodes=(a_node("Document", "doc_1", title="Paper, second edition"),)))
    assert done.corrected == 1
    found = await store.read(
        "MATCH (d:Document {id: 'doc_1@2'})-[:TRANSLATION_OF]->(o) RETURN d.language, d.title, o.id"
    )
    assert found.rows == (("en", "Paper, second edition", "doc_2"),)
