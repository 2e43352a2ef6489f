"""Values on their way out: rows of text with holes and microseconds, and the Arrow stream of the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graph.seriesexport import FIELDS, arrow_stream, export_rows, first_of, joined
from graph.seriesvalues import NO_DAY, Values

SECOND = 1_000_000


def values(*at: int, day: int = 0) -> Values:
    count = len(at)
    return Values(
        at=np.array(at, np.int64),
        day=np.full(count, day, np.int32),
        value=np.arange(count, dtype=np.float64),
        known_at=np.array(at, np.int64) + SECOND,
    )


def test_an_instant_has_microseconds_only_where_there_are_some() -> None:
    rows = list(export_rows(values(0, -1, 61 * SECOND + 5)))
    assert [row[0] for row in rows] == [
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:01:01.000005Z",
    ]
    assert rows[0] == ("1970-01-01T00:00:00Z", "1970-01-01", 0.0, "1970-01-01T00:00:01Z")


def test_a_row_without_a_trade_day_has_none() -> None:
    mixed = joined([values(0, day=NO_DAY), values(SECOND, day=-1)])
    assert [row[1] for row in export_rows(mixed)] == [None, "1969-12-31"]
    table = pa.ipc.open_stream(arrow_stream(mixed, {})).read_all()
    assert [str(day) if day else None for day in table.column("day").to_pylist()] == [None, "1969-12-31"]


def test_nothing_at_all_is_an_empty_table() -> None:
    none = joined([])
    assert list(export_rows(none)) == []
    table = pa.ipc.open_stream(arrow_stream(none, {"unit": b"x"})).read_all()
    assert (table.num_rows, table.column_names, table.schema.metadata) == (0, list(FIELDS), {b"unit": b"x"})


def test_stretches_are_put_together_in_order_and_cut() -> None:
    whole = joined([values(0, SECOND), values(2 * SECOND)])
    assert whole.at.tolist() == [0, SECOND, 2 * SECOND]
    assert first_of(whole, 2).at.tolist() == [0, SECOND]
