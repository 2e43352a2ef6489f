"""FRED by its API, with vintages and pages, and by the CSV of its pages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed, Window
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

BROAD = "usd_broad.fx_level.daily"


def keyless(text: str, sample: int = 0) -> Parsed:
    payload = sample_payloads("fredgraph")[sample]
    return load_connector("fredgraph").parse(with_content(payload, text.encode()), load_source("fredgraph"))


async def test_every_vintage_is_known_since_its_release(tmp_path: Path) -> None:
    window = span("2026-02-02", "2026-02-10", "DTWEXBGS")
    async with playing(samples_of("fred")) as endpoint:
        found = parse_all("fred", await fetch_all(endpoint, "fred", window, tmp_path))
        assert endpoint.asked[0].params["api_key"] == "k3y-of-a-test"
        assert endpoint.asked[0].params["realtime_end"] == "9999-12-31"
    held = [(one.day, one.value, one.known_at) for one in points_of(found, BROAD)]
    assert held == [
        (date(2026, 2, 5), 111.1, datetime(2026, 2, 9, 21, 15, tzinfo=UTC)),
        (date(2026, 2, 5), 111.2, datetime(2026, 2, 16, 21, 15, tzinfo=UTC)),
        (date(2026, 2, 6), 111.3, datetime(2026, 2, 9, 21, 15, tzinfo=UTC)),
    ]
    assert points_of(found, BROAD)[0].at == datetime(2026, 2, 5, 17, tzinfo=UTC)


async def test_years_and_pages_follow_until_all_observations_are_there(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        offset = int(asked.params["offset"])
        start = date.fromisoformat(asked.params["observation_start"])
        day = (start + timedelta(days=offset)).isoformat()
        row = {"realtime_start": day, "realtime_end": "9999-12-31", "date": day, "value": str(offset)}
        content = {"count": 3, "offset": offset, "limit": 1, "observations": [row]}
        return Reply(body=json.dumps(content).encode())

    window = span("2024-01-02", "2026-02-10", "T10Y2Y")
    async with playing(answer) as endpoint:
        whole = await fetch_all(endpoint, "fred", window, tmp_path / "whole")
        spans = [(one.params["observation_start"], one.params["observation_end"]) for one in endpoint.asked[::3]]
        ends = [one.params["realtime_end"] for one in endpoint.asked[::3]]
        rest = await fetch_all(endpoint, "fred", window, tmp_path / "rest", cursor=whole[4].cursor)
    assert [one.value for one in points_of(parse_all("fred", whole), "ust_10y2y.yield_level.daily")] == [0, 1, 2] * 3
    assert spans == [("2024-01-01", "2024-12-31"), ("2025-01-01", "2026-01-01"), ("2026-01-02", "2026-02-09")]
    assert ends == ["2025-12-31", "9999-12-31", "9999-12-31"]
    assert [one.payload.id for one in rest] == [one.payload.id for one in whole[5:]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count": "4"}, "the count"),
        ({"observations": {}}, "where rows were agreed"),
        ({"news": 1}, "not known"),
        (
            {"count": 1, "observations": [{"realtime_start": "2026-02-09", "date": "2026-02-05", "value": "1"}]},
            "no realtime_end",
        ),
    ],
)
async def test_an_answer_of_another_shape_is_refused(change: dict[str, object], said: str, tmp_path: Path) -> None:
    content = json.loads(sample_payloads("fred")[0].content) | change
    async with playing(lambda _: Reply(body=json.dumps(content).encode())) as endpoint:
        window = span("2026-02-02", "2026-02-10", "DTWEXBGS")
        with pytest.raises(SourceChangedError, match=said):
            parse_all("fred", await fetch_all(endpoint, "fred", window, tmp_path))


async def test_without_a_key_a_figure_is_known_by_the_timetable_of_its_release(tmp_path: Path) -> None:
    window = span("2026-02-02", "2026-02-10", "DTWEXBGS")
    async with playing(samples_of("fredgraph")) as endpoint:
        found = parse_all("fredgraph", await fetch_all(endpoint, "fredgraph", window, tmp_path))
    held = points_of(found, BROAD)
    assert [(one.day, one.value) for one in held] == [(date(2026, 2, 5), 111.1), (date(2026, 2, 6), 111.3)]
    assert {one.known_at for one in held} == {datetime(2026, 2, 9, 21, 15, tzinfo=UTC)}


def test_the_first_column_may_be_called_as_it_was_before() -> None:
    old = keyless("DATE,WALCL\n2026-02-04,5\n2026-02-11,\n", 1)
    assert old == keyless("observation_date,WALCL\n2026-02-04,5\n2026-02-11,.\n", 1)
    assert old.points[0].at == datetime(2026, 2, 5, 5, tzinfo=UTC)
    assert old.points[0].known_at == datetime(2026, 2, 5, 21, 30, tzinfo=UTC)
    for text, said in (("day,WALCL\n2026-02-04,5\n", "not known"), ("WALCL\n5\n", "observation_date")):
        with pytest.raises(SourceChangedError, match=said):
            keyless(text, 1)


def test_another_series_than_was_asked_for_is_refused() -> None:
    with pytest.raises(SourceChangedError, match="no DTWEXBGS"):
        keyless("observation_date,DGS10\n2026-02-05,4\n")


@live
@pytest.mark.parametrize("name", ["fred", "fredgraph"])
async def test_fred_answers_as_documented(name: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=30), until=now, symbols=("T10Y2Y",))
    assert sum(len(one.points) for one in parse_all(name, await fetch_live(name, window, tmp_path))) > 4
