"""Commitments of Traders by files: years and the week, headers of two sorts, days of two forms, and the same series."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.errors import SourceChangedError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    NOTHING,
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

NAME = "cftc_bulk"
NET, OPEN = "cme_btc_futures.positioning.weekly", "cme_btc_futures.open_interest.weekly"
YEAR, LEGACY, WEEK, COMMODITIES, COMMODITIES_WEEK = range(5)
HEADER = [
    "Market_and_Exchange_Names",
    "As_of_Date_In_Form_YYMMDD",
    "CFTC_Contract_Market_Code",
    "Open_Interest_All",
    "Lev_Money_Positions_Long_All",
    "Lev_Money_Positions_Short_All",
]


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows([header, *rows])
    return held.getvalue().encode()


def zipped(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("FinFutYY.txt", content)
    return held.getvalue()


def parsed(content: bytes, sample: int = YEAR) -> Parsed:
    payload = sample_payloads(NAME)[sample]
    return load_connector(NAME).parse(with_content(payload, content), load_source(NAME))


def row(day: str = "260203", code: str = "133741", *, short: str = " 520") -> list[str]:
    return ["BITCOIN, INVENTED", day, code, "  900", " 320", short]


def week(**cells: str) -> bytes:
    """A line of the file without a header: the number of a cell (as c7) and what stands in it."""
    line = ["0"] * 86 + ["FutOnly"]
    for place, text in {"c1": "260203", "c3": "133741", "c7": "900", "c14": "320", "c15": "520", **cells}.items():
        line[int(place.removeprefix("c"))] = text
    return ",".join(line).encode()


def test_its_series_are_those_of_the_other_way_but_for_the_names_of_fields() -> None:
    ours, others = load_source(NAME), load_source("cftc")
    assert [one.model_copy(update={"field": ""}) for one in ours.series] == [
        one.model_copy(update={"field": ""}) for one in others.series
    ]
    assert (ours.symbols, ours.instruments, ours.relations) == (others.symbols, others.instruments, others.relations)
    assert (ours.title, ours.clock, ours.publication_lag) == (others.title, others.clock, others.publication_lag)


def test_both_ways_give_the_same_values_under_the_same_keys() -> None:
    found = {}
    for name in (NAME, "cftc"):
        source, connector = load_source(name), load_connector(name)
        every = [connector.parse(payload, source) for payload in sample_payloads(name)]
        found[name] = {(one.series, one.at, one.known_at): one for parsed in every for one in parsed.points}
    assert found[NAME] == found["cftc"]
    assert len({series for series, _, _ in found[NAME]}) == 7


async def test_years_follow_one_another_and_the_first_ones_lie_in_one_file(tmp_path: Path) -> None:
    window = span("2015-06-01", "2018-03-01", "JPY")

    def answer(asked: Asked) -> Reply:
        return NOTHING if "2018" in asked.path else samples_of(NAME)(asked)

    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        asked = [one.path.removeprefix("/files") for one in endpoint.asked]
        rest = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[3].cursor)
    legacy = [f"/files/dea/history/deacot{year}.zip" for year in (2015, 2016, 2017, 2018)]
    years = [
        f"/files/dea/history/f{name}.zip" for name in ("in_fut_txt_2006_2016", "ut_fin_txt_2017", "ut_fin_txt_2018")
    ]
    assert asked == [*legacy, *years, "/dea/newcot/FinFutWk.txt"]
    assert [one.payload.id for one in rest] == [one.payload.id for one in found[4:]]
    left = [dict(one.left_out) for one in parse_all(NAME, found)[:-1]]
    assert left == [{"files that are not there": 1}] * 7


async def test_what_is_read_of_one_report_alone_asks_for_no_other(tmp_path: Path) -> None:
    async with playing(samples_of(NAME)) as endpoint:
        await fetch_all(endpoint, NAME, span("2026-01-02", "2026-02-10", "BTC"), tmp_path)
    assert [one.path for one in endpoint.asked] == [
        "/files/files/dea/history/fut_fin_txt_2026.zip",
        "/files/dea/newcot/FinFutWk.txt",
    ]


def test_a_year_in_new_york_is_not_over_when_it_is_over_in_greenwich() -> None:
    source, connector = load_source(NAME), load_connector(NAME)
    plan = connector.plan(source, span("2025-12-30", "2026-01-01 03:00", "BTC"))
    assert [one.context["file"] for one in plan] == ["2025", "week"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("260203", date(2026, 2, 3)), (" 60613 ", date(2006, 6, 13)), ("860115", date(1986, 1, 15))],
)
def test_the_day_is_the_one_as_yymmdd(text: str, day: date) -> None:
    assert {one.day for one in parsed(zipped(table([row(text)]))).points} == {day}


async def test_commodities_are_read_of_files_of_their_own(tmp_path: Path) -> None:
    async with playing(samples_of(NAME)) as endpoint:
        await fetch_all(endpoint, NAME, span("2015-06-01", "2017-02-01", "GOLD"), tmp_path)
        asked = [one.path.removeprefix("/files") for one in endpoint.asked]
        found = parse_all(NAME, await fetch_all(endpoint, NAME, span("2026-01-02", "2026-02-10", "GOLD"), tmp_path))
    years = [f"/files/dea/history/fut_disagg_txt_{name}.zip" for name in ("hist_2006_2016", "2017")]
    assert asked == [*years, "/dea/newcot/f_disagg.txt"]
    net = [(one.day, one.value) for one in points_of(found, "gold_futures.positioning.weekly")]
    last = (date(2026, 2, 3), 590.0)
    assert net == [last, (date(2026, 1, 27), 1050.0), last]  # the week says again what the year ends with


@pytest.mark.parametrize("missing", ["", "   ", ".", "  .", "NaN"])
def test_a_report_without_a_side_has_no_net_position(missing: str) -> None:
    for content, sample in ((zipped(table([row(short=missing)])), YEAR), (week(c15=missing), WEEK)):
        found = parsed(content, sample)
        assert [one.series for one in found.points] == [OPEN]
        assert found.left_out == {"reports without a value": 1}


def test_contracts_are_told_apart_by_code_and_others_are_passed_over() -> None:
    found = parsed(zipped(table([row(code="133741 "), row(code="133742"), row(code="13374A"), row(code="1170e1")])))
    assert {one.series.split(".")[0] for one in found.points} == {"cme_btc_futures", "cme_micro_btc_futures"}
    assert points_of([found], NET)[0].known_at == datetime(2026, 2, 6, 20, 30, tzinfo=UTC)


def test_more_columns_in_another_order_are_no_fault() -> None:
    header = ["Report_Date_as_YYYY-MM-DD", *reversed(HEADER), " Contract Units"]
    found = parsed(zipped(table([["2026-06-09", *reversed(row()), "(CONTRACTS, OF 5)"]], header)))
    assert [one.value for one in points_of([found], NET)] == [-200.0]


@pytest.mark.parametrize(
    ("content", "sample", "said"),
    [
        (zipped(table([row()], [*HEADER[:-1], "Lev_Money_Short"])), YEAR, "has no lev_money_positions_short_all"),
        (zipped(table([row("2026-02-03")])), YEAR, "a day like 260205"),
        (zipped(table([row("261302")])), YEAR, "a day like 260205"),
        (zipped(table([row(short="few")])), YEAR, "'few' where a number"),
        (zipped(table([row()[:-1]])), YEAR, "has 5 cells, its header 6"),
        (zipped(b""), YEAR, "has no as_of_date_in_form_yymmdd"),
        (zipped(table([row()])), LEGACY, "has no noncommercial_positions_long_all"),
        (week().replace(b",FutOnly", b""), WEEK, "has not the agreed 87 cells"),
        (week(c86="Combined"), WEEK, "the last FutOnly"),
        (week(c1="2026-02-03"), WEEK, "a day like 260205"),
        (b"\r\n", WEEK, "holds no line"),
        (week(), COMMODITIES_WEEK, "has not the agreed 191 cells"),
        (zipped(table([row()])), COMMODITIES, "has no m_money_positions_long_all"),
    ],
)
def test_another_shape_is_refused_with_its_place(content: bytes, sample: int, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(content, sample)


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = span("2016-12-01", now.date().isoformat(), "JPY", "BTC")
    found = parse_all(NAME, await fetch_live(NAME, window, tmp_path))
    assert len({one.day for one in points_of(found, "jpy_futures.open_interest.weekly")}) > 400
    assert max(one.at for one in points_of(found, NET)) > now - timedelta(days=21)
