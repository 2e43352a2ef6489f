"""Frankfurter, version 2: the reference rates of the ECB as rows of day, base, quote and rate.

Documented traps: it blends what many central banks publish unless one provider is named, so that each row has to name
the ECB and nobody else; rates against another base than the provider's own are rounded, so that the euro is asked for
and pairs are made here; where no rate was published on the first day, rows of the day before it come too; a currency
that was not fixed on a day has no row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.ecb_fx.pairs import BASE, NOT_FIXED, currencies_of, pairs_of
from ingest.dailyclocks import day_of, days_of
from ingest.payloadreading import changed, json_of, number_of, record_of, rows_of
from ingest.sourceformat import SourceFile

BERLIN, PROVIDER = "Europe/Berlin", "ECB"
FIELDS = ("date", "base", "quote", "rate", "providers")


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request a calendar year, for all currencies."""
    if not window.symbols:
        return []
    first, last = days_of(window, BERLIN)
    return [
        Request(
            url=f"{source.hosts['api']}/v2/rates",
            params=(
                ("from", max(first, date(year, 1, 1)).isoformat()),
                ("to", min(last, date(year, 12, 31)).isoformat()),
                ("base", BASE),
                ("quotes", ",".join(currencies_of(source))),
                ("providers", PROVIDER),
                ("expand", "providers"),
            ),
        )
        for year in range(first.year, last.year + 1)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The rates of all pairs on each day, oldest first."""
    wanted = set(currencies_of(source))
    days: defaultdict[date, dict[str, float | None]] = defaultdict(dict)
    for raw in rows_of(payload, json_of(payload)):
        row = record_of(payload, raw, FIELDS)
        quote = _quote(payload, row, wanted)
        day, rate = day_of(payload, str(row["date"]), "%Y-%m-%d"), number_of(payload, row["rate"])
        if days[day].setdefault(quote, rate) != rate:
            raise changed(payload, f"says two rates of {quote} on {day}")
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for day in sorted(days):
        found, lacking = pairs_of(payload, source, day, days[day])
        points += found
        left_out[NOT_FIXED] += lacking
    return Parsed(points=points, left_out=+left_out)


def _quote(payload: Payload, row: Mapping[str, Any], wanted: set[str]) -> str:
    """The currency of a row. Raises SourceChangedError where base, currency or provider are not those asked for."""
    base, quote = str(row["base"]), str(row["quote"])
    if base != BASE or quote not in wanted:
        raise changed(payload, f"holds {quote[:10]!r} for {base[:10]!r}, unasked")
    told = [one.get("key") if isinstance(one, dict) else one for one in rows_of(payload, row["providers"])]
    if told != [PROVIDER]:
        said = ", ".join(map(str, told))[:60] or "nobody"
        raise changed(payload, f"holds a rate of {said} where {PROVIDER} alone was asked for")
    return quote
