"""Two names of one thing merge without losing either, and two things stay two, on both servers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.model import Batch
from graph.reading import ask
from graph.store import GraphStore
from ingest.documents import load_document
from ingest.errors import RecordRejectedError
from ingest.identifiers import lei_holds
from ingest.merging import merged
from tests.minimal_document import TEXT, described

ONE = "HWUPKR0MPOU8FGXBT394"
OTHER = "7H6GLXDRUGQFU57RNE97"


def with_lei(folder: Path, id_: str, name: str, lei: str | None, title: str) -> Batch:
    """The example with its fund under another id, name and LEI."""

    def change(data: dict[str, Any]) -> None:
        data["document"]["title"] = title
        fund = next(one for one in data["actors"] if one["id"] == "some_fund")
        fund |= {"id": id_, "name": name, "named": True} | ({} if lei is None else {"lei": lei})
        claim = next(one for one in data["claims"] if one["id"] == "forced_seller")
        claim["about"] = [id_, "harbour_lines"]

    return load_document(described(folder, change), TEXT).batch


async def put(store: GraphStore, batch: Batch) -> None:
    await store.upsert(await merged(store, batch, "file"))


FUNDS = """
MATCH (a:Actor) WHERE a.lei IS NOT NULL
OPTIONAL MATCH (c:Claim {sensitive: true})-[:ABOUT]->(a)
RETURN a.id AS id, a.name AS name, a.aliases AS aliases, count(c) AS allegations ORDER BY id
"""


async def test_two_names_of_one_firm_are_one_node_that_keeps_both(store: GraphStore, tmp_path: Path) -> None:
    assert lei_holds(ONE)
    await put(store, with_lei(tmp_path, "citadel", "Citadel", ONE, "First"))
    await put(store, with_lei(tmp_path, "citadel_llc", "Citadel LLC", ONE, "Second"))
    (firm,) = (await store.read(FUNDS)).records()
    assert (firm["id"], firm["name"], firm["allegations"]) == ("citadel", "Citadel", 2)
    assert set(firm["aliases"]) == {"Citadel LLC", "citadel_llc"}


async def test_a_fund_and_a_dealer_of_almost_one_name_stay_two(store: GraphStore, tmp_path: Path) -> None:
    await put(store, with_lei(tmp_path, "citadel", "Citadel", ONE, "First"))
    await put(store, with_lei(tmp_path, "citadel_securities", "Citadel Securities", OTHER, "Second"))
    rows = (await store.read(FUNDS)).records()
    assert [(row["id"], row["allegations"]) for row in rows] == [("citadel", 1), ("citadel_securities", 1)]


async def test_one_id_for_two_firms_is_refused_and_nothing_is_stored(store: GraphStore, tmp_path: Path) -> None:
    await put(store, with_lei(tmp_path, "citadel", "Citadel", ONE, "First"))
    with pytest.raises(RecordRejectedError, match="two things need two ids"):
        await put(store, with_lei(tmp_path, "citadel", "Citadel Securities", OTHER, "Second"))
    (firm,) = (await store.read(FUNDS)).records()
    assert firm["name"] == "Citadel"


async def test_a_name_alone_merges_nothing(store: GraphStore, tmp_path: Path) -> None:
    await put(store, with_lei(tmp_path, "citadel", "Citadel", None, "First"))
    await put(store, with_lei(tmp_path, "citadel_2", "Citadel", None, "Second"))
    found = await store.read("MATCH (a:Actor {name: 'Citadel'}) RETURN count(a) AS n")
    assert found.rows == ((2,),)


@pytest.mark.parametrize(
    ("name", "day", "ids"),
    [
        ("Harbour Lines", "2026-02-05", ["harbour_lines"]),
        ("Harbour Shipping", "2021-06-30", ["harbour_lines"]),
        ("Harbour Shipping", "2021-07-01", []),
        ("Nobody", "2021-07-01", []),
    ],
)
async def test_a_former_name_finds_its_thing_in_the_time_of_its_use(
    store: GraphStore, tmp_path: Path, name: str, day: str, ids: list[str]
) -> None:
    await put(store, load_document(described(tmp_path), TEXT).batch)
    assert [row["id"] for row in await ask(store, "named_on", {"name": name, "day": day})] == ids


async def test_the_allegations_about_named_firms_can_be_listed(store: GraphStore, tmp_path: Path) -> None:
    await put(store, with_lei(tmp_path, "citadel", "Citadel", ONE, "First"))
    far = datetime(2099, 1, 1, tzinfo=UTC)
    rows = await ask(store, "claims_about_firms", {"as_of": far, "as_at": far})
    (about,) = (row for row in rows if row["firm"] == "Citadel")
    assert (about["modality"], about["sensitive"], about["by"]) == ("speculated", True, "A broker who is not named")
