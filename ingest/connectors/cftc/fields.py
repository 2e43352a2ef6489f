"""How the series of the CFTC name what they read of a report: `tff a_long - a_short`, the report and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.connecting import Payload
from ingest.payloadreading import number_of
from ingest.sourceformat import SourceFile


def report_of(field: str) -> str:
    """The report that a series is read of."""
    return field.split(maxsplit=1)[0]


def columns_of(source: SourceFile, symbol: str, report: str) -> tuple[str, ...]:
    """The columns that the series of a contract read of a report, in order."""
    fields = [one.field.split() for one in source.series_of(symbol)]
    return tuple(dict.fromkeys(name for first, *rest in fields if first == report for name in rest if name != "-"))


def value_of(payload: Payload, row: Mapping[str, Any], field: str) -> float | None:
    """The column that a series names, or one less others; None where one of them is missing.

    Raises SourceChangedError.
    """
    found = [number_of(payload, row.get(name)) for name in field.split()[1:] if name != "-"]
    values = [one for one in found if one is not None]
    if len(values) < len(found):
        return None
    return values[0] - sum(values[1:])
