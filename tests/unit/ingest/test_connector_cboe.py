"""Histories of indices of Cboe: closes of sessions, nothing of a day that still runs, nothing filled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed
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

SERIES, SKEW = "vix.price_level.daily", "spx_options.put_call_skew.daily"
TERMS = ("vix9d", "vix3m", "vvix")


def parsed(text: str) -> Parsed:
    payload = sample_payloads("cboe")[0]
    return load_connector("cboe").parse(with_content(payload, text.encode()), load_source("cboe"))


async def test_all_indices_are_fetched_each_by_its_own_file(tmp_path: Path) -> None:
    async with playing(samples_of("cboe")) as endpoint:
        found = parse_all("cboe", await fetch_all(endpoint, "cboe", span("2026-02-01", "2026-02-11"), tmp_path))
        asked = {one.path.rpartition("/")[2] for one in endpoint.asked}
    assert asked == {f"{index}_History.csv" for index in ("VIX", "VIX9D", "VIX3M", "VVIX", "SKEW")}
    values = {name: [one.value for one in points_of(found, f"{name}.price_level.daily")] for name in TERMS}
    assert values == {"vix9d": [21.5, 27.25, 19.5], "vix3m": [22.25, 24.0, 22.5], "vvix": [101.5, 118.25]}


async def test_days_are_stored_at_the_close_and_what_is_no_session_is_left_out(tmp_path: Path) -> None:
    async with playing(samples_of("cboe")) as endpoint:
        found = parse_all("cboe", await fetch_all(endpoint, "cboe", span("2026-02-01", "2026-02-11"), tmp_path))
    points = points_of(found, SERIES)
    assert [(one.day, one.value) for one in points] == [
        (date(2026, 2, 4), 21.0),
        (date(2026, 2, 5), 24.5),
        (date(2026, 2, 6), 20.75),
    ]
    assert points[0].at == datetime(2026, 2, 4, 21, tzinfo=UTC)
    assert found[0].left_out == {
        "days on which the exchange was shut": 1,
        "days whose session had not ended": 1,
        "days without a value": 1,
    }


async def test_an_index_of_one_column_is_read_of_it_and_known_on_the_next_morning(tmp_path: Path) -> None:
    window = span("2026-02-01", "2026-02-11", "SKEW")
    async with playing(samples_of("cboe")) as endpoint:
        found = parse_all("cboe", await fetch_all(endpoint, "cboe", window, tmp_path))
        assert [one.path.rpartition("/")[2] for one in endpoint.asked] == ["SKEW_History.csv"]
    points = points_of(found, SKEW)
    assert [(one.day, one.value) for one in points] == [(date(2026, 2, 4), 130.0), (date(2026, 2, 5), 138.5)]
    (series,) = load_source("cboe").series_of("SKEW")
    assert points[0].at + (series.publication_lag or timedelta()) == datetime(2026, 2, 5, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("SKEW", "DATE,OPEN,HIGH,LOW,CLOSE\n02/04/2026,1,1,1,130\n", "has no SKEW and has OPEN"),
        ("SKEW", "DATE,SKEW\n2026-02-04,130\n", "MM/DD/YYYY"),
        ("SKEW", "DATE,SKEW\n02/04/2026,130,131\n", "3 cells"),
        ("VVIX", "DATE,SKEW\n02/04/2026,130\n", "has no VVIX and has SKEW"),
        ("VIX9D", "DATE,VIX9D\n02/04/2026,20\n", "has no OPEN, HIGH, LOW, CLOSE and has VIX9D"),
    ],
)
def test_an_index_in_the_shape_of_another_is_refused(name: str, text: str, said: str) -> None:
    (payload,) = [one for one in sample_payloads("cboe") if one.context["symbol"] == name]
    with pytest.raises(SourceChangedError, match=said):
        load_connector("cboe").parse(with_content(payload, text.encode()), load_source("cboe"))


def test_a_half_day_closes_at_its_own_hour() -> None:
    found = parsed("DATE,OPEN,HIGH,LOW,CLOSE\n11/28/2025,20,21,19,20.5\n")
    assert found.points[0].at == datetime(2025, 11, 28, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DATE,OPEN,HIGH,LOW,LAST\n02/04/2026,20,21,19,20\n", "has no CLOSE and has LAST"),
        ("DATE,OPEN,HIGH,LOW,CLOSE,VOLUME\n02/04/2026,20,21,19,20,5\n", "has VOLUME"),
        ("DATE,OPEN,HIGH,LOW,CLOSE\n2026-02-04,20,21,19,20\n", "MM/DD/YYYY"),
        ("DATE,OPEN,HIGH,LOW,CLOSE\n02/04/2026,20,21,19,abc\n", "'abc' where a number"),
        ("DATE,OPEN,HIGH,LOW,CLOSE\n02/04/2026,20,21\n", "3 cells"),
        ("DATE,OPEN,HIGH,LOW,CLOSE\n", "no day"),
    ],
)
def test_another_shape_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(text)


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    window = span("2026-01-01", "2026-02-01", *load_source("cboe").symbols)
    found = parse_all("cboe", await fetch_live("cboe", window, tmp_path))
    for series in (one.id for one in load_source("cboe").series):
        assert len(points_of(found, series)) > 3000
