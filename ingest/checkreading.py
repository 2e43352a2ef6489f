"""Reads what there is to check out of the graph and the series: rows become readings, series become daily values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

from graph.reading import Clocks, Record, ask, series_about
from graph.series import NO_DAY, SeriesStore
from graph.store import GraphReader
from ingest.checkmodel import Reading, Terms, World
from ingest.units import base_value

Place = tuple[str, str]  # indicator, subject
_EPOCH = date(1970, 1, 1)
PERIODS = frozenset({"week", "month", "quarter", "year", "year to date"})
VOLATILITY_INDEX = "volatility index"


async def read_world(
    reader: GraphReader, store: SeriesStore | None, clocks: Clocks, places: frozenset[Place] = frozenset()
) -> tuple[World, dict[str, str]]:
    """All readings known by the clocks with the daily series beside them, and fact -> case for those of a case.

    `places` are further (indicator, subject) whose series are wanted.
    """
    rows = await ask(reader, "readings_to_check", clocks.params())
    readings = {one.key: one for one in readings_of(rows)}
    cases = {str(row["key"]): str(row["case"]) for row in rows if row["case"] is not None}
    things = await ask(reader, "terms_to_check")
    indices = {str(row["id"]) for row in things if row["kind"] == VOLATILITY_INDEX}
    terms = {
        str(row["id"]): Terms(
            barrier=_number(row["barrier"]), observation=_text(row["observation"]), maturity=_day(row["maturity"])
        )
        for row in things
    }
    world = World(readings=readings, terms=terms)
    return (world if store is None else await _with_series(reader, store, world, indices, clocks, places=places)), cases


def readings_of(rows: Sequence[Record]) -> list[Reading]:
    """One reading a fact; rows differ in subject and document, and the first document is kept."""
    grouped: dict[str, list[Record]] = {}
    for row in rows:
        grouped.setdefault(str(row["key"]), []).append(row)
    return [_reading(group) for group in grouped.values()]


def _reading(group: Sequence[Record]) -> Reading:
    row = group[0]
    unit = _text(row["unit"])
    multiplier = base_value(1.0, unit)[0] if unit is not None else None
    first, last = _days(row)
    return Reading(
        key=str(row["key"]),
        label=str(row["label"]),
        statement=str(row["statement"] or ""),
        subjects=tuple(dict.fromkeys(str(one["subject"]) for one in group if one["subject"] is not None)),
        known_at=cast("datetime", row["known_at"]),
        indicator=_text(row["indicator"]),
        value=_number(row["value_base"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        unit=_text(row["unit_base"]) or unit,
        told=_told(row),
        multiplier=multiplier or 1.0,
        bound=_text(row["bound"]),
        direction=_text(row["direction"]),
        baseline=_number(row["baseline"]),
        first=first,
        last=last,
        modality=_text(row["modality"]),
        inferred=row["inferred"] is True,
        other_dates=tuple(date.fromisoformat(one[:10]) for one in _texts(row["other_dates"])),
        superlative=_text(row["superlative"]),
        since=_day(row["since"]),
        document=_text(row["document"]),
        source=_text(row["source"]),
        checks=tuple(json.loads(one) for one in _texts(row["checks"])),
        doubts=tuple(cast("tuple[str, str, str]", tuple(json.loads(one))) for one in _texts(row["doubts"])),
        aliases=_texts(row["aliases"]),
    )


def _days(row: Record) -> tuple[date | None, date | None]:
    """The first and the last day: trade days where there are some, else, or where a period is meant, those of time."""
    begin, end = _day(row["valid_from"]), _last(cast("datetime | None", row["valid_to"]))
    if row["first"] is None or row["time_precision"] in PERIODS:
        return begin, begin if begin is None or end is None or end < begin else end
    first = _day(row["first"])
    return first, _day(row["last"]) or first


def _told(row: Record) -> str:
    if row["low"] is not None and row["high"] is not None:
        return f"{row['low']:g} to {row['high']:g} {row['unit'] or ''}".strip()
    value = row["value"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        unit = "" if row["unit"] == "ratio" else f" {row['unit'] or ''}"
        return f"{value:g}{unit}".strip()
    return str(value or row["direction"] or "")


async def _with_series(
    reader: GraphReader,
    store: SeriesStore,
    world: World,
    indices: set[str],
    clocks: Clocks,
    *,
    places: frozenset[Place],
) -> World:
    """The world with every daily series that measures what a reading is of, in whole units; the longest of several."""
    wanted = {(str(one.indicator), subject) for one in world.readings.values() for subject in one.subjects} | places
    found: dict[Place, dict[date, float]] = {}
    units: dict[Place, str] = {}
    known: dict[Place, dict[date, datetime]] = {}
    ids: dict[Place, str] = {}
    names = set(store.names())
    for row in await series_about(reader, sorted({subject for _, subject in wanted})):
        place = (_measured(row, indices), str(row["subject"]))
        if place not in wanted or row["frequency"] != "P1D" or row["id"] not in names:
            continue
        values = await store.read(str(row["id"]), as_of=clocks.as_of)
        multiplier, unit = base_value(1.0, str(row["unit"]))
        days = [
            _EPOCH + timedelta(int(n)) if n != NO_DAY else datetime.fromtimestamp(at / 1e6, UTC).date()
            for n, at in zip(values.day.tolist(), values.at.tolist(), strict=True)
        ]
        if len(days) > len(found.get(place, ())):
            found[place] = {
                day: value * (multiplier or 1.0) for day, value in zip(days, values.value.tolist(), strict=True)
            }
            instants = (datetime.fromtimestamp(at / 1e6, UTC) for at in values.known_at.tolist())
            units[place], known[place] = unit or "1", dict(zip(days, instants, strict=True))
            ids[place] = str(row["id"])
    return replace(world, series=found, units=units, known=known, names=ids)


def _measured(row: Record, indices: set[str]) -> str:
    """The indicator of a series; the level of an index in points whose readings are volatilities is a volatility."""
    indicator, subject = str(row["indicator"]), str(row["subject"])
    if indicator == "price level" and row["unit"] == "index points" and subject in indices:
        return "implied volatility"
    return indicator


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _last(end: datetime | None) -> date | None:
    """The last day of a time that ends at `end`, which is not in it where it is a midnight."""
    return None if end is None else (end - timedelta(microseconds=1)).date()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()
