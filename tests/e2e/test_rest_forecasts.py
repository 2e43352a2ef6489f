"""Forecasts, judgements and track records over REST, on both servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api.dates import write_instant
from graph.store import GraphStore
from tests.e2e.rest_kit import every, got, in_every_form, refused, serving
from tests.forecast_world import AUTHOR, EVIDENCE, MORE, STEP, with_case, with_turnover

FORECAST = {
    "by": AUTHOR,
    "statement": "Turnover will stay high.",
    "due": "2026-03-20",
    "criterion": MORE,
    "probability": 0.8,
    "known_at": "2026-03-16T12:00:00Z",
}
JUDGEMENT = {"evidence": EVIDENCE, "step": STEP, "bits": 1.5, "by": "Ann Lee"}


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await with_case(store, tmp_path)
    async with serving(store, tmp_path) as ready:
        yield ready


async def made(client: httpx.AsyncClient, path: str, body: dict[str, object]) -> str:
    """Where something new is kept."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["key"] == answer.headers["location"].rsplit("/", 1)[1]
    return answer.headers["location"]


async def test_a_forecast_is_kept_listed_and_resolved(client: httpx.AsyncClient, store: GraphStore) -> None:
    place = await made(client, "/v1/forecasts", FORECAST)
    await made(client, "/v1/forecasts", {"by": AUTHOR, "statement": "It will rise in the end."})
    row = await got(client, place)
    assert (row["state"], row["outcome"], row["by"]) == ("due", None, [AUTHOR])
    rows = await every(client, "/v1/forecasts", limit=1)
    assert [one["state"] for one in rows] == ["due", "undated"]
    for filters in ({"status": "due"}, {"due_before": "2026-03-20"}, {"by": AUTHOR, "status": "due"}):
        assert [one["key"] for one in await every(client, "/v1/forecasts", **filters)] == [row["key"]]
    open_ = await client.post(f"{place}/resolution", json={})
    assert (open_.status_code, open_.json()["outcome"]) == (200, None)
    assert "nobody tells of it" in open_.json()["missing"][0]
    await with_turnover(store, d18=50.0)
    done = (await client.post(f"{place}/resolution", json={})).json()
    assert (done["outcome"], done["method"], done["forecast"]["brier"]) == ("true", "criterion", pytest.approx(0.04))
    tag = (await client.get(place)).headers["etag"]
    assert (await client.get(place, headers={"If-None-Match": tag})).status_code == 304
    by_hand = {"outcome": "false", "by": "reviewer", "why": "the report was wrong"}
    assert (await client.post(f"{place}/resolution", json=by_hand)).json()["forecast"]["outcome"] == "false"
    assert (await client.get(place)).headers["etag"] != tag
    earlier = await got(client, place, as_of="2026-03-18")
    assert (earlier["state"], earlier["outcome"]) == ("open", None)


async def test_lists_give_what_was_recorded_since(client: httpx.AsyncClient) -> None:
    async def since(path: str, when: str) -> list[object]:
        return [row["key"] for row in await every(client, path, updated_since=when)]

    before = write_instant(datetime.now(UTC))
    first = (await made(client, "/v1/forecasts", FORECAST)).rsplit("/", 1)[1]
    judged = (await made(client, "/v1/judgements", JUDGEMENT)).rsplit("/", 1)[1]
    assert await since("/v1/forecasts", before) == [first]
    assert await since("/v1/judgements", before) == [judged]
    between = write_instant(datetime.now(UTC))
    assert await since("/v1/forecasts", between) == []
    assert await since("/v1/judgements", between) == []
    by_hand = {"outcome": "true", "by": "reviewer", "why": "reported"}
    assert (await client.post(f"/v1/forecasts/{first}/resolution", json=by_hand)).status_code == 200
    assert await since("/v1/forecasts", between) == [first]  # what became of it is new


async def test_what_cannot_be_kept_is_a_problem_with_its_place(client: httpx.AsyncClient) -> None:
    async def sent(path: str, body: dict[str, object], status: int, code: str) -> str:
        problem = refused(await client.post(path, json=body), status, code)
        return f"{problem['detail']} {problem['errors']}"

    told = await sent("/v1/forecasts", FORECAST | {"criterion": "trading_volume >"}, 422, "invalid_ask")
    assert "/criterion" in told
    await sent("/v1/forecasts", FORECAST | {"probability": 1.0}, 422, "invalid_request")
    await sent("/v1/forecasts", FORECAST | {"sure": True}, 422, "invalid_request")
    assert "big_holder" in await sent("/v1/forecasts", FORECAST | {"by": "big_holders"}, 404, "not_in_graph")
    await sent("/v1/forecasts/none/resolution", {}, 404, "not_in_graph")
    await sent("/v1/judgements", JUDGEMENT | {"bits": 99}, 422, "invalid_request")
    await sent("/v1/judgements", JUDGEMENT | {"step": "sold.9"}, 404, "not_in_graph")
    refused(await client.get("/v1/forecasts/none"), 404, "not_in_graph")
    refused(await client.get("/v1/judgements/none"), 404, "not_in_graph")
    refused(await client.get("/v1/sources/none"), 404, "not_in_graph")
    refused(await client.get("/v1/forecasts", params={"status": "maybe"}), 422, "invalid_request")
    assert await every(client, "/v1/forecasts") == await every(client, "/v1/judgements") == []


async def test_judgements_are_kept_and_ranked_by_how_far_they_differ(client: httpx.AsyncClient) -> None:
    place = await made(client, "/v1/judgements", JUDGEMENT)
    await made(client, "/v1/judgements", JUDGEMENT | {"by": "Bob Ray", "bits": -0.5, "note": "usual for the day"})
    assert (await got(client, place))["name"] == "Ann Lee"
    rows = await every(client, "/v1/judgements", limit=1)
    assert [(row["by"], row["bits"]) for row in rows] == [("ann_lee", 1.5), ("bob_ray", -0.5)]
    assert [row["by"] for row in await every(client, "/v1/judgements", by="bob_ray", step=STEP)] == ["bob_ray"]
    apart = await got(client, "/v1/judgements/disagreements")
    assert await in_every_form(client, "/v1/judgements/disagreements") == apart["items"]
    (cell,) = apart["items"]
    assert (cell["n"], cell["opposite"], cell["judgements"][1]["note"]) == (2, True, "usual for the day")
    assert "change none of its numbers" in apart["note"]
    assert (await got(client, "/v1/judgements/disagreements", case="another"))["items"] == []


async def test_sources_come_with_their_track_record(client: httpx.AsyncClient) -> None:
    place = await made(client, "/v1/forecasts", FORECAST)
    await client.post(f"{place}/resolution", json={"outcome": "true"})
    rows = {row["id"]: row for row in await every(client, "/v1/sources", limit=1)}
    assert rows[AUTHOR]["role"] == "author"
    record = rows[AUTHOR]["record"]
    assert (record["resolved"], record["note"], record["proposed_grade"]) == (1, "n too small", "F")
    assert {row["role"] for row in rows.values()} == {"author", "source"}
    one = await got(client, f"/v1/sources/{AUTHOR}")
    assert one["record"] == record
    assert one["checks"] == {"ok": 0, "failed": 0, "not_checkable": 0}
    assert (await got(client, f"/v1/sources/{AUTHOR}", as_of="2026-03-17"))["record"]["resolved"] == 0
