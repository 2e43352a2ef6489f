"""Rows for tests of the series store, and a child process that imports series until it is killed.

`python -m tests.series_kit FOLDER VALUE STEP` publishes two series of that value and dies at the STEP-th change of a
file below the folder, as if the power had failed; with STEP 0 it publishes ever higher values until someone kills it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from graph.series import SCHEMA, SeriesStore
from graph.seriesvalues import microseconds

DAY = 86_400 * 10**6
FIRST = microseconds(datetime(2020, 12, 1, 21, tzinfo=UTC))
ROWS = 60  # days from FIRST: two years of one month each
PAIR = ("whole.pair:a", "whole.pair:b")
CHANGES = ("open", "os.rename", "os.remove", "os.mkdir")
KILLED = 9


def table(
    at: Sequence[int],
    value: Sequence[float],
    *,
    day: Sequence[int | None] | None = None,
    known_at: Sequence[int | None] | None = None,
) -> pa.Table:
    """Rows in the form that a staging takes, from microseconds and days."""
    instant = SCHEMA.field("at").type
    return pa.table(
        {
            "at": pa.array(at, pa.int64()).cast(instant),
            "day": pa.array(day or [None] * len(at), pa.int32()).cast(pa.date32()),
            "value": pa.array(value, pa.float64()),
            "known_at": pa.array(known_at or [None] * len(at), pa.int64()).cast(instant),
        },
        schema=SCHEMA,
    )


def daily(value: float, rows: int = ROWS, first: int = FIRST) -> pa.Table:
    """One row a day, all of the same value."""
    at = first + DAY * np.arange(rows)
    return table(at.tolist(), [value] * rows, day=(at // DAY).tolist())


def publish(store: SeriesStore, **series: pa.Table) -> None:
    """Replace series, named with `__` for `.`, by the rows of one table each."""
    with ExitStack() as stack:
        staged = []
        for name, rows in series.items():
            staging = stack.enter_context(store.staging(name.replace("__", ".")))
            staging.add(rows)
            staged.append(staging)
        store.publish(staged)


def publish_pair(store: SeriesStore, value: float) -> None:
    """Replace both series of `PAIR` by rows of one value."""
    with store.staging(PAIR[0]) as one, store.staging(PAIR[1]) as other:
        for staging in (one, other):
            staging.add(daily(value).slice(0, 40))
            staging.add(daily(value).slice(40))
        store.publish([one, other])


def die_at(step: int, folder: str) -> None:
    """End this process, with nothing tidied up, right before the step-th change of a file below a folder."""
    changes = 0

    def watch(event: str, details: tuple[object, ...]) -> None:
        nonlocal changes
        if event in CHANGES and str(details[0]).startswith(folder):
            changes += 1
            if changes == step:
                os._exit(KILLED)

    sys.addaudithook(watch)


def main() -> None:
    """See the module."""
    folder, value, step = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    store = SeriesStore(Path(folder))
    if step:
        die_at(step, folder)
        publish_pair(store, value)
        return
    while True:
        publish_pair(store, value)
        value += 1
        sys.stdout.write("published\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
