"""What of the `Prefer` fields is honoured."""

from __future__ import annotations

import pytest

from api.preferences import LONGEST_WAIT, Preference, preference_of


@pytest.mark.parametrize(
    ("fields", "wait", "applied"),
    [
        (["respond-async"], 0, "respond-async"),
        (["wait=5"], 5, "wait=5"),
        (["Respond-Async, WAIT = 5"], 5, "respond-async, wait=5"),
        (["respond-async", "wait=5; foo"], 5, "respond-async, wait=5"),
        (["wait=3, wait=9"], 3, "wait=3"),
        (["wait=100000"], LONGEST_WAIT, f"wait={LONGEST_WAIT}"),
        (["return=minimal, wait=0"], 0, "wait=0"),
    ],
)
def test_what_is_asked_for_is_honoured_within_bounds(fields: list[str], wait: int, applied: str) -> None:
    assert preference_of(fields) == Preference(wait=wait, applied=applied)


@pytest.mark.parametrize("fields", [[], [""], ["return=minimal"], ["wait=soon"], ["wait=-1"], ["waiting=5"]])
def test_what_is_not_known_or_cannot_be_read_is_left_out(fields: list[str]) -> None:
    assert preference_of(fields) is None
