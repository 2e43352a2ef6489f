"""Moves over REST, on both servers: stored ones with their filters, and those that a series tells of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.detecting import all_moves, batch_of
from api.schemas_moves import MoveRow
from graph.reading import find_instrument
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.moves_kit import ingest
from tests.e2e.rest_kit import every, got, refused, serving
from tests.minimal_case import written

KEY = "detected:acme.2024-05-14.2024-05-15"
CASE_MOVE = "2026-03-12-example:move"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A graph with a case's move and three that were detected."""
    series = await ingest(store, tmp_path)
    await store.upsert(load_case(written(tmp_path)).batch)
    found = await all_moves(await find_instrument(store, "acme"), store, series)
    largest = sorted(found.moves, key=lambda pair: -abs(pair[1].change))[:3]
    await store.upsert(batch_of(move for move, _ in largest))
    async with serving(store, tmp_path) as ready:
        yield ready


async def test_stored_moves_come_in_order_of_time_page_by_page(client: httpx.AsyncClient) -> None:
    rows = await every(client, "/v1/moves", limit=1)
    assert len(rows) == 4
    assert [row["valid_to"] for row in rows] == sorted(row["valid_to"] for row in rows)
    assert rows[-1]["id"] == CASE_MOVE
    assert (rows[-1]["origin"], rows[-1]["cases"], rows[-1]["return"]) == ("case", ["2026-03-12-example"], -0.18)
    fall = next(row for row in rows if row["id"] == KEY)
    assert (fall["instrument"], fall["origin"], fall["series"]) == ("acme", "detected", "acme.close")
    assert fall["return"] == pytest.approx(-0.12, abs=1e-6)
    assert (fall["start"], fall["end"], fall["cases"]) == ("2024-05-14", "2024-05-15", [])


async def test_filters_narrow_the_list(client: httpx.AsyncClient) -> None:
    detected = await every(client, "/v1/moves", origin="detected", limit=2)
    assert {row["instrument"] for row in detected} == {"acme"}
    assert len(detected) == 3
    assert await every(client, "/v1/moves", instrument="ACM") == detected
    assert [row["id"] for row in await every(client, "/v1/moves", since="2024-05-15", until="2024-05-15")] == [KEY]
    assert [row["id"] for row in await every(client, "/v1/moves", since="2026-03-12")] == [CASE_MOVE]
    assert await every(client, "/v1/moves", since="2026-03-13") == []
    known = await every(client, "/v1/moves", as_of="2024-05-15T21:59:59Z")
    assert KEY not in {row["id"] for row in known}
    assert KEY in {row["id"] for row in await every(client, "/v1/moves", as_of="2024-05-15T22:00:00Z")}


async def test_a_move_can_be_read_by_its_id_as_it_was_known(client: httpx.AsyncClient) -> None:
    row = MoveRow.model_validate(await got(client, f"/v1/moves/{KEY}"))
    assert (row.key, row.instrument) == (KEY, "acme")
    early = await client.get(f"/v1/moves/{KEY}", params={"as_of": "2024-05-15T21:00:00Z"})
    refused(early, 404, "not_in_graph")
    refused(await client.get("/v1/moves/none"), 404, "not_in_graph")


async def test_moves_are_found_in_the_series_and_nothing_is_stored(client: httpx.AsyncClient) -> None:
    rows = await every(client, "/v1/moves", instrument="daycoin", detect="true", min=0.02, limit=2)
    assert rows[0]["end"] == "2024-05-15"
    assert rows[0]["return"] == pytest.approx(-0.2, abs=1e-6)
    assert rows[0]["share_as_large"] == pytest.approx(1 / 178)
    assert len(rows) > 3
    assert [row["score"] or 0.0 for row in rows] == sorted((row["score"] or 0.0 for row in rows), reverse=True)
    assert all(abs(row["return"]) >= 0.02 for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    assert await every(client, "/v1/moves", instrument="daycoin") == []


async def test_what_is_found_was_public(client: httpx.AsyncClient) -> None:
    ask = {"instrument": "daycoin", "detect": "true", "since": "2024-05-14", "until": "2024-05-16"}
    early = await every(client, "/v1/moves", **ask, as_of="2024-05-16T01:59:59Z")
    assert {row["end"] for row in early} == {"2024-05-14"}
    late = await every(client, "/v1/moves", **ask, as_of="2024-05-16T02:00:00Z")
    assert {row["end"] for row in late} == {"2024-05-14", "2024-05-15"}
    assert await every(client, "/v1/moves", **ask, as_of="2020-01-01") == []


@pytest.mark.parametrize(
    ("asked", "status", "code", "words"),
    [
        ({"detect": "true"}, 422, "invalid_ask", "in whose series"),
        ({"instrument": "acme", "min": "0.08"}, 422, "invalid_ask", "detect=true"),
        ({"instrument": "acme", "detect": "true", "min": "-1"}, 422, "invalid_ask", "no size of a move"),
        ({"instrument": "acme", "detect": "true", "min": "nan"}, 422, "invalid_ask", "no size of a move"),
        ({"instrument": "acme", "detect": "true", "origin": "case"}, 422, "invalid_ask", "of no case"),
        ({"since": "2024-05-02", "until": "2024-05-01"}, 422, "invalid_ask", "comes before"),
        ({"since": "soon"}, 422, "invalid_ask", "is not a date"),
        ({"origin": "rumour"}, 422, "invalid_request", "origin"),
        ({"instrument": "acmee"}, 404, "not_in_graph", "acme"),
        ({"instrument": "fund", "detect": "true"}, 422, "invalid_ask", "whymove ingest table"),
    ],
)
async def test_what_cannot_be_asked_is_a_problem(
    client: httpx.AsyncClient, asked: dict[str, str], status: int, code: str, words: str
) -> None:
    assert words in refused(await client.get("/v1/moves", params=asked), status, code)["detail"]
