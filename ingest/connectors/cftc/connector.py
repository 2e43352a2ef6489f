"""Commitments of Traders by the Socrata interface: financial, disaggregated and legacy reports, futures only.

Documented traps: contracts are told by their codes, as names changed over the years and codes are padded with blanks;
all values are texts; a field without a value is left out of its row; the columns are asked for by name, so that one
that is gone is refused by the source. Positions are those of Tuesday, known since Friday (release.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.cftc.fields import columns_of, report_of, value_of
from ingest.connectors.cftc.release import as_of, released
from ingest.payloadreading import changed, json_of, record_of, rows_of
from ingest.sourceformat import SourceFile

PAGE = 1000
DATASETS = {"tff": "gpe5-46if", "disagg": "72hh-3qpy", "legacy": "6dca-aqww"}
DATE, CODE = "report_date_as_yyyy_mm_dd", "cftc_contract_market_code"
EMPTY = "reports without a value"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for each contract and report; the pages after the first follow from the answers."""
    return [
        Request(
            url=f"{source.hosts['api']}/resource/{DATASETS[report]}.json",
            params=(
                ("$select", ",".join((DATE, CODE, *columns_of(source, symbol, report)))),
                ("$where", _where(source.symbols[symbol].words["code"], window)),
                ("$order", DATE),
                ("$limit", str(PAGE)),
                ("$offset", "0"),
            ),
            context={"symbol": symbol, "report": report},
        )
        for symbol in window.symbols
        for report in sorted({report_of(one.field) for one in source.series_of(symbol)})
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, each page by page."""
    return fetch_planned(client, plan(source, window), cursor, _next_page)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """One value for each report and series, true at Tuesday's close and known since its publication."""
    symbol, report = payload.context["symbol"], payload.context["report"]
    code = source.symbols[symbol].words["code"]
    columns = columns_of(source, symbol, report)
    rows = [record_of(payload, row, (DATE, CODE), columns) for row in rows_of(payload, json_of(payload))]
    lacking = [name for name in columns if rows and all(name not in row for row in rows)]
    if lacking:
        raise changed(payload, f"has no {', '.join(lacking)}")
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        day = _day(payload, row[DATE])
        if str(row[CODE]).strip() != code:
            raise changed(payload, f"holds the contract {str(row[CODE])[:20]!r} where {code} was asked for")
        for one in source.series_of(symbol):
            if report_of(one.field) != report:
                continue
            value = value_of(payload, row, one.field)
            if value is None:
                left_out[EMPTY] += 1
                continue
            known_at = released(day, report)
            points.append(Point(series=one.id, at=as_of(day), value=value, day=day, known_at=known_at))
    return Parsed(points=points, left_out=left_out)


def _next_page(request: Request, payload: Payload) -> Request | None:
    """The page after a full one."""
    if len(rows_of(payload, json_of(payload))) < PAGE:
        return None
    offset = int(dict(request.params)["$offset"]) + PAGE
    kept = tuple((name, value) for name, value in request.params if name != "$offset")
    return replace(request, params=(*kept, ("$offset", str(offset))))


def _where(code: str, window: Window) -> str:
    return (
        f"{CODE}='{code}' AND {DATE}>='{window.since.date().isoformat()}' "
        f"AND {DATE}<='{window.until.date().isoformat()}'"
    )


def _day(payload: Payload, value: object) -> date:
    text = str(value)
    try:
        return date.fromisoformat(text.split("T", 1)[0])
    except ValueError as error:
        raise changed(payload, f"holds the date {text[:40]!r} where YYYY-MM-DD was agreed") from error
