"""Series over REST, on both servers: the list and its filters, one of them, and its values in three forms."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from api.schemas_series import SeriesRow, SeriesValues
from graph.model import Batch, Node
from graph.seriesexport import FIELDS
from graph.store import GraphStore
from ingest.sessions import close_of
from tests.e2e.moves_kit import LAG, every_day, ingest, prices, sessions
from tests.e2e.rest_kit import every, got, refused, serving

VALUES = "/v1/series/acme.close/values"
ARROW = "application/vnd.apache.arrow.stream"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await ingest(store, tmp_path)
    await store.upsert(Batch(nodes=(Node(label="Series", id="a.case:table", properties={"name": "Of a case"}),)))
    async with serving(store, tmp_path) as found:
        yield found


def closes() -> list[tuple[str, str, float]]:
    """(instant, day, value) of the share, as they were written to its table."""
    days = sessions()
    found = [close_of("XNYS", day) for day in days]
    texts = [f"{close:%Y-%m-%dT%H:%M:%SZ}" for close in found if close is not None]
    return list(zip(texts, map(str, days), prices(days, -0.12, 1), strict=True))


async def test_the_list_has_every_series_and_its_filters_narrow_it(client: httpx.AsyncClient) -> None:
    rows = await every(client, "/v1/series", limit=1)
    assert [row["id"] for row in rows] == ["a.case:table", "acme.close", "daycoin.close"]
    assert [row["has_values"] for row in rows] == [False, True, True]
    assert [row["id"] for row in await every(client, "/v1/series", subject="daycoin")] == ["daycoin.close"]
    priced = await every(client, "/v1/series", indicator="price level", limit=1)
    assert [row["id"] for row in priced] == ["acme.close", "daycoin.close"]
    assert await every(client, "/v1/series", indicator="price_level") == priced
    assert await every(client, "/v1/series", indicator="price level", subject="fund") == []


async def test_a_cursor_is_bound_to_the_filters(client: httpx.AsyncClient) -> None:
    page = await got(client, "/v1/series", indicator="price level", limit=1)
    answer = await client.get("/v1/series", params={"cursor": page["next_cursor"], "limit": "1"})
    refused(answer, 400, "unknown_cursor")


async def test_one_series_says_of_what_it_is_and_echoes_the_clocks(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/series/acme.close", params={"as_of": "2024-06-01T00:00:00Z"})
    row = SeriesRow.model_validate_json(answer.content)
    assert (row.indicator, row.subjects, row.unit) == ("price level", ["acme"], "USD")
    assert (row.licence, row.source, row.session_calendar) == ("private_use", "invented for tests", "XNYS")
    assert (row.publication_lag, row.count) == ("PT2H", len(sessions()))
    assert answer.headers["x-as-of"] == "2024-06-01T00:00:00Z"
    assert datetime.fromisoformat(answer.headers["x-as-at"]) <= datetime.now(UTC)


async def test_a_series_that_is_not_there_is_404_with_near_ids(client: httpx.AsyncClient) -> None:
    for path in ("/v1/series/acme.closes", "/v1/series/acme.closes/values"):
        body = refused(await client.get(path), 404, "not_in_graph")
        assert body["errors"][0]["near"][0] == "acme.close"
    body = refused(await client.get("/v1/series/a.case:table/values"), 404, "not_found")
    assert "whymove ingest table" in body["detail"]


async def test_the_values_are_those_that_were_loaded_with_their_licence(client: httpx.AsyncClient) -> None:
    answer = await client.get(VALUES)
    body = SeriesValues.model_validate_json(answer.content)
    assert tuple(body.fields) == FIELDS
    assert [(at, day, value) for at, day, value, _ in body.values] == closes()
    known = datetime.fromisoformat(str(body.values[0][3]))
    assert known - datetime.fromisoformat(str(body.values[0][0])) == LAG
    assert (body.count, body.truncated, body.next_since, body.as_of) == (len(sessions()), False, None, None)
    assert (body.licence, answer.headers["x-licence"]) == ("private_use", "private_use")
    assert answer.headers["vary"] == "Accept"
    assert "x-truncated" not in answer.headers


@pytest.mark.parametrize("limit", [1, 7, 40])
async def test_a_bound_shows_and_the_parts_make_the_whole(client: httpx.AsyncClient, limit: int) -> None:
    whole, since, parts = closes(), {"since": "2024-01-01"}, 0
    for start in range(0, len(whole), limit):
        answer = await client.get(VALUES, params={"limit": str(limit), **since})
        body = answer.json()
        assert [(at, day, value) for at, day, value, _ in body["values"]] == whole[start : start + limit]
        last = start + limit >= len(whole)
        assert body["truncated"] is not last
        assert answer.headers.get("x-truncated") == (None if last else "rows")
        since = {"since": str(body["next_since"])}
        parts += 1
        if parts == 5:
            break
    assert parts >= 4


async def test_a_window_includes_both_of_its_ends(client: httpx.AsyncClient) -> None:
    days = [str(day) for day in every_day()]
    body = await got(client, "/v1/series/daycoin.close/values", since="2024-02-02", until="2024-02-04")
    # the day of the coin ends at 24:00 UTC, so that its value stands at the first instant of the next date
    assert [day for _, day, _, _ in body["values"]] == days[days.index("2024-02-01") : days.index("2024-02-04")]
    exact = await got(client, VALUES, since=closes()[3][0], until=closes()[5][0])
    assert [at for at, *_ in exact["values"]] == [at for at, *_ in closes()[3:6]]
    assert (await got(client, VALUES, since="2031-01-01"))["values"] == []
    assert (await got(client, VALUES, until="9999-12-31"))["count"] == len(sessions())


async def test_nothing_is_told_that_was_not_public(client: httpx.AsyncClient) -> None:
    close = close_of("XNYS", date(2024, 5, 15))
    assert close is not None
    before = await got(client, VALUES, as_of=(close + LAG).replace(minute=59, hour=close.hour + 1).isoformat())
    after = await got(client, VALUES, as_of=(close + LAG).isoformat())
    assert before["values"][-1][1] == "2024-05-14"
    assert after["values"][-1][1] == "2024-05-15"
    assert after["as_of"] == f"{close + LAG:%Y-%m-%dT%H:%M:%SZ}"


async def test_csv_and_arrow_hold_the_same_values_and_their_licence(client: httpx.AsyncClient) -> None:
    plain = await got(client, VALUES, limit=5)
    text = await client.get(VALUES, params={"limit": "5"}, headers={"Accept": "text/csv"})
    assert text.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [[row["at"], row["day"], float(row["value"]), row["known_at"]] for row in rows] == plain["values"]
    assert {(row["unit"], row["licence"]) for row in rows} == {("USD", "private_use")}
    stream = await client.get(VALUES, params={"limit": "5"}, headers={"Accept": ARROW})
    assert stream.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(stream.content).read_all()
    assert table.column_names == list(FIELDS)
    assert table.column("value").to_pylist() == [row[2] for row in plain["values"]]
    assert table.column("day").to_pylist() == [date.fromisoformat(row[1]) for row in plain["values"]]
    assert table.column("at").to_pylist() == [datetime.fromisoformat(row[0]) for row in plain["values"]]
    assert table.schema.metadata[b"licence"] == b'"private_use"'
    assert table.schema.metadata[b"truncated"] == b"true"
    assert {text.headers["x-truncated"], stream.headers["x-truncated"]} == {"rows"}


async def test_what_cannot_be_asked_is_a_problem(client: httpx.AsyncClient) -> None:
    refused(await client.get(VALUES, headers={"Accept": "image/png"}), 406, "not_acceptable")
    body = refused(await client.get(VALUES, params={"since": "soon"}), 422, "invalid_ask")
    assert body["errors"][0]["pointer"] == "/since"
    swapped = {"since": "2024-05-02", "until": "2024-05-01"}
    assert "comes before" in refused(await client.get(VALUES, params=swapped), 422, "invalid_ask")["detail"]
    refused(await client.get(VALUES, params={"limit": "100001"}), 422, "invalid_request")
    later = datetime.combine(date(2999, 1, 1), time.min, UTC).isoformat()
    refused(await client.get(VALUES, params={"as_of": later}), 422, "invalid_ask")
