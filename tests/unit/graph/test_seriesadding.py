"""Rows added to a stored series count once, in whatever pieces and however often they come."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from graph.hashing import series_hash
from graph.series import SeriesStore
from graph.seriesadding import Added, Row, add_rows
from graph.seriesvalues import NO_DAY, NO_INSTANT

HOUR = 3_600_000_000
START = 1_700_000_000_000_000


def a_row(n: int, value: float | None = None, *, known_at: int = NO_INSTANT, had_at: int = 2 * START) -> Row:
    return Row(
        at=START + n * HOUR, known_at=known_at, had_at=had_at, value=float(n) if value is None else value, day=NO_DAY
    )


async def rows_of(store: SeriesStore) -> list[tuple[int, float, int]]:
    return [
        (int(at), float(value), int(known))
        for block in store.blocks("s")
        for at, value, known in zip(block.at, block.value, block.known(), strict=True)
    ]


async def test_rows_in_pieces_out_of_order_and_twice_give_the_series_of_one_load(tmp_path: Path) -> None:
    rows = [a_row(n) for n in range(20_000)]
    whole, pieces = SeriesStore(tmp_path / "a"), SeriesStore(tmp_path / "b")
    add_rows(whole, "s", rows)
    parts = [rows[start : start + 3_000] for start in range(0, len(rows), 3_000)] * 2
    random.Random(3).shuffle(parts)
    for part in parts:
        add_rows(pieces, "s", part)
    assert await series_hash(pieces) == await series_hash(whole)


async def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    rows = [a_row(n) for n in range(400)]
    whole = SeriesStore(tmp_path / "a")
    add_rows(whole, "s", rows)
    stores = [SeriesStore(tmp_path / "b"), SeriesStore(tmp_path / "b")]

    def write(n: int) -> None:
        parts = [rows[start : start + 50] for start in range(0, len(rows), 50)]
        for part in parts if n else reversed(parts):
            add_rows(stores[n], "s", part)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (0, 1)))
    assert await series_hash(stores[0]) == await series_hash(whole)


async def test_a_changed_value_is_a_revision_known_since_its_bytes_were_had(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    assert add_rows(store, "s", [a_row(0), a_row(1)]) == Added(new=2)
    later = a_row(1, 7.0, had_at=3 * START)
    assert add_rows(store, "s", [a_row(0), later]) == Added(revised=1, unchanged=1)
    for again in ([later], [a_row(1)], [a_row(1), later]):
        assert add_rows(store, "s", again).revised == 0
    assert await rows_of(store) == [
        (START, 0.0, NO_INSTANT),
        (START + HOUR, 1.0, NO_INSTANT),
        (START + HOUR, 7.0, 3 * START),
    ]


async def test_vintages_are_kept_whatever_their_order(tmp_path: Path) -> None:
    vintages = [a_row(0, value, known_at=START + HOUR * k) for k, value in ((1, 1.0), (2, 1.0), (3, 2.0))]
    hashes = set()
    for n, order in enumerate(([0, 1, 2], [2, 0, 1], [1, 2, 0, 1, 2])):
        store = SeriesStore(tmp_path / str(n))
        for one in order:
            add_rows(store, "s", [vintages[one]])
        hashes.add(await series_hash(store))
    assert len(hashes) == 1


async def test_another_value_under_one_publication_is_a_later_revision(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    first = a_row(0, 1.0, known_at=START + HOUR)
    corrected = replace(first, value=2.0, had_at=3 * START)
    add_rows(store, "s", [first])
    add_rows(store, "s", [corrected])
    add_rows(store, "s", [first, corrected])
    assert await rows_of(store) == [(START, 1.0, START + HOUR), (START, 2.0, 3 * START)]


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_new_publishes_nothing(tmp_path: Path, rows: int) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", [a_row(0)])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert before
    add_rows(store, "s", [a_row(0)][:rows])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before
