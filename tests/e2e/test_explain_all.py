"""All large moves in one run: one file a day, one table, carried on with after a stop, by the clock that is asked."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyarrow import parquet

from api.detecting import all_moves
from graph.endpoint import Endpoint
from graph.reading import find_instrument
from graph.store import GraphStore
from ingest.sessions import close_of
from tests.e2e.moves_kit import FALL, LAG, Command, ingest

LEAST = 0.018


@pytest.fixture
def command(endpoint: Endpoint, tmp_path: Path) -> Command:
    return Command(endpoint=endpoint, data=tmp_path)


def answers_in(folder: Path) -> dict[str, Any]:
    """The answers of a folder by day; every file has to be whole."""
    return {path.stem: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("2*.json"))}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


async def large_days(store: GraphStore, command: Command) -> list[str]:
    series = await ingest(store, command.data)
    listing = await all_moves(await find_instrument(store, "acme"), store, series)
    return [str(move.end) for _, move in listing.moves if abs(move.change) >= LEAST]


async def explain_all(command: Command, out: Path, *more: str, **how: bool) -> Any:
    return await command.run("explain-all", "acme", "--min", str(LEAST), "--out", out, *more, **how)


async def test_every_large_day_has_a_file_a_line_and_a_row(store: GraphStore, command: Command) -> None:
    days, out = await large_days(store, command), command.data / "out"
    assert len(days) > 2
    done = await explain_all(command, out)
    assert done.code == 0, done.err
    found = answers_in(out)
    assert list(found) == days
    lines = done.out.splitlines()
    assert [line.split()[1] for line in lines] == days
    assert lines[0].startswith(f"1/{len(days)}  ")
    table = parquet.read_table(out / "table.parquet").to_pylist()
    with (out / "table.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [str(row["day"]) for row in table] == [row["day"] for row in read] == days
    for row, text, answer, line in zip(table, read, found.values(), lines, strict=True):
        first = min(answer["narratives"], key=lambda one: one["rank"])
        told = first["coverage"]
        assert (row["narrative"], row["probability"]) == (first["id"], first["posterior"])
        assert row["something_else"] == answer["unknown"]["posterior"]
        assert row["return"] == answer["move"]["return"] == float(text["return"])
        assert row["answered"] == told["by_series"] + told["by_reports"]
        assert row["coverage"] == row["answered"] / told["predictions"]
        assert f"{row['probability']:.2f} " in line
        assert f"something else {row['something_else']:.2f}" in line
    markdown = (out / "table.md").read_text(encoding="utf-8")
    assert all(f"| [{day}]({day}.json) |" in markdown for day in days)
    kept = await store.read("MATCH (e:Explanation)-[:ABOUT]->(m:Move {origin: 'detected'}) RETURN count(e) AS n")
    assert kept.rows == ((len(days),),)


async def test_a_run_that_was_interrupted_is_carried_on_with(store: GraphStore, command: Command) -> None:
    days, out = await large_days(store, command), command.data / "out"
    stopped = await explain_all(command, out, "--no-store", interrupt=True)
    assert stopped.code == 130, stopped.err
    assert "the same command carries on" in stopped.err
    first = contents(out)
    assert 1 <= len(answers_in(out)) < len(days)
    assert all(name.endswith(".json") for name in first)
    done = await explain_all(command, out, "--no-store")
    assert done.code == 0, done.err
    assert list(answers_in(out)) == days
    after = contents(out)
    assert {name: after[name] for name in first} == first
    assert sum(line.endswith("(kept)") for line in done.out.splitlines()) == len(first)
    count = await store.read("MATCH (e:Explanation) WHERE NOT (e)-[:VARIANT_OF]->() RETURN count(e) AS n")
    assert count.rows == ((0,),)


async def test_days_are_done_anew_only_where_that_is_asked(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    out, one_day = command.data / "out", ("--since", str(FALL), "--until", str(FALL), "--no-store")
    for more, kept in (((), False), ((), True), (("--again",), False)):
        done = await explain_all(command, out, *one_day, *more)
        assert done.code == 0, done.err
        assert len(done.out.splitlines()) == 1
        assert done.out.rstrip().endswith("(kept)") is kept


async def test_each_day_can_be_explained_by_what_was_known_at_its_close(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    out, one_day = command.data / "out", ("--since", str(FALL), "--until", str(FALL), "--no-store")
    await explain_all(command, out, *one_day)
    now = answers_in(out)[str(FALL)]
    done = await explain_all(command, out, *one_day, "--as-of-close")
    assert done.code == 0, done.err
    assert not done.out.rstrip().endswith("(kept)")  # that file was by another clock
    then = answers_in(out)[str(FALL)]
    close = close_of("XNYS", date(2024, 5, 15))
    assert close is not None
    assert then["as_of"] == (close + LAG).isoformat().replace("+00:00", "Z") < now["as_of"]
    assert then["move"]["return"] == now["move"]["return"] == pytest.approx(-0.12, abs=1e-6)
    again = await explain_all(command, out, *one_day, "--as-of-close")
    assert again.out.rstrip().endswith("(kept)")
    back = await explain_all(command, out, *one_day)
    assert not back.out.rstrip().endswith("(kept)")
    assert answers_in(out)[str(FALL)]["as_of"] > then["as_of"]
    both = await explain_all(command, out, *one_day, "--as-of-close", "--as-of", "2025-01-01")
    assert both.code == 2


async def test_a_folder_that_holds_something_else_is_left_alone(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    out, one_day = command.data / "out", ("--since", str(FALL), "--until", str(FALL), "--no-store")
    out.mkdir()
    for content, words in ((b"half a fi", "not JSON"), (b"[1]", "is no explanation of acme")):
        (out / f"{FALL}.json").write_bytes(content)
        done = await explain_all(command, out, *one_day)
        assert done.code == 2
        assert words in done.err
        assert "give another folder, or --again" in done.err
        assert contents(out) == {f"{FALL}.json": content}
    other = await command.run("explain-all", "daycoin", "--min", "0.1", "--out", out, "--again", "--no-store")
    assert other.code == 0, other.err
    mixed = await explain_all(command, out, *one_day)
    assert mixed.code == 2
    assert "but of daycoin" in mixed.err


async def test_no_day_is_large_enough_is_an_answer(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    done = await command.run("explain-all", "acme", "--min", "0.9", "--out", command.data / "out")
    assert (done.code, done.out) == (0, "")
    assert "0 moves of at least 0.9" in done.err
    refused = await command.run("explain-all", "acme", "--min", "-1", "--out", command.data / "out")
    assert refused.code == 2
    assert "min: -1.0 is no size of a move" in refused.err
