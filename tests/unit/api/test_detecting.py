"""Which series of an instrument tells of its moves, and why a day has none: over a real series store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.ask import make_ask
from api.detecting import all_moves, batch_of, detect
from api.errors import InvalidAskError
from api.values import return_is
from api.wording import headline
from graph.series import SeriesStore
from graph.seriesvalues import microseconds
from tests.fakes import FakeStore
from tests.series_kit import publish, table

FIRST = date(2024, 1, 1)
EPOCH = date(1970, 1, 1)
NEW_YORK = ZoneInfo("America/New_York")


def weekdays(count: int, first: date = FIRST) -> list[date]:
    found = [first + timedelta(days=n) for n in range(2 * count)]
    return [day for day in found if day.weekday() < 5][:count]


def rows_of(days: Sequence[date], values: Sequence[float], *, trade_days: bool = True) -> Any:
    at = [microseconds(datetime.combine(day, time(21), UTC)) for day in days]
    return table(at, values, day=[(day - EPOCH).days for day in days] if trade_days else None)


def listed(series: str, count: int, indicator: str = "price level", every: str = "P1D") -> dict[str, object]:
    row: dict[str, object] = {"id": series, "indicator": indicator, "subject": "acme", "count": count}
    names = ("unit", "licence", "source", "tz", "cutoff", "session_calendar", "first", "last")
    return row | dict.fromkeys(names) | {"frequency": every, "publication_lag": "PT1H", "tz": "UTC"}


def a_graph(*series: dict[str, object]) -> FakeStore:
    return FakeStore({"UNWIND $ids AS id": series})


def acme(kind: str = "equity") -> dict[str, object]:
    return {"id": "acme", "kind": kind}


async def test_of_two_series_the_longer_tells_and_the_other_where_it_has_a_hole(tmp_path: Path) -> None:
    days = weekdays(60)
    longer = days[:20] + days[30:]
    store = SeriesStore(tmp_path)
    publish(store, long=rows_of(longer, [100.0 + n for n in range(50)]), short=rows_of(days[15:40], [50.0] * 25))
    graph = a_graph(listed("short", 25), listed("long", 50))
    listing = await all_moves(acme(), graph, store)
    assert (listing.series, listing.clock, len(listing.moves)) == ("long", "at 24:00 UTC", 48)
    for on, series in ((days[19], "long"), (days[30], "short"), (days[25], "short"), (days[31], "long")):
        found = await detect(make_ask(instrument="acme", on=on), acme(), graph, store)
        assert found is not None
        assert (found.series, found.end) == (series, on)
        assert found.known_at - found.closes == timedelta(hours=1)


async def test_an_hourly_series_alone_is_read_at_the_close_of_new_york(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    first = datetime(2024, 3, 7, tzinfo=UTC)
    hours = [first + timedelta(hours=n) for n in range(24 * 6)]
    publish(store, hourly=table([microseconds(at) for at in hours], [float(n) for n in range(1, 1 + len(hours))]))
    listing = await all_moves(acme("crypto spot"), a_graph(listed("hourly", len(hours), every="PT1H")), store)
    assert listing.clock == "at 17:00 America/New_York"
    for found, _ in listing.moves:
        assert found.closes == datetime.combine(found.end, time(17), NEW_YORK)
    summer = next(found for found, _ in listing.moves if found.end == date(2024, 3, 10))  # 23 hours long
    assert summer.closes - summer.opens == timedelta(hours=23)


async def test_a_yield_moves_by_its_level_and_by_no_price(tmp_path: Path) -> None:
    days, store = weekdays(3), SeriesStore(tmp_path)
    publish(store, level=rows_of(days, [4.0, 4.25, 4.1]), price=rows_of(days, [90.0, 80.0, 70.0]))
    graph = a_graph(listed("price", 9), listed("level", 3, indicator="yield level"))
    listing = await all_moves(acme("yield"), graph, store)
    assert (listing.series, listing.level) == ("level", True)
    assert [found.return_ for found, _ in listing.moves] == pytest.approx([0.0025, -0.0015])


async def test_a_move_of_a_yield_is_a_difference_and_is_told_in_basis_points(tmp_path: Path) -> None:
    days = weekdays(3)
    store = SeriesStore(tmp_path)
    publish(store, level=rows_of(days, [4.0, 4.25, 4.1]), price=rows_of(days, [90.0, 81.0, 70.0]))
    told = {}
    for kind, indicator, series in (("yield", "yield level", "level"), ("equity", "price level", "price")):
        listing = await all_moves(acme(kind), a_graph(listed(series, 3, indicator=indicator)), store)
        (node,) = batch_of([listing.moves[0][0]]).nodes
        told[kind] = headline(
            {"instrument": "acme", **node.properties, "start": "2024-01-01", "end": "2024-01-02"}
            | {"return_is": return_is(str(node.properties["return_unit"]))}
        )
        assert node.properties["return_unit"] == ("difference" if kind == "yield" else "fraction")
    assert told["yield"].startswith("acme rose 25.0 bp between")
    assert told["equity"].startswith("acme fell 10.00 % between")


async def test_two_dates_are_a_move_of_the_series_only_as_sessions_in_a_row(tmp_path: Path) -> None:
    days, store = weekdays(10), SeriesStore(tmp_path)
    publish(store, close=rows_of(days, [100.0] * 10))
    graph = a_graph(listed("close", 10))
    friday, monday = date(2024, 1, 5), date(2024, 1, 8)
    found = await detect(make_ask(instrument="acme", start=friday, end=monday), acme(), graph, store)
    assert found is not None
    assert found.key == "detected:acme.2024-01-05.2024-01-08"
    for start, end in ((days[0], days[2]), (date(2024, 1, 6), monday), (monday, monday)):
        assert await detect(make_ask(instrument="acme", start=start, end=end), acme(), graph, store) is None
    instants = make_ask(instrument="acme", start="2024-01-05T21:00:00Z", end="2024-01-08T21:00:00Z")
    assert await detect(instants, acme(), graph, store) is None


async def test_a_hole_is_named_by_its_ends(tmp_path: Path) -> None:
    days, store = weekdays(30), SeriesStore(tmp_path)
    held = days[:10] + days[20:]
    publish(store, close=rows_of(held, [100.0] * 20))
    graph = a_graph(listed("close", 20))
    for on, words in (
        (days[15], f"nothing between {days[9]} and {days[20]}"),
        (days[20], f"{days[9]}, 17 days earlier"),
    ):
        with pytest.raises(InvalidAskError, match=words):
            await detect(make_ask(instrument="acme", on=on), acme(), graph, store)


async def test_values_without_trade_days_and_other_things_are_no_sessions(tmp_path: Path) -> None:
    days, store = weekdays(5), SeriesStore(tmp_path)
    publish(store, bars=rows_of(days, [100.0] * 5, trade_days=False))
    graph = a_graph(listed("bars", 5), listed("volume", 5, indicator="trading volume"))
    with pytest.raises(InvalidAskError, match="no price series of acme is stored"):
        await all_moves(acme(), graph, store)
    with pytest.raises(InvalidAskError, match="indicator 'yield level' and the subject acme"):
        await all_moves(acme("yield"), graph, None)
    assert await detect(make_ask(instrument="acme", on=days[2]), acme(), graph, store) is None


async def test_the_node_of_a_move_says_what_it_is_about_and_of_what_it_was_made(tmp_path: Path) -> None:
    days, store = weekdays(3), SeriesStore(tmp_path)
    publish(store, close=rows_of(days, [100.0, 80.0, 80.0]))
    listing = await all_moves(acme(), a_graph(listed("close", 3)), store)
    batch = batch_of(found for found, _ in listing.moves)
    node = batch.nodes[0]
    assert (node.id, node.properties["origin"]) == ("detected:acme.2024-01-01.2024-01-02", "detected")
    assert node.properties["return"] == pytest.approx(-0.2)
    assert node.properties["measure"] == "close to close of the series close, 2024-01-01 to 2024-01-02"
    ends = {(link.type, link.to_label, link.to_id) for link in batch.links if link.from_id == node.id}
    assert ends == {("ABOUT", "Instrument", "acme"), ("WAS_DERIVED_FROM", "Series", "close")}
