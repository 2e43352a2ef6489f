"""Reference rates of the New York Fed by its markets API: one JSON for a span of days, newest first.

A rate is known on the morning of the next business day; one that is corrected on that day carries a revision indicator,
and stays a revision of its day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, days_of, instant_of_day, publication
from ingest.payloadreading import changed, json_of, number_of, record_of, rows_of
from ingest.sourceformat import SourceFile

ZONE = "America/New_York"
SPAN = timedelta(days=365)
FIELDS = ("effectiveDate", "type", "percentRate")
OTHERS = (
    "percentPercentile1", "percentPercentile25", "percentPercentile75", "percentPercentile99", "volumeInBillions",
    "revisionIndicator", "footnoteId", "average30day", "average90day", "average180day", "index", "intraDayLow",
    "intraDayHigh", "stdDeviation", "targetRateFrom", "targetRateTo",
)  # fmt: skip


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every rate and year of days."""
    first, last = days_of(window, ZONE)
    return [
        Request(
            url=f"{source.hosts['markets']}/api/rates/{source.symbols[symbol].words['rate']}/search.json",
            params=(("startDate", start.isoformat()), ("endDate", min(start + SPAN, last).isoformat())),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
        for start in _starts(first, last)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The rates of a span, oldest first."""
    symbol = payload.context["symbol"]
    published = publication(source.symbols[symbol].words)
    content = record_of(payload, json_of(payload), ("refRates",))
    points: list[Point] = []
    for row in reversed(rows_of(payload, content["refRates"])):
        record = record_of(payload, row, FIELDS, OTHERS)
        if str(record["type"]).lower() != symbol:
            raise changed(payload, f"holds the rate {record['type']!r} where {symbol} was asked for")
        day = day_of(payload, str(record["effectiveDate"]), "%Y-%m-%d")
        at = instant_of_day(source.clock, day)
        assert at is not None, "every day has an end"
        for one in source.series_of(symbol):
            value = number_of(payload, record.get(one.field))
            if value is None:
                raise changed(payload, f"has no {one.field} of {day}")
            known_at = published(at, day) if published is not None else None
            points.append(Point(series=one.id, at=at, value=value, day=day, known_at=known_at))
    return Parsed(points=points)


def _starts(first: date, last: date) -> list[date]:
    """The first days of spans of a year, each of which begins after the end of the one before."""
    step = SPAN + timedelta(days=1)
    return [first + n * step for n in range((last - first) // step + 1)]
