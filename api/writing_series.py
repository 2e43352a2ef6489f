"""A stretch of a series as bytes: JSON, CSV or an Arrow stream, each with its unit and its licence."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import orjson

from api.dates import write_instant
from graph.seriesexport import FIELDS, arrow_stream, export_rows

if TYPE_CHECKING:
    from api.series import Stretch


def about(stretch: Stretch, as_of: str | None) -> dict[str, object]:
    """What is said of the values beside them; `as_of` as it was asked for."""
    series = stretch.series
    following = stretch.next_since
    return {
        "series": series["id"],
        "indicator": series["indicator"],
        "subjects": series["subjects"],
        "unit": series["unit"],
        "licence": series["licence"],
        "source": series["source"],
        "as_of": as_of,
        "count": len(stretch.values),
        "truncated": following is not None,
        "next_since": None if following is None else write_instant(following),
    }


def as_json(stretch: Stretch, as_of: str | None) -> bytes:
    """An object with `fields` and `values`, one array a row."""
    rows = {"fields": FIELDS, "values": list(export_rows(stretch.values))}
    return orjson.dumps(about(stretch, as_of) | rows)


def as_csv(stretch: Stretch) -> bytes:
    """A table with a head; unit and licence stand in every row, so that they go where the values go."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*FIELDS, "unit", "licence"])
    marks = (stretch.series["unit"], stretch.series["licence"])
    writer.writerows((*row, *marks) for row in export_rows(stretch.values))
    return out.getvalue().encode()


def as_arrow(stretch: Stretch, as_of: str | None) -> bytes:
    """An Arrow IPC stream; what is said of the values stands in the metadata of its schema, as JSON."""
    return arrow_stream(stretch.values, {name: orjson.dumps(value) for name, value in about(stretch, as_of).items()})
