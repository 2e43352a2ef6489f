"""Forecasts on both servers: kept, corrected, judged by their criterion or by hand, scored, and summed up by author."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.catalog import list_page
from api.errors import InvalidAskError
from api.forecasts import FORECASTS, Kept, NewForecast, add_forecast, list_filters, one_forecast
from api.paging import page_of
from api.questions import answer, question_of
from api.resolving import Resolved, Ruling, resolve_forecast
from api.trackrecords import list_sources, one_source
from causal.trackrecord import SMALLEST
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node
from graph.reading import Clocks
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.criteria import parse_criterion
from ingest.documents import bundled_documents, load_document
from tests.forecast_world import AUTHOR, DUE, MADE, MORE, with_case, with_turnover
from tests.series_kit import DAY, publish, table

FORECAST = NewForecast(
    by=AUTHOR,
    statement="Turnover will stay high.",
    due=DUE,
    criterion=MORE,
    probability=0.8,
    about="exmp",
    known_at=MADE,
)
WORDS = NewForecast(by=AUTHOR, statement="It will rise in the end.", known_at=MADE)
SERIES = "exmp.trading_volume.daily"


def clocks() -> Clocks:
    now = datetime.now(UTC)
    return Clocks(as_of=now, as_at=now)


async def one(store: GraphStore, key: str, as_of: datetime | None = None) -> dict[str, Any]:
    when = clocks()
    return await one_forecast(store, key, when if as_of is None else replace(when, as_of=as_of))


async def listed(store: GraphStore, **filters: Any) -> list[str]:
    page = page_of("forecasts", limit=50, cursor=None, as_of=None, as_at=None)
    asked: dict[str, Any] = {"by": None, "due_before": None, "state": None} | filters
    rows = (await list_page(FORECASTS, page, store, list_filters(page.as_of, **asked))).items
    return [str(row["statement"]) for row in rows]


async def asked(store: GraphStore, key: str) -> Resolved:
    return (await resolve_forecast(store, None, key, None))[0]


async def test_a_forecast_is_kept_listed_and_corrected(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    kept = await add_forecast(FORECAST, store)
    assert (kept.written.created, kept.written.unchanged) == (1, 0)
    assert (await add_forecast(FORECAST, store)).written.unchanged == 1
    assert (await add_forecast(replace(FORECAST, known_at=None), store)).written.unchanged == 1
    words = await add_forecast(WORDS, store)
    row = await one(store, kept.key)
    assert (row["by"], row["subjects"], row["due_at"], row["state"]) == ([AUTHOR], ["exmp"], "2026-03-20", "due")
    assert (await one(store, kept.key, MADE + timedelta(days=1)))["state"] == "open"
    assert (await one(store, words.key))["state"] == "undated"
    assert set(await listed(store)) == {WORDS.statement, FORECAST.statement}
    assert await listed(store, state="due") == await listed(store, due_before=DUE) == [FORECAST.statement]
    assert await listed(store, due_before=date(2026, 3, 19)) == await listed(store, by="nobody") == []
    before = clocks()
    again = await add_forecast(replace(FORECAST, due=date(2026, 3, 21)), store)
    assert (again.key, again.written.corrected) == (kept.key, 1)
    assert (await one(store, kept.key))["due_at"] == "2026-03-21"
    assert (await one_forecast(store, kept.key, before))["due_at"] == "2026-03-20"


IMPOSSIBLE: tuple[tuple[dict[str, Any], type[Exception], str], ...] = (
    ({"probability": 1.0}, InvalidAskError, "not between 0 and 1"),
    ({"due": date(2026, 3, 1)}, InvalidAskError, "lies before"),
    ({"known_at": datetime(2099, 1, 1, tzinfo=UTC), "due": None}, InvalidAskError, "future"),
    ({"statement": "  "}, InvalidAskError, "statement"),
    ({"criterion": "trading_volume > "}, InvalidAskError, "column 18: a number"),
    ({"criterion": "tradng_volume > 1"}, InvalidAskError, "did you mean trading_volume"),
    ({"criterion": "trading_volume(nothing) > 1"}, NotInGraphError, "nothing"),
    ({"about": None, "criterion": "trading_volume > 1"}, InvalidAskError, "of what is trading_volume"),
    ({"by": "Largest shareholders"}, NotInGraphError, "did you mean big_holder"),
    ({"by": " . "}, InvalidAskError, "name"),
    ({"document": "no-such"}, NotInGraphError, "no-such"),
    ({"id": "a@2"}, InvalidAskError, "letters, digits"),
)


async def test_what_cannot_be_so_is_refused_and_nothing_kept(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    for changes, error, words in IMPOSSIBLE:
        with pytest.raises(error, match=words):
            await add_forecast(replace(FORECAST, **changes), store)
    assert await listed(store) == []


async def test_a_name_that_nobody_has_becomes_an_author(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    first = await add_forecast(replace(FORECAST, by="Ann Lee"), store)
    assert (await one(store, first.key))["by"] == ["ann_lee"]
    assert (await add_forecast(replace(FORECAST, by="ann lee"), store)).key == first.key
    other = await add_forecast(replace(FORECAST, by="Ann Leeb", new_author=True), store)
    assert (await one(store, other.key))["by"] == ["ann_leeb"]


async def test_a_criterion_is_judged_by_what_is_reported_until_its_day(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    key = (await add_forecast(FORECAST, store)).key
    open_ = await asked(store, key)
    assert (open_.outcome, open_.missing[0].split(":")[0]) == (None, "trading_volume(exmp)")
    assert (await one(store, key))["outcome"] is None
    await with_turnover(store, d18=50.0, d25=1.0)
    done = await asked(store, key)
    assert (done.outcome, done.method) == ("true", "criterion")
    assert (done.brier, done.log_score) == (pytest.approx(0.04), pytest.approx(0.3219, abs=1e-4))
    row = await one(store, key)
    assert (row["state"], row["outcome"], row["resolved_at"]) == ("resolved", "true", "2026-03-21T00:00:00Z")
    assert row["found"] == ["trading_volume(exmp) = 50,000,000 shares (d18 of 2026-03-18)"]
    assert (await one(store, key, datetime(2026, 3, 20, 12, tzinfo=UTC)))["state"] == "open"
    used = await store.read("MATCH (:Resolution)-[:WAS_DERIVED_FROM]->(o:Observation) RETURN o.key")
    assert used.rows == (("later:d18",),)
    assert await listed(store, state="resolved") == [FORECAST.statement]
    table_ = await answer(store, question_of("Q26"), {"actor": AUTHOR}, None, clocks().as_of)
    (told,) = table_.records()
    assert (told["status"], told["outcome"], told["brier"]) == ("resolved", "true", pytest.approx(0.04))


async def test_reports_that_differ_decide_nothing(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    await with_turnover(store, d18a=50.0, d18b=30.0)
    key = (await add_forecast(FORECAST, store)).key
    done = await asked(store, key)
    assert done.outcome is None
    assert "reports leave open which (30,000,000 to 50,000,000 shares" in done.missing[0]


async def with_series(store: GraphStore, folder: Path, values: list[float], first: date) -> SeriesStore:
    """A daily series of the turnover from a day on."""
    start = (first - date(1970, 1, 1)).days
    days = [start + i for i in range(len(values))]
    series = SeriesStore(folder / "series")
    publish(series, exmp__trading_volume__daily=table([day * DAY for day in days], values, day=days))
    node = Node(
        label="Series",
        id=SERIES,
        properties={"unit": "million shares", "frequency": "P1D", "count": len(values)},
    )
    links = tuple(
        Link(type=kind, from_label="Series", from_id=SERIES, to_label=label, to_id=id_)
        for kind, label, id_ in (("OF_INDICATOR", "Indicator", "trading_volume"), ("ABOUT", "Instrument", "exmp"))
    )
    await store.upsert(Batch(nodes=(node,), links=links))
    return series


async def test_a_daily_series_decides_before_reports_do(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    await with_turnover(store, d18=50.0)
    series = await with_series(store, tmp_path, [60.0, 45.0, 41.0, 39.0, 90.0, 90.0], date(2026, 3, 16))
    sums = replace(FORECAST, statement="Much in all.", criterion="sum(trading_volume) >= 215 million shares")
    for forecast, outcome in ((sums, "true"), (FORECAST, "true"), (replace(FORECAST, due=date(2026, 3, 19)), "false")):
        key = (await add_forecast(forecast, store)).key
        resolved, row = await resolve_forecast(store, series, key, None)
        assert (resolved.outcome, row["outcome"]) == (outcome, outcome)
        assert "daily series" in resolved.found[0]
    late = (await add_forecast(replace(FORECAST, due=date(2026, 3, 24)), store)).key
    missing = (await resolve_forecast(store, series, late, None))[0].missing
    assert missing == ("trading_volume(exmp): the daily series ends on 2026-03-21, before the due day 2026-03-24",)


async def test_a_later_word_corrects_and_nothing_is_lost(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    key = (await add_forecast(FORECAST, store)).key
    said = Ruling(outcome="false", by="reviewer", why="turnover fell")
    first, _ = await resolve_forecast(store, None, key, said)
    assert (first.outcome, first.brier) == ("false", pytest.approx(0.64))
    before = clocks()
    again, row = await resolve_forecast(store, None, key, said)
    assert again.known_at == first.known_at
    await resolve_forecast(store, None, key, Ruling(outcome="void", by="reviewer", why="trading was halted"))
    row = await one(store, key)
    assert (row["state"], row["outcome"], row["brier"], row["why"]) == ("void", "void", None, "trading was halted")
    assert (await one_forecast(store, key, before))["outcome"] == "false"
    versions = await store.read("MATCH (r:Resolution) RETURN r.outcome, r.recorded_to IS NULL ORDER BY r.recorded_from")
    assert versions.rows == (("false", False), ("void", True))


async def test_what_cannot_be_judged_says_why(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    undated = (await add_forecast(WORDS, store)).key
    for ruling in (None, Ruling(outcome="true")):
        with pytest.raises(InvalidAskError, match="no due day, so it can never fail"):
            await resolve_forecast(store, None, undated, ruling)
    assert (await resolve_forecast(store, None, undated, Ruling(outcome="void")))[0].outcome == "void"
    later = datetime.now(UTC).date() + timedelta(days=5)
    open_ = (await add_forecast(replace(FORECAST, due=later), store)).key
    for ruling in (None, Ruling(outcome="false")):
        with pytest.raises(InvalidAskError, match="not due until"):
            await resolve_forecast(store, None, open_, ruling)
    plain = (await add_forecast(replace(FORECAST, statement="No criterion.", criterion=None), store)).key
    with pytest.raises(InvalidAskError, match="by hand"):
        await resolve_forecast(store, None, plain, None)
    with pytest.raises(NotInGraphError, match="did you mean"):
        await resolve_forecast(store, None, plain[:-1], None)
    await store.upsert(Batch(nodes=(_words_for_a_criterion(),)))
    with pytest.raises(InvalidAskError, match="no criterion that can be looked up"):
        await resolve_forecast(store, None, "PRE-9", None)


def _words_for_a_criterion() -> Node:
    known = {"known_at": MADE, "known_at_precision": "instant"}
    told = {"statement": "s", "criterion": "when it feels right", "due_at": DUE, "aliases": ("PRE-9",)}
    return Node(label="Forecast", id="paper:f", properties={**known, **told})


async def test_a_track_record_needs_ten_forecasts(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    await store.upsert(_a_paper())
    for n in range(SMALLEST):
        kept: Kept = await add_forecast(
            replace(FORECAST, statement=f"Number {n}.", document="paper" if n < 2 else None), store
        )
        if n == SMALLEST - 1:
            record = (await one_source(store, AUTHOR, clocks()))["record"]
            assert isinstance(record, dict)
            assert (record["resolved"], record["note"], record["proposed_grade"]) == (9, "n too small", "F")
            assert record["brier"]["low"] is None
        await resolve_forecast(store, None, kept.key, Ruling(outcome="false" if n == 0 else "true"))
    row: dict[str, Any] = await one_source(store, "Largest shareholder", clocks())
    record = row["record"]
    assert (row["id"], row["role"], record["resolved"], record["right"], record["note"]) == (
        AUTHOR,
        "author",
        10,
        9,
        "",
    )
    assert record["brier"]["mean"] == pytest.approx((0.64 + 9 * 0.04) / 10)
    assert 0.0 <= record["brier"]["low"] < 0.1 < record["brier"]["high"] < 0.3
    assert record["proposed_grade"] == "B"
    assert row["grade"] is None
    page = page_of("sources", limit=50, cursor=None, as_of=None, as_at=None)
    rows: dict[str, Any] = {str(one["id"]): one for one in (await list_sources(store, page)).items}
    assert rows[AUTHOR]["record"] == record
    wire = rows["src_wire"]
    assert (wire["role"], wire["grade"], wire["record"]["resolved"], wire["record"]["right"]) == ("source", "C", 2, 1)
    table_ = await answer(store, question_of("Q27"), {}, None, clocks().as_of)
    told = [(row["who"], row["n"], row["scored"], row["note"]) for row in table_.records()]
    assert told == [("Largest shareholder", 10, 10, ""), ("Wire", 2, 2, "n too small")]
    with pytest.raises(NotInGraphError, match="did you mean src_wire"):
        await one_source(store, "src_wires", clocks())


def _a_paper() -> Batch:
    paper = Node(label="Document", id="paper", properties={"title": "A letter"})
    source = Node(label="Source", id="src_wire", properties={"name": "Wire", "kind": "press", "grade": "C"})
    link = Link(type="PUBLISHED_BY", from_label="Document", from_id="paper", to_label="Source", to_id="src_wire")
    return Batch(nodes=(paper, source), links=(link,))


def test_the_criteria_of_bundled_documents_can_be_looked_up() -> None:
    found = [
        str(node.properties["criterion"])
        for path in bundled_documents()
        for node in load_document(path).batch.nodes
        if node.label == "Forecast" and node.properties.get("criterion") is not None
    ]
    for text in found:
        assert str(parse_criterion(text)) == text
