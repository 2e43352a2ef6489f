"""Finds the files that a mapping names, and reads them piece by piece: CSV as texts, Parquet and Arrow by their types.

Texts are turned into numbers and instants later (ingest/tablecells.py), so that a bad one can be named.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq
from pyarrow import ipc

from ingest.tablefaults import Faults
from ingest.tablemap import FilePlan, TableMap

BLOCK_BYTES = 1 << 20
BATCH_ROWS = 65_536
PARQUET = (".parquet", ".pq")
BINARY = (*PARQUET, ".arrow", ".feather", ".ipc")
LINE = "\x00line"  # a column of ours beside those of the file: the line, or the row of a file without lines


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one entry of the mapping, in the order in which they are read."""

    plan: FilePlan
    files: tuple[Path, ...]


def find_files(tables: TableMap, paths: Sequence[Path], faults: Faults) -> list[Found]:
    """Which of the files given belongs to which entry of the mapping.

    Folders are searched for every entry; of files given by name only their own entries are read.
    """
    folders, files = [one for one in paths if one.is_dir()], [one for one in paths if not one.is_dir()]
    for path in files:
        if not path.is_file():
            faults.add(path, "(file)", "there is no such file or folder")
        elif not any(_belongs(path, plan) for plan in tables.plans):
            names = ", ".join(sorted(plan.part.file for plan in tables.plans)[:5])
            faults.add(path, "(file)", f"no entry of {tables.path} names it (it names {names}, ...)")
    found = []
    for plan in tables.plans:
        pattern = plan.part.file
        own = [one for folder in folders for one in sorted(folder.glob(pattern)) if one.is_file()]
        own += [one for one in files if one.is_file() and _belongs(one, plan)]
        if not own and folders and not plan.part.optional:
            place = f"{plan.place}.file"
            faults.add(tables.path, place, f"{pattern!r} is in none of the folders given; or write optional: true")
        if own:
            found.append(Found(plan, tuple(dict.fromkeys(own))))
    return found


def _belongs(path: Path, plan: FilePlan) -> bool:
    return path.match(PurePath(plan.part.file).name) or path.match(plan.part.file)


def read_rows(path: Path, plan: FilePlan, faults: Faults) -> Iterator[pa.RecordBatch]:
    """The columns that the plan names, in pieces, each with the column `LINE`. Faults of the file itself are noted."""
    columns = plan.columns()
    try:
        if path.suffix in PARQUET:
            yield from _parquet(path, columns, faults)
        elif path.suffix in BINARY:
            yield from _arrow(path, columns, faults)
        else:
            yield from _texts(path, plan, columns, faults)
    except (OSError, pa.ArrowException) as error:
        faults.add(path, "(file)", f"cannot be read: {str(error).splitlines()[0]}")


def _parquet(path: Path, columns: Sequence[str], faults: Faults) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        if _has_all(path, file.schema_arrow.names, columns, faults):
            yield from _numbered(file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False))


def _arrow(path: Path, columns: Sequence[str], faults: Faults) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as source:
        try:
            reader = ipc.open_file(source)
            batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
        except pa.ArrowInvalid:
            source.seek(0)
            reader = ipc.open_stream(source)
            batches = iter(reader)
        if _has_all(path, reader.schema.names, columns, faults):
            yield from _numbered(batch.select(list(columns)) for batch in batches)


def _numbered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        yield batch.append_column(LINE, pa.array(range(done + 1, done + 1 + len(batch)), pa.int64()))
        done += len(batch)


# --- texts ----------------------------------------------------------------------------------------------------------


def _texts(path: Path, plan: FilePlan, columns: Sequence[str], faults: Faults) -> Iterator[pa.RecordBatch]:
    header = _header(path, plan, faults)
    if header is None or not _has_all(path, header, columns, faults) or not _has_rows(path):
        return
    lines = _Lines()
    try:
        with closing(_open(path, plan, columns, lines)) as reader:
            for batch in reader:
                yield batch.append_column(LINE, lines.of(len(batch)))
                lines.tell(path, faults)
            lines.tell(path, faults)
    except pa.ArrowInvalid:
        line = _bad_line(path, plan.part.encoding)
        if line is None:
            raise
        faults.add(path, f"line {line}", f"is not written in {plan.part.encoding}; save it as UTF-8 or name encoding")


def _open(path: Path, plan: FilePlan, columns: Sequence[str], lines: _Lines) -> pv.CSVStreamingReader:
    return pv.open_csv(
        pa.input_stream(str(path)),
        read_options=pv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, encoding=plan.part.encoding),
        parse_options=pv.ParseOptions(
            delimiter=plan.part.delimiter, ignore_empty_lines=False, invalid_row_handler=lines.refuse
        ),
        convert_options=pv.ConvertOptions(
            include_columns=list(columns),
            column_types={name: pa.string() for name in columns},
            strings_can_be_null=False,
        ),
    )


@dataclass(slots=True)
class _Lines:
    """Which line each row is of: the reader leaves rows with too many or too few cells out, and tells of them."""

    done: int = 1
    dropped: set[int] = field(default_factory=set)
    waiting: list[pv.InvalidRow] = field(default_factory=list)

    def refuse(self, row: pv.InvalidRow) -> str:
        """The reader's question what to do with such a row."""
        self.dropped.add(row.number)
        self.waiting.append(row)
        return "skip"

    def tell(self, path: Path, faults: Faults) -> None:
        """Note the rows left out since the last time."""
        waiting, self.waiting = self.waiting, []
        for row in waiting:
            reason = f"has {row.actual_columns} cells, the header {row.expected_columns}: {row.text[:60]!r}"
            faults.add(path, f"line {row.number}", f"{reason}; quote cells that hold the delimiter")

    def of(self, rows: int) -> pa.Array:
        """The lines of the next rows."""
        numbers: list[int] = []
        line = self.done
        while len(numbers) < rows:
            line += 1
            if line not in self.dropped:
                numbers.append(line)
        self.done = line
        return pa.array(numbers, pa.int64())


def _header(path: Path, plan: FilePlan, faults: Faults) -> list[str] | None:
    """The names in the first line; None where there is none, which is noted."""
    with pa.input_stream(str(path)) as source:
        start = source.read(BLOCK_BYTES)
    if not start.strip():
        faults.add(path, "(file)", "is empty; take it away, or get it again")
        return None
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"} and not plan.part.encoding.lower().startswith("utf-16"):
        faults.add(path, "line 1", f"is written in UTF-16, not in {plan.part.encoding}; save it as UTF-8")
        return None
    encoding = "utf-8-sig" if plan.part.encoding.lower() in {"utf-8", "utf8"} else plan.part.encoding
    try:
        first = start.splitlines()[0].decode(encoding) if "16" not in encoding else start.decode(encoding, "ignore")
    except (UnicodeDecodeError, LookupError) as error:
        faults.add(
            path, "line 1", f"is not written in {plan.part.encoding} ({error}); save it as UTF-8 or name encoding"
        )
        return None
    names = next(csv.reader(io.StringIO(first), delimiter=plan.part.delimiter), [])
    if plan.part.delimiter not in first and len(plan.columns()) > 1:
        faults.add(path, "line 1", f"has no {plan.part.delimiter!r}, which divides cells; name the delimiter")
        return None
    return names


def _has_rows(path: Path) -> bool:
    """Whether anything follows the first line: a reader that finds no row may abort the process when it ends."""
    with pa.input_stream(str(path)) as source:
        start = source.read(BLOCK_BYTES)
    return len(start) == BLOCK_BYTES or len(start.strip().splitlines()) > 1


def _has_all(path: Path, names: Sequence[str], columns: Sequence[str], faults: Faults) -> bool:
    bad = [name for name in columns if names.count(name) != 1]
    for name in bad:
        near = difflib.get_close_matches(name, names, n=1)
        if name in names:
            reason = "stands in it more than once; give each column a name of its own"
        else:
            reason = f"is not in it (there are {', '.join(names)[:200]})" + (
                f"; did you mean {near[0]}?" if near else ""
            )
        faults.add(path, f"column {name}", reason)
    return not bad


def _bad_line(path: Path, encoding: str) -> int | None:
    """The first line that cannot be decoded."""
    with pa.input_stream(str(path)) as source:
        for number, line in enumerate(io.BufferedReader(source), start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def place_of(path: Path, line: int) -> str:
    """`line 17`, counted from 1 with the header; of files without lines `row 16`."""
    return f"{'row' if path.suffix in BINARY else 'line'} {line}"
