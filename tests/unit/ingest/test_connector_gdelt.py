"""News by GDELT: what counts as about something, files that are not out yet, lists that are full, errors under 200."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.connectors.gdelt.queries import query_of
from ingest.errors import IngestError, SourceBlockedError, SourceChangedError, SourceUnavailableError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    PAGE,
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

BITCOIN, SHARE = "btcusd.news_coverage.gdelt", "btcusd.news_coverage.gdelt_share"
CARRY = "usdjpy.news_coverage.gdelt_doc_carry"
SEEN = datetime(2026, 2, 5, 21, tzinfo=UTC)


def counted(*rows: str) -> Parsed:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("20260205210000.gkg.csv", "\n".join(rows))
    payload = with_content(sample_payloads("gdelt")[0], target.getvalue())
    return load_connector("gdelt").parse(payload, load_source("gdelt"))


def row(address: str, stamp: str = "20260205210000", columns: int = 27) -> str:
    return "\t".join(["1", stamp, "1", "news.example", address, *[""] * (columns - 5)])


async def test_articles_are_counted_once_by_whole_words_of_title_address_and_names(tmp_path: Path) -> None:
    async with playing(samples_of("gdelt")) as endpoint:
        found = parse_all(
            "gdelt", await fetch_all(endpoint, "gdelt", span("2026-02-05 20:50", "2026-02-05 23:00"), tmp_path)
        )
    values = {one.series: one.value for parsed in found for one in parsed.points}
    assert values == {
        BITCOIN: 2.0,
        SHARE: 40.0,
        "btcusd.news_coverage.gdelt_liquidations": 1.0,
        "btcusd.news_coverage.gdelt_outflows": 1.0,
        "usdjpy.news_coverage.gdelt_carry": 1.0,
        "vix.news_coverage.gdelt": 0.0,
    }
    assert points_of(found, BITCOIN)[0].at == SEEN
    # 21:15 is the newest file that is out, and not there: no value, and no later file is asked for
    assert [dict(one.left_out) for one in found] == [{}, {}, {"files that are not there": 1}]
    assert endpoint.asked[-1].path.endswith("/20260205211500.gkg.csv.zip")


async def test_what_is_not_out_yet_is_not_asked_for(tmp_path: Path) -> None:
    async with playing(samples_of("gdelt")) as endpoint:
        found = await fetch_all(endpoint, "gdelt", span("2026-02-05 22:00", "2026-02-05 23:00"), tmp_path)
    assert [one.cursor for one in found] == [None]
    assert len(endpoint.asked) == 1


def test_a_few_broken_rows_are_left_out_and_many_are_refused() -> None:
    good = [row(f"https://news.example/{n}") for n in range(200)]
    assert counted(*good, row("https://cut.example", columns=9)).left_out == {"rows that are broken": 1}
    with pytest.raises(SourceChangedError, match="2 of 3 rows"):
        counted(*good[:2], row("https://cut.example", columns=9))
    with pytest.raises(SourceChangedError, match="0 of 200 rows with 27 columns and the time 20260205210000"):
        counted(*[row(f"https://news.example/{n}", stamp="20260205211500") for n in range(200)])


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("bitcoin falls after margin calls", True),
        ("bitcoin falls", False),
        ("margin calls on copper", False),
        ("bitcoins meet a margin call", False),
        ("btc margin call", True),
    ],
)
def test_a_query_asks_for_whole_words_of_both_lists(text: str, meets: bool) -> None:
    assert query_of({"any": "bitcoin|BTC", "also": "margin call|margin  calls"}).meets(text) is meets


def article(at: datetime, n: int) -> dict[str, str]:
    return {
        "url": f"https://news.example/{at:%H%M}/{n}",
        "title": "t",
        "seendate": f"{at:%Y%m%dT%H%M%SZ}",
        "domain": "d",
    }


async def test_full_lists_are_asked_again_in_halves_until_every_step_is_whole(tmp_path: Path) -> None:
    since, until = datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 2, 5, 7, tzinfo=UTC)
    steps = [since + n * timedelta(minutes=15) for n in range(28)]
    count = dict.fromkeys(steps[4:12], 90) | {steps[20]: 300, steps[21]: 3}

    def answer(asked: Asked) -> Reply:
        start, end = (datetime.strptime(asked.params[name], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                      for name in ("startdatetime", "enddatetime"))  # fmt: skip
        found = [article(at, n) for at in steps if start <= at <= end for n in range(count.get(at, 0))]
        return Reply(body=json.dumps({"articles": found[:250]} if found else {}).encode())

    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, "gdelt_doc", span("2026-02-05", "2026-02-05 07:00", "carry-trade"), tmp_path)
        again = await fetch_all(
            endpoint,
            "gdelt_doc",
            span("2026-02-05", "2026-02-05 07:00", "carry-trade"),
            tmp_path,
            cursor=found[3].cursor,
        )
    assert [one.payload.id for one in again] == [one.payload.id for one in found[4:]]
    parsed = parse_all("gdelt_doc", found)
    points = points_of(parsed, CARRY)
    assert {one.at: one.value for one in points} == {**dict.fromkeys(steps[4:12], 90.0), steps[21]: 3.0}
    assert len(points) == 9
    assert sum(one.left_out["quarters of an hour with more articles than are given out"] for one in parsed) == 1
    assert until - steps[-1] == timedelta(minutes=15)


def test_a_step_that_still_fills_is_left_out() -> None:
    payload = replace(sample_payloads("gdelt_doc")[0], fetched_at=datetime(2026, 2, 5, 22, 10, tzinfo=UTC))
    found = load_connector("gdelt_doc").parse(payload, load_source("gdelt_doc"))
    assert [(one.at, one.value) for one in found.points] == [(SEEN, 2.0)]
    assert found.left_out == {"quarters of an hour that still filled": 1}


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (b"Please limit requests to one every 5 seconds.", SourceUnavailableError, "slower requests"),
        (b"Your query was too short or too long.", SourceChangedError, "too short or too long"),
        (PAGE, SourceBlockedError, "page for people"),
        (b'{"articles": [{"url": "u"}]}', SourceChangedError, "has no title, seendate, domain"),
        (b'{"articles": [], "status": "x"}', SourceChangedError, "status, which is not known"),
    ],
)
async def test_what_comes_under_200_in_place_of_articles_is_told_apart(
    body: bytes, error: type[IngestError], said: str, tmp_path: Path
) -> None:
    async with playing(lambda _: Reply(body=body, content_type="text/html; charset=utf-8")) as endpoint:
        with pytest.raises(error, match=said):
            parse_all(
                "gdelt_doc",
                await fetch_all(endpoint, "gdelt_doc", span("2026-02-05", "2026-02-06", "carry-trade"), tmp_path),
            )


@live
async def test_the_files_are_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = span(
        (now - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M"), (now - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    )
    assert points_of(parse_all("gdelt", await fetch_live("gdelt", window, tmp_path)), SHARE)


@live
async def test_the_search_answers_as_documented(tmp_path: Path) -> None:
    found = await fetch_live("gdelt_doc", span("2026-02-05 18:00", "2026-02-06 00:00", "carry-trade"), tmp_path)
    assert points_of(parse_all("gdelt_doc", found), CARRY)
