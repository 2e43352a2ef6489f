"""Yields of Japanese government bonds: a CSV of this month, and one of all months before it.

Documented traps: a line with the unit stands before the header, `-` is a maturity without a yield, days are 2026/2/5.
At the start of a month the file of this month can be empty, and the last days of the month before be in neither.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, days_of, instant_of_day
from ingest.payloadreading import changed, number_of, table_of, text_of
from ingest.sourceformat import SourceFile

ZONE = "Asia/Tokyo"
FOLDER = "/english/policy/jgbs/reference/interest_rate"
UNIT = "(Unit : %)"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """The file of this month, and before it that of all months where the window begins earlier."""
    first, last = days_of(window, ZONE)
    base = source.hosts["mof"] + FOLDER
    names = ["/historical/jgbcme_all.csv"] if first < last.replace(day=1) else []
    return [Request(url=base + name) for name in [*names, "/jgbcme.csv"]] if window.symbols else []


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The yields of a file in its order, which is that of time."""
    title, _, table = text_of(payload).partition("\n")
    if UNIT.replace(" ", "") not in title.replace(" ", ""):
        raise changed(payload, f"begins with {title[:60]!r} where {UNIT} was agreed")
    points: list[Point] = []
    for row in table_of(payload, ("Date", *sorted({one.field for one in source.series})), lines=io.StringIO(table)):
        day = day_of(payload, row["Date"], "%Y/%m/%d")
        at = instant_of_day(source.clock, day)
        assert at is not None, "every day has its 15:00"
        for one in source.series:
            value = number_of(payload, row[one.field])
            if value is not None:
                points.append(Point(series=one.id, at=at, value=value, day=day))
    return Parsed(points=points)
