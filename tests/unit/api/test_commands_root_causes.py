"""`whymove root-causes`, and the example of its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from api.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "root-causes.md"
EDGES = [["load", "page"], ["db", "page"]]


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that the page's example prints; its files lie in the current folder, a temporary one."""
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    exec(compile(block, str(PAGE), "exec"), {})
    return capsys.readouterr().out.splitlines()


def test_the_example_of_the_page_finds_its_fault(example: list[str]) -> None:
    assert example[0].startswith("1 db ")
    assert len(example) == 5


def test_the_command_of_the_page_gives_the_same_answer(example: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = re.findall(r"^whymove (root-causes .*)$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    assert main(command.split()) == 0
    said = capsys.readouterr().out
    assert said.startswith("db is the likeliest root cause of the anomaly of page")
    assert main([*command.split(), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [f"{n['rank']} {n['node']} {round(n['posterior'], 2)}" for n in answer["nodes"]] == example
    assert {edge["verdict"] for edge in answer["edges"]} <= {"travelled", "did not travel", "open", "untested"}


def test_parquet_and_arrow_files_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "g.json").write_text(json.dumps(EDGES), encoding="utf-8")
    rows = {"load": [0.1, -0.2] * 30, "db": [0.3, 0.1, 0.2] * 20, "page": [1.0, 1.2, 0.9, 1.1] * 15}
    parquet.write_table(pa.table(rows), tmp_path / "n.parquet")
    feather.write_feather(pa.table({"load": [0.1], "db": [9.0], "page": [7.0]}), tmp_path / "a.arrow")
    paths = [str(tmp_path / name) for name in ("g.json", "n.parquet", "a.arrow")]
    assert main(["root-causes", *paths, "--target", "page"]) == 0
    assert capsys.readouterr().out.startswith("db is the likeliest")


@pytest.mark.parametrize(
    ("graph", "table", "words"),
    [
        ("[", "load,page\n1,2\n", "is not JSON"),
        ("{}", "load,page\n1,2\n", "holds no list"),
        ('[["load", "page"]]', "load,page\n1,2,3\n", "cannot be read"),
        ('[["load", "page"]]', "load,page\n1,high\n", "'page' is not numeric"),
        ('[["load", "load"]]', "load,page\n1,2\n", "causes itself"),
    ],
)
def test_bad_files_are_one_line_and_exit_code_two(
    graph: str, table: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "g.json").write_text(graph, encoding="utf-8")
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("g.json", "t.csv", "t.csv")]
    assert main(["root-causes", *paths, "--target", "page"]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert len(told.splitlines()) == 1


def test_a_file_of_another_kind_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "g.json").write_text(json.dumps(EDGES), encoding="utf-8")
    (tmp_path / "t.xlsx").write_text("", encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("g.json", "t.xlsx", "t.xlsx")]
    assert main(["root-causes", *paths, "--target", "page"]) == 2
    assert "ends in .csv, .parquet or .arrow" in capsys.readouterr().err
