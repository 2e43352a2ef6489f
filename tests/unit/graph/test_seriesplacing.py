"""Rows that are added touch the files in which they come to lie, and no others, however long the series is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from graph.hashing import series_hash
from graph.series import InvalidSeriesError, SeriesStore
from graph.seriesadding import Row, Rows, add_rows
from graph.seriesmanifest import File, Group, Manifest
from graph.seriesplacing import PART_ROWS, placed
from graph.seriesvalues import NO_DAY, NO_INSTANT

SECOND = 1_000_000
START = 1_704_067_200 * SECOND  # 2024-01-01T00:00:00Z
PART = 48


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parts of 48 rows in groups of 12, so that a few hundred rows make many files."""
    monkeypatch.setattr("graph.seriesplacing.PART_ROWS", PART)
    monkeypatch.setattr("graph.seriesstaging.PART_ROWS", PART)
    monkeypatch.setattr("graph.seriesstaging.ROW_GROUP_ROWS", PART // 4)
    return


def rows(*numbers: int, value: float | None = None, had_at: int = 2 * START) -> Rows:
    """One a second, of its number's value."""
    return Rows.of(
        Row(
            at=START + n * SECOND,
            known_at=NO_INSTANT,
            had_at=had_at,
            value=float(n) if value is None else value,
            day=NO_DAY,
        )
        for n in numbers
    )


def version(store: SeriesStore) -> Manifest:
    """The files that are the series now."""
    found = store.version("s")
    assert found is not None
    return found


def a_file(first: int, last: int, count: int, year: int = 2024) -> File:
    """A file of one group."""
    group = Group(first=START + first * SECOND, last=START + last * SECOND, count=count)
    return File(path=f"{first}", year=year, day=False, known_at=False, groups=(group,))


def steps(files: list[File], *seconds: int) -> list[tuple[str, int]]:
    """What is planned: the files of each step, and how many rows come to lie in them."""
    at = np.array([START + one * SECOND for one in seconds], np.int64)
    return [(" ".join(file.path for file in step.files), step.end - step.start) for step in placed(files, at)]


FULL = PART_ROWS


@pytest.mark.parametrize(
    ("files", "seconds", "planned"),
    [
        ([], (1, 2), [("", 2)]),
        ([a_file(0, 9, FULL), a_file(20, 29, FULL)], (5,), [("0", 1), ("20", 0)]),
        ([a_file(0, 9, FULL), a_file(20, 29, FULL)], (9, 20, 20), [("0", 1), ("20", 2)]),
        ([a_file(0, 9, FULL), a_file(20, 29, FULL)], (15,), [("0", 0), ("", 1), ("20", 0)]),
        ([a_file(0, 9, 10), a_file(20, 29, 10)], (15,), [("0", 1), ("20", 0)]),
        ([a_file(0, 9, FULL), a_file(20, 29, 10)], (15,), [("0", 0), ("20", 1)]),
        ([a_file(0, 9, FULL)], (-1, 10), [("", 1), ("0", 0), ("", 1)]),
        ([a_file(0, 9, 10)], (-1, 10), [("", 1), ("0", 1)]),
        ([a_file(0, 9, 10)], (1, 10, 11), [("0", 3)]),
        ([a_file(-9, -1, 10, 2023)], (10,), [("-9", 0), ("", 1)]),
        ([a_file(0, 9, FULL), a_file(9, 29, FULL), a_file(30, 39, 9)], (9,), [("0 9", 1), ("30", 0)]),
    ],
)
def test_rows_go_where_they_lie_and_beside_a_file_only_where_it_has_room(
    files: list[File], seconds: tuple[int, ...], planned: list[tuple[str, int]]
) -> None:
    assert steps(files, *seconds) == planned


@pytest.mark.usefixtures("small_parts")
def test_files_in_which_nothing_comes_to_lie_are_not_written_anew(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", rows(*range(0, 2000, 2)))
    before = [file.path for file in version(store).files]
    assert add_rows(store, "s", rows(1001)).new == 1
    after = [file.path for file in version(store).files]
    assert len(set(before) - set(after)) == 1
    assert len(before) == 1000 // PART + 1
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    add_rows(store, "s", rows(5000))
    added = {path for path in tmp_path.rglob("*.parquet") if path not in stamps}
    assert len(added) == 1
    assert all(path.stat().st_mtime_ns == at for path, at in stamps.items() if path.exists())


@pytest.mark.usefixtures("small_parts")
def test_of_files_that_hold_what_comes_again_none_is_written_anew_beside_one_that_changes(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", rows(*range(300)))
    before = {file.path for file in version(store).files}
    made = added(store, tmp_path, rows(*range(300)))
    assert (made, {file.path for file in version(store).files}) == (0, before)
    assert added(store, tmp_path, rows(*range(301))) == 1
    assert len(before - {file.path for file in version(store).files}) <= 1


def added(store: SeriesStore, folder: Path, more: Rows) -> int:
    """Add rows, and tell how many files there are that were not there before."""
    before = set(folder.rglob("*.parquet"))
    add_rows(store, "s", more)
    return len(set(folder.rglob("*.parquet")) - before)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_pieces_revisions_and_repeats_says_the_same_and_leaves_no_crumbs(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    whole, pieces = SeriesStore(tmp_path / "a"), SeriesStore(tmp_path / "b")
    numbers = list(range(0, 86_400 * 500, 86_400 * 500 // 500))  # into the next year
    again = chance.sample(numbers, 50)
    add_rows(whole, "s", rows(*numbers))
    add_rows(whole, "s", rows(*again, value=-1.0, had_at=3 * START))
    left = list(numbers)
    if seed % 3:
        chance.shuffle(left)
    if seed == 3:
        left.reverse()
    while left:
        size = chance.choice((3, 20, 90))
        part, left = left[:size], left[size:]
        add_rows(pieces, "s", rows(*part))
        add_rows(pieces, "s", rows(*part[:3]))
    for n in again:
        add_rows(pieces, "s", rows(n, value=-1.0, had_at=3 * START))
    assert await series_hash(pieces) == await series_hash(whole)
    files = version(pieces).files
    assert max(file.count for file in files) <= PART
    crumbs = [one for one, other in pairwise(files) if one.year == other.year and one.count + other.count <= PART // 2]
    assert len(crumbs) <= len(files) // 4
    assert {path.name for path in (tmp_path / "b").rglob("*.parquet")} == {file.path.split("/")[1] for file in files}


@pytest.mark.usefixtures("small_parts")
async def test_revisions_that_lie_in_two_files_are_compared_with_all_of_them(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", rows(*range(PART - 2)))
    for n in range(1, 6):
        add_rows(store, "s", rows(PART - 3, value=-float(n), had_at=(2 + n) * START))
    files = version(store).files
    for n in range(1, 6):
        assert add_rows(store, "s", rows(PART - 3, value=-float(n), had_at=(2 + n) * START)).unchanged == 1
    assert version(store).files == files
    assert version(store).count == PART + 3


async def test_a_store_of_one_long_file_a_year_takes_more_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", rows(*range(0, 1000, 2)))
    (old,) = version(store).files
    monkeypatch.setattr("graph.seriesplacing.PART_ROWS", PART)
    assert add_rows(store, "s", rows(1001)).new == 1
    assert version(store).files[0] == old
    assert add_rows(store, "s", rows(501, 700)).new == 1
    assert old not in version(store).files
    assert [float(one) for one in (await store.read("s")).value] == [
        float(n) for n in sorted([*range(0, 1000, 2), 501, 1001])
    ]


def test_what_was_replaced_while_rows_were_put_to_it_is_not_overwritten(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    add_rows(store, "s", rows(1, 2))
    onto = version(store)
    with store.staging("s", onto=onto) as late:
        late.keep(onto.files[0])
        add_rows(SeriesStore(tmp_path), "s", rows(3))
        with pytest.raises(InvalidSeriesError, match="another import of it was published meanwhile"):
            store.publish([late])
    assert version(store).count == 3
