"""A cursor goes on where its page ended, by the same clocks, and is of no use anywhere else."""

from __future__ import annotations

import pytest

from api.errors import InvalidAskError, UnknownCursorError
from api.paging import FIRST_TIME, before_of, cursor_before, page_of

CLOCKS = {"as_of": "2026-02-12T00:00:00Z", "as_at": "2026-03-01T00:00:00Z"}


def test_a_cursor_goes_on_after_its_row_by_the_clocks_of_the_first_page() -> None:
    first = page_of("events", limit=2, cursor=None, **CLOCKS)
    following = page_of("events", limit=2, cursor=first.cursor_after(FIRST_TIME, "b"), as_of=None, as_at=None)
    assert (following.after_time, following.after_id) == (FIRST_TIME, "b")
    assert (following.as_of, following.as_at) == (first.as_of, first.as_at)


def test_one_row_more_than_wanted_is_read() -> None:
    assert page_of("events", limit=2, cursor=None, **CLOCKS).params()["limit"] == 3


@pytest.mark.parametrize("cursor", ["", "abc", "%%%", "é", "AAAAAAAAAAAAAAAA"])
def test_a_cursor_that_was_not_handed_out_is_refused(cursor: str) -> None:
    with pytest.raises(UnknownCursorError, match="start again without"):
        page_of("events", limit=2, cursor=cursor, as_of=None, as_at=None)


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = page_of("events", limit=2, cursor=None, **CLOCKS).cursor_after(FIRST_TIME, "b")
    with pytest.raises(UnknownCursorError, match="not handed out by this list"):
        page_of("narratives", limit=2, cursor=cursor, as_of=None, as_at=None)


def test_a_cursor_by_other_clocks_is_refused() -> None:
    cursor = page_of("events", limit=2, cursor=None, **CLOCKS).cursor_after(FIRST_TIME, "b")
    with pytest.raises(UnknownCursorError, match="belongs to another as_of"):
        page_of("events", limit=2, cursor=cursor, as_of="2026-02-13T00:00:00Z", as_at=None)


def test_a_clock_in_the_future_is_refused() -> None:
    with pytest.raises(InvalidAskError, match=r"as_at: .* lies in the future"):
        page_of("events", limit=2, cursor=None, as_of=None, as_at="2999-01-01")


def test_a_cursor_of_a_ledger_is_bound_to_its_list_and_filters() -> None:
    cursor = cursor_before("jobs?running", 1_700_000_000.25, "job_1")
    assert before_of("jobs?running", cursor) == (1_700_000_000.25, "job_1")
    assert before_of("jobs?running", None) is None
    for resource, given in (("jobs?queued", cursor), ("jobs?running", "nan~job_1"), ("jobs?running", "")):
        with pytest.raises(UnknownCursorError):
            before_of(resource, given)
