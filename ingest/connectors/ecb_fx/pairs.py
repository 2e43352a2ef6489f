"""Rates of pairs from rates against the euro, the same whatever door these came by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ingest.connecting import Payload, Point
from ingest.dailyclocks import instant_of_day
from ingest.payloadreading import changed
from ingest.sourceformat import SourceFile

BASE = "EUR"
NOT_FIXED = "rates of a currency that was not fixed"


def currencies_of(source: SourceFile) -> list[str]:
    """The currencies that the pairs of a source are made of, without the euro, in order."""
    return sorted({name for one in source.series for name in one.field.split()} - {BASE})


def pairs_of(
    payload: Payload, source: SourceFile, day: date, rates: Mapping[str, float | None]
) -> tuple[list[Point], int]:
    """The rates of all pairs on a day, from what one euro cost in each currency, and how many were not fixed.

    Raises SourceChangedError for a rate that cannot be.
    """
    at = instant_of_day(source.clock, day)
    assert at is not None, "every day has its 14:15"
    told = {BASE: 1.0, **rates}
    points: list[Point] = []
    for one in source.series:
        top, bottom = (told.get(name) for name in one.field.split())
        if top is None or bottom is None:
            continue
        if bottom <= 0:
            raise changed(payload, f"has a rate of {bottom:g} {one.field.split()[1]} on {day}")
        points.append(Point(series=one.id, at=at, value=top / bottom, day=day))
    return points, len(source.series) - len(points)
