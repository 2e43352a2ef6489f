"""Which row of an instant was known when, and what of the rows read is kept."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.seriesreading import Block, BlockCache
from graph.seriesvalues import NO_DAY, Values, latest_known

ROWS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=25).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


def values(rows: list[tuple[int, int]]) -> Values:
    """Rows of `at` and `known_at`, numbered by their value."""
    return Values(
        at=np.array([at for at, _ in rows], np.int64),
        day=np.full(len(rows), NO_DAY, np.int32),
        value=np.arange(len(rows), dtype=np.float64),
        known_at=np.array([known for _, known in rows], np.int64),
    )


@given(ROWS, st.none() | st.integers(-1, 13))
def test_of_each_instant_the_row_known_last_by_then_holds(rows: list[tuple[int, int]], as_of: int | None) -> None:
    expected = []
    for _, group in groupby(enumerate(rows), key=lambda row: row[1][0]):
        known = [(known_at, number) for number, (_, known_at) in group if as_of is None or known_at <= as_of]
        if known:
            expected.append(max(known)[1])
    found = latest_known(values(rows), as_of)
    assert found.value.tolist() == expected
    assert found.at.tolist() == [rows[number][0] for number in expected]
    assert found.known_at.tolist() == [rows[number][1] for number in expected]


def block(rows: int) -> Block:
    return Block(at=np.arange(rows), value=np.zeros(rows), day=None, known_at=None)


def test_a_block_is_read_once_while_it_is_kept_and_the_one_not_asked_for_longest_goes_first() -> None:
    cache = BlockCache(most=3 * block(10).nbytes)
    reads: list[str] = []

    def ask(name: str) -> None:
        cache.get((name, 0), lambda: reads.append(name) or block(10))  # type: ignore[func-returns-value]

    for name in ("a", "b", "c", "a", "d", "a", "b"):
        ask(name)
    assert reads == ["a", "b", "c", "d", "b"]
    assert cache.nbytes == 3 * block(10).nbytes


def test_a_block_above_the_bound_is_given_and_not_kept() -> None:
    cache = BlockCache(most=10)
    assert len(cache.get(("a", 0), lambda: block(100)).at) == 100
    assert cache.nbytes == 0
