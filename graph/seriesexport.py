"""Values of a series on their way out: stretches put together and cut, as rows of text, or as an Arrow stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.seriesvalues import NO_DAY, Values, instant_of

FIELDS = ("at", "day", "value", "known_at")
ExportRow = tuple[str, str | None, float, str]
_SECOND = 1_000_000


def joined(parts: Sequence[Values]) -> Values:
    """The values of stretches that follow one another."""

    def column(name: str, kind: type[np.generic]) -> NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *(getattr(part, name) for part in parts)])

    return Values(
        at=column("at", np.int64),
        day=column("day", np.int32),
        value=column("value", np.float64),
        known_at=column("known_at", np.int64),
    )


def first_of(values: Values, most: int) -> Values:
    """The first `most` of them."""
    return Values(
        at=values.at[:most], day=values.day[:most], value=values.value[:most], known_at=values.known_at[:most]
    )


def export_rows(values: Values) -> Iterable[ExportRow]:
    """One row a value with the columns of `FIELDS`: instants as RFC 3339 in UTC, the day as a date or None."""
    return zip(_instants(values.at), _days(values.day), values.value.tolist(), _instants(values.known_at), strict=True)


def arrow_stream(values: Values, notes: Mapping[str, bytes]) -> bytes:
    """An Arrow IPC stream with the columns of `FIELDS`; `notes` become the metadata of its schema."""
    instants = pa.timestamp("us", tz="UTC")
    columns = [
        pa.array(values.at).view(instants),
        pa.array(values.day, pa.int32(), mask=values.day == NO_DAY).view(pa.date32()),
        pa.array(values.value),
        pa.array(values.known_at).view(instants),
    ]
    table = pa.Table.from_arrays(columns, names=list(FIELDS)).replace_schema_metadata(dict(notes))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _instants(column: NDArray[np.int64]) -> list[str]:
    """Microseconds are written only in the rows that have some."""
    seconds = np.datetime_as_string(column.view("datetime64[us]"), unit="s", timezone="UTC", casting="unsafe")
    return [
        text if at % _SECOND == 0 else instant_of(at).isoformat().replace("+00:00", "Z")
        for text, at in zip(seconds.tolist(), column.tolist(), strict=True)
    ]


def _days(column: NDArray[np.int32]) -> list[str | None]:
    texts = np.datetime_as_string(np.where(column == NO_DAY, 0, column).astype("datetime64[D]"))
    return [None if day == NO_DAY else text for text, day in zip(texts.tolist(), column.tolist(), strict=True)]
