"""Tables and files that are handed on, written in one step: who reads them sees them whole, or as they were before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

Field = type[str] | type[int] | type[float] | type[date]
_TYPES: Mapping[Field, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64(), date: pa.date32()}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place to write a file to, which takes the place of `path` at the end; on an error nothing changes.

    The draft lies beside `path` under its name and `.part`; one that a killed run left is written over.
    """
    draft = path.with_name(f"{path.name}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def write_file(path: Path, content: bytes) -> None:
    """Put a file in place whole. Raises OSError where the folder cannot be written."""
    with replacing(path) as draft:
        draft.write_bytes(content)


def write_tables(stem: Path, fields: Mapping[str, Field], rows: Sequence[Mapping[str, object]]) -> tuple[Path, Path]:
    """The rows as `<stem>.csv` and `<stem>.parquet`, each whole, with one column a field; None is an empty cell.

    CSV has a header, days as 2026-02-05 and texts in quotation marks. Raises OSError where the folder cannot be
    written, and `pyarrow.ArrowInvalid` or `pyarrow.ArrowTypeError` for a value that is not of its field's type.
    """
    columns = {name: pa.array([row.get(name) for row in rows], _TYPES[kind]) for name, kind in fields.items()}
    table = pa.table(columns)
    as_csv, as_parquet = stem.with_suffix(".csv"), stem.with_suffix(".parquet")
    with replacing(as_csv) as draft:
        csv.write_csv(table, str(draft))
    with replacing(as_parquet) as draft:
        parquet.write_table(table, str(draft), compression="zstd")
    return as_csv, as_parquet
