"""Deribit: pages that go backwards, the roll of quarterly futures, the basis, and answers that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.connectors.deribit.quarters import nearest, quarters
from ingest.errors import SourceChangedError, SourceUnavailableError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    Asked,
    Reply,
    fetch_all,
    fetch_live,
    live,
    parse_all,
    playing,
    points_of,
    samples_of,
    span,
    with_content,
)

NAME = "deribit"
DAILY, HOURLY = "dvol_btc.price_level.daily", "dvol_btc.price_level.hourly"
QUARTER, BASIS = "deribit_btc_quarter.price_level.hourly", "deribit_btc_quarter.annualised_basis.now"
FUNDING = "deribit_btc_perp.funding_rate.hourly"
INDEX, _, CHART, _, CURVE, RATES = range(6)
DAY = 86_400_000


def parsed(answer: object, sample: int = INDEX) -> Parsed:
    payload = sample_payloads(NAME)[sample]
    return load_connector(NAME).parse(with_content(payload, json.dumps(answer).encode()), load_source(NAME))


def index(rows: list[list[float]], continuation: int | None = None) -> dict[str, object]:
    return {"jsonrpc": "2.0", "result": {"data": rows, "continuation": continuation}, "testnet": False}


async def test_all_of_a_window_is_read_and_days_that_still_form_are_left_out(tmp_path: Path) -> None:
    async with playing(samples_of(NAME)) as endpoint:
        found = parse_all(NAME, await fetch_all(endpoint, NAME, span("2026-02-08", "2026-02-10 12:00"), tmp_path))
    assert [(one.at.day, one.value) for one in points_of(found, DAILY)] == [(9, 51.25), (10, 58.5)]
    assert points_of(found, DAILY)[1].at == datetime(2026, 2, 10, tzinfo=UTC)
    assert [one.value for one in points_of(found, HOURLY)] == [58.25, 57.5]
    assert [one.value for one in points_of(found, QUARTER)] == [1012.5, 1005.0]
    (basis,) = points_of(found, BASIS)
    expiry = datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert basis.value == pytest.approx(1.0 * 365 / ((expiry - basis.at) / timedelta(days=1)))


async def test_pages_of_the_index_go_backwards_until_there_is_no_earlier_one(tmp_path: Path) -> None:
    window = span("2022-01-01", "2026-01-01", "DVOL-BTC")

    def answer(asked: Asked) -> Reply:
        if asked.params["resolution"] != "1D":
            return Reply(body=json.dumps(index([])).encode())
        start, end = int(asked.params["start_timestamp"]), int(asked.params["end_timestamp"])
        times = list(range(start, end + 1, DAY))
        rest, page = times[:-500], times[-500:]
        return Reply(body=json.dumps(index([[at, 1, 1, 1, 50] for at in page], rest[-1] if rest else None)).encode())

    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        ends = [int(one.params["end_timestamp"]) for one in endpoint.asked if one.params["resolution"] == "1D"]
        again = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[1].cursor)
    assert len(ends) == 3
    assert all(after < before for before, after in pairwise(ends))
    assert [one.payload.id for one in again] == [one.payload.id for one in found[2:]]
    days = sorted(one.day for one in points_of(parse_all(NAME, found), DAILY) if one.day is not None)
    assert len(days) == len(set(days)) == 4 * 365 + 2


async def test_funding_is_asked_for_month_by_month_and_is_percent_of_eight_hours(tmp_path: Path) -> None:
    hour = timedelta(hours=1) // timedelta(milliseconds=1)

    def answer(asked: Asked) -> Reply:  # a month back from the end, whatever the start
        last = int(asked.params["end_timestamp"]) // hour * hour
        rows = [{"timestamp": last - n * hour, "interest_8h": 1e-4, "interest_1h": 0.0} for n in range(720)]
        return Reply(body=json.dumps({"result": rows[::-1]}).encode())

    window = span("2025-11-01", "2026-02-10 12:00", "BTC-FUNDING")
    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        spans = [(int(one.params["start_timestamp"]), int(one.params["end_timestamp"])) for one in endpoint.asked]
        rest = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[1].cursor)
    assert len(spans) == 4
    assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))
    assert [one.payload.id for one in rest] == [one.payload.id for one in found[2:]]
    points = points_of(parse_all(NAME, found), FUNDING)
    hours = {one.at for one in points if window.since <= one.at < window.until}
    assert len(hours) == (window.until - window.since) // timedelta(hours=1)
    assert {one.value for one in points} == {0.01}


def test_an_hour_that_is_not_over_has_no_funding_yet() -> None:
    found = parsed({"result": [{"timestamp": 1770724800000 + n, "interest_8h": 0.001} for n in (0, 1)]}, RATES)
    assert [(one.at.hour, one.value) for one in found.points] == [(12, pytest.approx(0.1))]
    assert found.left_out == {"hours after the answer": 1}


async def test_a_continuation_that_is_not_earlier_is_refused(tmp_path: Path) -> None:
    reply = Reply(body=json.dumps(index([], 1_900_000_000_000)).encode())
    async with playing(lambda _: reply) as endpoint:
        with pytest.raises(SourceChangedError, match="not earlier"):
            await fetch_all(endpoint, NAME, span("2025-01-01", "2026-01-01", "DVOL-BTC"), tmp_path)


async def test_a_future_that_is_no_longer_known_is_left_out(tmp_path: Path) -> None:
    error = {"jsonrpc": "2.0", "error": {"code": -32602, "data": {"param": "instrument_name"}}, "testnet": False}
    async with playing(lambda _: Reply(status=400, body=json.dumps(error).encode())) as endpoint:
        found = parse_all(
            NAME, await fetch_all(endpoint, NAME, span("2025-01-01", "2025-02-01", "BTC-QUARTER"), tmp_path)
        )
    assert [dict(one.left_out) for one in found] == [{"futures that are no longer answered for": 1}]


@pytest.mark.parametrize(
    ("answer", "sample", "said"),
    [
        ({"jsonrpc": "2.0", "error": {"code": 10029, "message": "not_owner_of_order"}}, INDEX, "not_owner_of_order"),
        ({**index([]), "testnet": True}, INDEX, "host for tests"),
        (index([[1770508800000, 1, 1, 1]]), INDEX, "5 fields"),
        ({"result": {"data": [], "continuation": None, "note": "x"}}, INDEX, "note, which is not known"),
        ({"result": [[1, 2]]}, INDEX, "record was agreed"),
        ({"result": {"status": "error", **{name: [] for name in
          ("ticks", "open", "high", "low", "close", "volume", "cost")}}}, CHART, "status 'error'"),
        ({"result": {"status": "ok", "ticks": [1770714000000], **{name: [] for name in
          ("open", "high", "low", "close", "volume", "cost")}}}, CHART, "0 values of close for 1 candles"),
        ({"result": []}, CURVE, "no BTC-27MAR26"),
        ({"result": [{"timestamp": 1770710400000, "interest_8h": None}]}, RATES, "no rate at 2026-02-10T08:00"),
        ({"result": [{"timestamp": 1770710400, "interest_8h": 0.1}]}, RATES, "holds the time"),
        ({"result": [{"timestamp": 1770710400000, "interest_4h": 0.1}]}, RATES, "has no interest_8h"),
        ({"result": {"data": []}}, RATES, "where rows were agreed"),
        ({"result": [{"instrument_name": "BTC-27MAR26", "mark_price": 1}]}, CURVE, "has no estimated_delivery_price"),
    ],
)  # fmt: skip
def test_another_shape_is_refused_with_its_place(answer: object, sample: int, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(answer, sample)


@pytest.mark.parametrize("sample", [INDEX, CHART, CURVE, RATES])
@pytest.mark.parametrize("status", [200, 400])
def test_a_call_too_many_says_to_come_later(sample: int, status: int) -> None:
    content = json.dumps({"jsonrpc": "2.0", "error": {"code": 10028, "message": "too_many_requests"}}).encode()
    payload = replace(with_content(sample_payloads(NAME)[sample], content), status=status)
    with pytest.raises(SourceUnavailableError, match="slower requests"):
        load_connector(NAME).parse(payload, load_source(NAME))


def test_no_data_is_no_error() -> None:
    empty: dict[str, object] = {name: [] for name in ("ticks", "open", "high", "low", "close", "volume", "cost")}
    assert not parsed({"result": {"status": "no_data", **empty}}, CHART).points


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-02-10", "BTC-27MAR26"),
        ("2026-03-13 07:59", "BTC-27MAR26"),
        ("2026-03-13 08:00", "BTC-26JUN26"),
        ("2025-12-20", "BTC-27MAR26"),
        ("2024-11-30", "BTC-27DEC24"),
    ],
)
def test_the_nearest_quarter_expires_on_a_last_friday_more_than_two_weeks_on(at: str, name: str) -> None:
    assert nearest("BTC", datetime.fromisoformat(at).replace(tzinfo=UTC)).name == name


def test_quarters_cover_a_span_without_hole_or_overlap() -> None:
    since, until = datetime(2024, 1, 5, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    found = list(quarters("BTC", since, until))
    assert (found[0][1], found[-1][2]) == (since, until)
    assert all(before[2] == after[1] for before, after in pairwise(found))
    assert len({one.name for one, _, _ in found}) == len(found) == 9


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = span((now - timedelta(days=5)).date().isoformat(), now.date().isoformat())
    found = parse_all(NAME, await fetch_live(NAME, window, tmp_path))
    for series in (DAILY, HOURLY, QUARTER, BASIS, FUNDING):
        assert points_of(found, series)
