"""Tables that are handed on: equal in both forms, typed, and whole or not there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from ingest.tablewriting import replacing, write_file, write_tables

FIELDS = {"day": date, "what": str, "share": float, "count": int}
ROWS = [
    {"day": date(2024, 2, 29), "what": 'a "quoted", part\nof two lines', "share": -0.125, "count": 3},
    {"day": date(2024, 3, 1), "what": None, "share": None, "count": 4},
]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_both_files_give_back_what_was_written(tmp_path: Path) -> None:
    as_csv, as_parquet = write_tables(tmp_path / "table", FIELDS, ROWS)
    assert names(tmp_path) == ["table.csv", "table.parquet"]
    kept = parquet.read_table(as_parquet)
    assert kept.to_pylist() == ROWS
    assert kept.schema.types == [pa.date32(), pa.string(), pa.float64(), pa.int64()]
    options = csv.ConvertOptions(column_types=kept.schema, strings_can_be_null=True, quoted_strings_can_be_null=False)
    read = csv.read_csv(as_csv, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)
    assert read.to_pylist() == ROWS


def test_no_rows_still_make_a_table_with_its_fields(tmp_path: Path) -> None:
    as_csv, as_parquet = write_tables(tmp_path / "table", FIELDS, [])
    assert as_csv.read_text(encoding="utf-8").strip() == '"day","what","share","count"'
    assert parquet.read_table(as_parquet).num_rows == 0


def test_a_value_of_another_type_changes_neither_file(tmp_path: Path) -> None:
    write_tables(tmp_path / "table", FIELDS, ROWS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        write_tables(tmp_path / "table", FIELDS, [{"count": "many"}])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interrupted_write_leaves_the_file_as_it_was_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write_file(path, b"first")
    with pytest.raises(KeyboardInterrupt), replacing(path) as draft:
        draft.write_bytes(b"sec")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"first"
    write_file(path, b"second")
    assert (path.read_bytes(), names(tmp_path)) == (b"second", ["one.json"])


def test_what_a_killed_run_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "one.json.part").write_bytes(b"half of a much longer text")
    write_file(tmp_path / "one.json", b"whole")
    assert (tmp_path / "one.json").read_bytes() == b"whole"
    assert names(tmp_path) == ["one.json"]
