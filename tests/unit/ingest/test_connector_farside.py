"""Tables of fund flows: as a page, as a CSV, with rows that are no days and figures that do not add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed, Window
from ingest.connectors.farside.connector import HOLIDAYS, NO_SESSION, NO_SUM, STRANGE, SUMS, UNFINISHED
from ingest.errors import SourceChangedError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
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

HEAD = "Date,IBIT,FBTC,GBTC,Total\n"


def parsed(text: str) -> Parsed:
    payload = with_content(sample_payloads("farside")[0], text.encode())
    return load_connector("farside").parse(payload, load_source("farside"))


def values(found: Parsed) -> dict[str, float]:
    return {one.series.partition(".")[0]: one.value for one in found.points}


async def test_a_page_gives_the_days_that_are_complete(tmp_path: Path) -> None:
    at = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
    async with playing(samples_of("farside")) as endpoint:
        window = span("2026-02-01", "2026-02-11")
        found = parse_all("farside", await fetch_all(endpoint, "farside", window, tmp_path, at=at))
    total = points_of(found, "us_spot_btc_etfs.net_etf_flow.daily")
    assert [(one.day, one.value) for one in total] == [
        (date(2026, 2, 5), -1080.5),
        (date(2026, 2, 6), 30.0),
        (date(2026, 2, 9), 15.0),
    ]
    assert total[1].at == datetime(2026, 2, 6, 21, tzinfo=UTC)
    assert total[1].known_at == datetime(2026, 2, 9, 13, tzinfo=UTC)
    assert found[0].left_out == {SUMS: 4, UNFINISHED: 1}
    assert [one.value for one in points_of(found, "fbtc.net_etf_flow.daily")] == [20.0, 5.0]
    assert points_of(found, "us_spot_eth_etfs.net_etf_flow.daily")[0].value == -7.5


def test_the_same_table_later_has_its_last_day_too() -> None:
    payload = sample_payloads("farside")[0]
    later = replace(payload, fetched_at=payload.fetched_at + timedelta(days=1))
    found = load_connector("farside").parse(later, load_source("farside"))
    assert {one.day for one in found.points} >= {date(2026, 2, 10)}


def test_what_is_no_figure_of_a_day_is_left_out_with_its_reason() -> None:
    text = HEAD + "05 Feb 2026,1.0,(2.5),-,(1.5)\n06 Feb 2026,-,-,-,0.0\nMaximum,1,1,1,1\n,,,,\n"
    found = parsed(text)
    assert values(found) == {"us_spot_btc_etfs": -1.5, "ibit": 1.0, "fbtc": -2.5}
    assert found.left_out == {SUMS: 1, HOLIDAYS: 1}


def test_a_day_that_does_not_add_up_is_not_taken() -> None:
    assert values(parsed(HEAD + "05 Feb 2026,1,2,3,7.0\n"))
    found = parsed(HEAD + "05 Feb 2026,1,2,3,7.1\n06 Feb 2026,1,2,3,\n07 Feb 2026,1,2,3,6\n")
    assert not found.points
    assert found.skipped == {NO_SUM: 2, NO_SESSION: 1}


def test_a_fund_that_is_new_counts_in_the_sum_and_one_that_is_gone_is_no_fault() -> None:
    found = parsed("Date,IBIT,FBTC,GBTC,NEWC,Total\n05 Feb 2026,1,2,3,4,10\n")
    assert values(found) == {"us_spot_btc_etfs": 10, "ibit": 1, "fbtc": 2, "gbtc": 3}
    assert found.left_out == {STRANGE: 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Date,IBIT,Total\n05 Feb 2026,1,1\n", "no table with funds"),
        ("Date,IBIT,FBTC,GBTC\n05 Feb 2026,1,1,1\n", "no column Total"),
        ("Date,IBIT,FBTC,GBTC,IBIT,Total\n05 Feb 2026,1,1,1,1,4\n", "cannot be told apart"),
        (HEAD + "05 Feb 2026,1,2\n", "a row of 3 cells"),
        (HEAD + "2026/02/05,1,2,3,6\n", "where a day like 05 Feb 2026"),
        (HEAD + "05 Feb 2026,(-1),2,3,4\n", "a number in brackets"),
        (HEAD + "05 Feb 2026,one,2,3,4\n", "where a number was agreed"),
        (HEAD + "Some news,1,2,3,6\n", "a day like"),
    ],
)
def test_a_table_of_another_shape_is_refused(text: str, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(text)


def test_a_page_that_was_cut_off_is_refused() -> None:
    whole = sample_payloads("farside")[0].content.decode()
    with pytest.raises(SourceChangedError, match="middle of a table"):
        parsed(whole[: whole.index("09 Feb")])


@live
async def test_the_real_page_is_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=20), until=now, symbols=("btc",))
    assert sum(len(one.points) for one in parse_all("farside", await fetch_live("farside", window, tmp_path))) > 1000
