"""Commitments of Traders: pages, missing fields, padded codes, and since when a report was known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.connectors.cftc.release import released
from ingest.errors import SourceChangedError
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

NET, OPEN = "cme_btc_futures.positioning.weekly", "cme_btc_futures.open_interest.weekly"
WHOLE = span("2026-01-01", "2026-02-10", "BTC")


def parsed(*rows: dict[str, object]) -> Parsed:
    payload = sample_payloads("cftc")[0]
    return load_connector("cftc").parse(with_content(payload, json.dumps(rows).encode()), load_source("cftc"))


def row(day: str = "2026-02-03", **fields: object) -> dict[str, object]:
    return {
        "report_date_as_yyyy_mm_dd": f"{day}T00:00:00.000",
        "cftc_contract_market_code": "133741",
        "open_interest_all": "900",
        "lev_money_positions_long": "320",
        "lev_money_positions_short": "520",
        **fields,
    }


async def test_the_net_position_of_tuesday_is_known_on_friday(tmp_path: Path) -> None:
    async with playing(samples_of("cftc")) as endpoint:
        found = parse_all("cftc", await fetch_all(endpoint, "cftc", WHOLE, tmp_path))
    last = points_of(found, NET)[-1]
    assert (last.day, last.value) == (date(2026, 2, 3), -200.0)
    assert last.at == datetime(2026, 2, 3, 21, tzinfo=UTC)
    assert last.known_at == datetime(2026, 2, 6, 20, 30, tzinfo=UTC)
    assert [one.value for one in points_of(found, OPEN)] == [1200.0, 1100.0, 900.0]


async def test_the_contract_and_the_days_are_asked_for_by_code_and_date(tmp_path: Path) -> None:
    async with playing(samples_of("cftc")) as endpoint:
        await fetch_all(endpoint, "cftc", WHOLE, tmp_path)
    (asked,) = endpoint.asked
    assert asked.path == "/api/resource/gpe5-46if.json"
    assert "cftc_contract_market_code='133741'" in asked.params["$where"]
    assert ">='2026-01-01'" in asked.params["$where"]
    assert asked.params["$select"].endswith("open_interest_all,lev_money_positions_long,lev_money_positions_short")


async def test_pages_follow_until_one_is_not_full_and_a_cursor_carries_on(tmp_path: Path) -> None:
    first = date(2016, 1, 1)

    def answer(asked: Asked) -> Reply:
        start = int(asked.params["$offset"])
        days = [first + timedelta(days=n) for n in range(start, min(start + 1000, 2100))]
        return Reply(body=json.dumps([row(day.isoformat()) for day in days]).encode())

    window = span("2016-01-01", "2026-01-01", "BTC")
    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, "cftc", window, tmp_path)
        assert [one.params["$offset"] for one in endpoint.asked] == ["0", "1000", "2000"]
        assert found[-1].cursor is None
        again = await fetch_all(endpoint, "cftc", window, tmp_path, cursor=found[0].cursor)
    assert [one.payload.content_hash for one in again] == [one.payload.content_hash for one in found[1:]]
    assert len({point.at for point in points_of(parse_all("cftc", found), NET)}) == 2100


@pytest.mark.parametrize("missing", [None, "", "   ", ".", "NaN", "ND", "null"])
def test_a_report_without_a_side_has_no_net_position(missing: object) -> None:
    found = parsed(row("2026-01-27"), row(lev_money_positions_short=missing))
    assert [point.day for point in found.points if point.series == NET] == [date(2026, 1, 27)]
    assert len([point for point in found.points if point.series == OPEN]) == 2
    assert found.left_out == {"reports without a value": 1}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"open_interest_everything": "1"}, "open_interest_everything, which is not known"),
        ({"cftc_contract_market_code": "133742"}, "133741 was asked for"),
        ({"report_date_as_yyyy_mm_dd": "260203"}, "YYYY-MM-DD"),
        ({"open_interest_all": "n/k"}, "'n/k' where a number"),
        ({"open_interest_all": "Infinity"}, "where a number"),
    ],
)
def test_another_shape_is_refused_with_its_place(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(row(**fields))


def test_a_field_that_no_row_has_is_refused() -> None:
    lacking = {name: value for name, value in row().items() if name != "lev_money_positions_long"}
    with pytest.raises(SourceChangedError, match="has no lev_money_positions_long"):
        parsed(lacking)


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (date(2026, 2, 3), datetime(2026, 2, 6, 20, 30, tzinfo=UTC)),
        (date(2025, 7, 1), datetime(2025, 7, 7, 19, 30, tzinfo=UTC)),  # Friday was the fourth of July
        (date(2022, 11, 8), datetime(2022, 11, 14, 20, 30, tzinfo=UTC)),  # Veterans Day, on which shares trade
        (date(2021, 12, 21), datetime(2021, 12, 27, 20, 30, tzinfo=UTC)),  # Christmas on a Saturday, kept on Friday
        (date(2021, 12, 28), datetime(2022, 1, 3, 20, 30, tzinfo=UTC)),  # the new year's day, kept in the old one
        (date(2018, 12, 31), datetime(2019, 2, 5, 20, 30, tzinfo=UTC)),  # a Monday, and a lapse of funding
        (date(2025, 10, 7), datetime(2025, 11, 21, 20, 30, tzinfo=UTC)),  # the lapse of funding
        (date(2023, 2, 7), datetime(2023, 3, 8, 20, 30, tzinfo=UTC)),  # the outage at a clearing service
    ],
)
def test_reports_come_out_on_friday_afternoon_or_late(day: date, known: datetime) -> None:
    assert {released(day, report) for report in ("tff", "disagg", "legacy")} == {known}


@pytest.mark.parametrize(
    ("report", "day", "known"),
    [
        ("disagg", date(2006, 6, 13), date(2009, 10, 20)),
        ("disagg", date(2009, 8, 25), date(2009, 10, 20)),
        ("disagg", date(2009, 9, 1), date(2009, 9, 4)),
        ("tff", date(2010, 7, 13), date(2010, 7, 22)),
        ("tff", date(2010, 7, 20), date(2010, 7, 23)),
        ("legacy", date(2006, 6, 13), date(2006, 6, 16)),
    ],
)
def test_the_years_before_a_report_was_begun_were_not_known_in_their_time(report: str, day: date, known: date) -> None:
    assert released(day, report).date() == known


async def test_commodities_are_read_of_the_disaggregated_report_and_the_dollar_index_of_the_financial_one(
    tmp_path: Path,
) -> None:
    window = span("2026-01-01", "2026-02-10", "GOLD", "DXY")
    async with playing(samples_of("cftc")) as endpoint:
        (gold, *_) = await fetch_all(endpoint, "cftc", replace(window, symbols=("GOLD",)), tmp_path)
        (asked,) = endpoint.asked
    found = load_connector("cftc").parse(gold.payload, load_source("cftc"))
    assert [one.value for one in points_of([found], "gold_futures.positioning.weekly")] == [1050.0, 590.0]
    assert asked.path == "/api/resource/72hh-3qpy.json"
    assert asked.params["$select"].endswith("open_interest_all,m_money_positions_long_all,m_money_positions_short_all")
    plan = load_connector("cftc").plan(load_source("cftc"), window)
    assert [one.url.rpartition("/")[2] for one in plan] == ["72hh-3qpy.json", "gpe5-46if.json"]


def test_reports_of_a_year_come_out_as_the_schedule_of_the_cftc_says() -> None:
    told = [released(date(2024, 1, 2) + timedelta(weeks=n), "tff").date() for n in range(52)]
    fridays = [date(2024, 1, 5) + timedelta(weeks=n) for n in range(52)]
    put_off = {"06-24", "07-08", "12-02", "12-30"}
    assert {f"{day:%m-%d}" for day in told} - {f"{day:%m-%d}" for day in fridays} == put_off
    assert all(day - friday in {timedelta(0), timedelta(days=3)} for day, friday in zip(told, fridays, strict=True))


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    window = span("2025-06-01", "2025-08-01", *load_source("cftc").symbols)
    found = parse_all("cftc", await fetch_live("cftc", window, tmp_path))
    for series in (one.id for one in load_source("cftc").series):
        assert len(points_of(found, series)) >= 7, series
