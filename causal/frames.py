"""Tables of series as arrays: from a mapping, or from whatever speaks the Arrow C stream (pyarrow, pandas, polars).

The one module of this package that knows Arrow, so that everything behind it works on plain arrays. Gaps stay gaps:
missing and infinite values become nan and are never filled here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from causal.errors import InvalidTableError

Array = NDArray[np.float64]


@runtime_checkable
class ArrowStream(Protocol):
    """Anything with the Arrow C stream interface: rows are times in order, columns are series."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The capsule of the Arrow PyCapsule protocol."""
        ...


Tabular = ArrowStream | Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Series side by side: `values` of shape (rows, columns), nan where missing; `others` are columns not asked for."""

    columns: tuple[str, ...]
    values: Array
    others: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of times."""
        return int(self.values.shape[0])

    def column(self, name: str) -> Array | None:
        """The series of that name, of shape (rows,); None when there is none or it holds no number at all."""
        if name not in self.columns:
            return None
        series: Array = self.values[:, self.columns.index(name)]
        return None if np.isnan(series).all() else series


def read_frame(table: Tabular, wanted: Collection[str], *, name: str) -> Frame:
    """The `wanted` columns of a table, as far as it has them, in its own order.

    `name` is what errors call the table. Raises InvalidTableError when it is no table, has no rows, its columns differ
    in length, a column stands twice, or a wanted column is not numeric.
    """
    columns = _columns(table, name)
    names = [column for column, _ in columns]
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise InvalidTableError(
            f"{name} table: the column {twice[0]!r} stands twice; give each column a name of its own"
        )
    chosen = [(column, _numbers(values, column, name)) for column, values in columns if column in wanted]
    lengths = {values.size for _, values in chosen}
    if len(lengths) > 1:
        raise InvalidTableError(f"{name} table: columns of {sorted(lengths)} rows; give all columns the same length")
    if not chosen:
        raise InvalidTableError(
            f"{name} table: none of its {len(names)} columns is a node of the graph; name columns as the nodes are"
        )
    if lengths == {0}:
        raise InvalidTableError(f"{name} table: no rows; give at least one")
    return Frame(
        columns=tuple(column for column, _ in chosen),
        values=np.column_stack([values for _, values in chosen]),
        others=tuple(column for column in names if column not in wanted),
    )


def _columns(table: Tabular, name: str) -> Sequence[tuple[str, Any]]:
    if isinstance(table, Mapping):
        return [(str(column), values) for column, values in table.items()]
    if not hasattr(table, "__arrow_c_stream__"):
        raise InvalidTableError(
            f"{name} table: {type(table).__name__} is no table; give a pyarrow, pandas or polars table, or a mapping"
        )
    import pyarrow  # the interface hands over pointers; Arrow itself is the one that may read them

    arrow = pyarrow.table(table)
    return list(zip(arrow.column_names, arrow.columns, strict=True))


def _numbers(values: Any, column: str, name: str) -> Array:
    plain = values.to_numpy() if hasattr(values, "to_numpy") else values
    try:
        numbers = np.array(plain, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidTableError(f"{name} table: column {column!r} is not numeric: {error}") from error
    if numbers.ndim != 1 or getattr(plain, "dtype", np.dtype(float)).kind in "mM":
        raise InvalidTableError(f"{name} table: column {column!r} is not a series of numbers; leave it out")
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers
