"""Facts and what they are about over REST, on both servers: whole lists, single ones, clocks and corrections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.model import Batch, Link, Node
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import every, got, refused, serving
from tests.minimal_case import written

LABELS = {
    "observations": "Observation",
    "claims": "Claim",
    "disputes": "Dispute",
    "checks": "Check",
    "documents": "Document",
    "indicators": "Indicator",
    "actors": "Actor",
}
CLAIM, OTHER = "2026-03-12-example:holder_sells", "other:said"
VOLUME = "2026-03-12-example:volume"
KNOWN = {"known_at": datetime(2026, 3, 14, tzinfo=UTC), "known_at_precision": "instant"}
SETTLED = datetime(2026, 3, 20, tzinfo=UTC)


def _more() -> Batch:
    """Claims about the volume that contradict one another, one of them checked, and a document without a date."""
    said = {"statement": "Turnover tripled.", "value": 3.0, "valid_from": datetime(2026, 3, 12, tzinfo=UTC), **KNOWN}
    nodes = (
        Node(label="Claim", id=OTHER, properties=said),
        Node(
            label="Check",
            id="chk",
            properties={"kind": "number", "outcome": "failed", "expected": 3.0, "found": 7, **KNOWN},
        ),
        Node(
            label="Dispute",
            id="dis",
            properties={
                "kinds": ("value",),
                "status": "open",
                "preferred": VOLUME,
                "why": "it is data",
                "settled_at": SETTLED,
            }
            | KNOWN,
        ),
        Node(label="Document", id="undated", properties={"title": "A leaflet", "kind": "other"}),
    )
    links = (
        ("ABOUT", "Claim", OTHER, "Instrument", "exmp"),
        ("ASSERTED_IN", "Claim", OTHER, "Document", "undated"),
        ("CHECKS", "Check", "chk", "Claim", OTHER),
        ("WAS_DERIVED_FROM", "Check", "chk", "Observation", VOLUME),
        ("SIDE_OF", "Claim", OTHER, "Dispute", "dis"),
        ("SIDE_OF", "Observation", VOLUME, "Dispute", "dis"),
        ("OVER", "Dispute", "dis", "Instrument", "exmp"),
    )
    return Batch(
        nodes=nodes,
        links=tuple(Link(type=t, from_label=a, from_id=b, to_label=c, to_id=d) for t, a, b, c, d in links),
    )


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(written(tmp_path)).batch)
    await store.upsert(_more())
    async with serving(store, tmp_path) as ready:
        yield ready


async def test_every_list_is_whole_and_each_row_can_be_read_by_its_id(
    client: httpx.AsyncClient, store: GraphStore
) -> None:
    for path, label in LABELS.items():
        rows = await every(client, f"/v1/{path}", limit=1)
        ids = (await store.read(f"MATCH (n:{label}) RETURN n.id AS id")).records()
        assert sorted(row["id"] for row in rows) == sorted(str(row["id"]) for row in ids), path
        assert len(rows) >= 1, path
        for row in rows:
            assert await got(client, f"/v1/{path}/{row['id']}") == row
        body = await got(client, f"/v1/{path}", as_of="2026-03-31T00:00:00Z")
        assert body["as_of"] == "2026-03-31T00:00:00Z"
        missing = await client.get(f"/v1/{path}/none")
        assert refused(missing, 404, "not_in_graph")["errors"][0]["pointer"] == f"/{LABELS[path].lower()}"


async def test_an_observation_says_what_was_seen_of_what_and_who_says_so(client: httpx.AsyncClient) -> None:
    row = await got(client, f"/v1/observations/{VOLUME}")
    assert (row["indicator"], row["subjects"], row["value"], row["unit"]) == (
        "trading volume",
        ["exmp"],
        41.0,
        "million shares",
    )
    assert (row["trade_date"], row["baseline_value"]) == ("2026-03-12", 6.0)
    assert len(row["documents"]) == 1
    title = (await got(client, f"/v1/documents/{row['documents'][0]}"))["title"]
    assert title == "daily volumes"


async def test_filters_narrow_the_lists(client: httpx.AsyncClient) -> None:
    async def ids(path: str, **asked: object) -> list[str]:
        return [row["id"] for row in await every(client, path, **asked)]

    assert await ids("/v1/observations", subject="exmp") == [VOLUME]
    for indicator in ("trading_volume", "trading volume"):
        assert await ids("/v1/observations", indicator=indicator, subject="exmp") == [VOLUME]
    assert await ids("/v1/observations", indicator="block sale", subject="exmp") == []
    assert await ids("/v1/claims", subject="exmp") == [OTHER]
    assert await ids("/v1/disputes", subject="exmp") == ["dis"]
    assert await ids("/v1/disputes", subject="big_holder") == []
    assert await ids("/v1/checks", outcome="failed", fact=OTHER) == ["chk"]
    assert await ids("/v1/checks", outcome="ok") == []
    source = await got(client, f"/v1/documents/{(await got(client, f'/v1/observations/{VOLUME}'))['documents'][0]}")
    listed = await ids("/v1/documents", source=source["source"])
    assert source["id"] in listed
    assert "undated" not in listed
    refused(await client.get("/v1/checks", params={"outcome": "maybe"}), 422, "invalid_request")


async def test_nothing_is_told_before_it_could_be_known(client: httpx.AsyncClient) -> None:
    early, later = "2026-03-13T12:00:00Z", "2026-03-15T00:00:00Z"
    assert OTHER not in {row["id"] for row in await every(client, "/v1/claims", as_of=early)}
    assert await every(client, "/v1/disputes", as_of=early) == []
    assert await every(client, "/v1/checks", as_of=early) == []
    refused(await client.get(f"/v1/claims/{OTHER}", params={"as_of": early}), 404, "not_in_graph")
    (dispute,) = await every(client, "/v1/disputes", as_of=later)
    assert (dispute["preferred"], dispute["why"]) == (None, None)
    assert dispute["sides"] == sorted([VOLUME, OTHER])
    settled = await got(client, "/v1/disputes/dis", as_of=SETTLED.isoformat())
    assert (settled["preferred"], settled["why"], settled["kinds"]) == (VOLUME, "it is data", ["value"])


async def test_a_correction_is_read_by_its_key_and_the_version_before_by_its_clock(
    client: httpx.AsyncClient, store: GraphStore
) -> None:
    before = datetime.now(UTC)
    (claim,) = (node for node in _more().nodes if node.id == OTHER)
    wrong: dict[str, Any] = {**claim.properties, "value": 4.0}
    await store.upsert(Batch(nodes=(replace(claim, properties=wrong),), links=_more().links[:1]))
    now = await got(client, f"/v1/claims/{OTHER}")
    assert (now["id"], now["key"], now["value"]) == (f"{OTHER}@2", OTHER, 4.0)
    assert await got(client, f"/v1/claims/{OTHER}@2") == now
    then = await got(client, f"/v1/claims/{OTHER}", as_at=before.isoformat())
    assert (then["id"], then["value"]) == (OTHER, 3.0)
    refused(await client.get(f"/v1/claims/{OTHER}@2", params={"as_at": before.isoformat()}), 404, "not_in_graph")
    assert [row["value"] for row in await every(client, "/v1/claims", subject="exmp")] == [4.0]


async def test_a_document_without_a_date_is_known_since_it_was_recorded(client: httpx.AsyncClient) -> None:
    row = await got(client, "/v1/documents/undated")
    assert (row["known_at"], row["claims"]) == (None, 1)
    early = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    refused(await client.get("/v1/documents/undated", params={"as_of": early}), 404, "not_in_graph")
