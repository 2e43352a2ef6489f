"""Which arguments stand: the grounded extension, against all sets of arguments, and who defeats whom."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from causal.acceptance import Attackers, defeaters, grounded
from causal.world import Argument

Graph = dict[str, frozenset[str]]


def least_complete(attackers: Attackers) -> frozenset[str]:
    """The smallest complete extension, by trying every set: free of conflict, and just what it defends (Dung 1995)."""
    names = sorted(attackers)
    for size in range(len(names) + 1):
        for chosen in map(frozenset, itertools.combinations(names, size)):
            defended = frozenset(
                one for one in names if all(any(other in chosen for other in attackers[by]) for by in attackers[one])
            )
            if chosen == defended and not any(attackers[one] & chosen for one in chosen):
                return chosen
    raise AssertionError("every graph has a complete extension")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = "abcdef"[: draw(st.integers(1, 6))]
    edges = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names))))
    return {name: frozenset(by for by, target in edges if target == name) for name in names}


@given(graphs())
def test_accepted_is_the_smallest_complete_extension(attackers: Graph) -> None:
    status = grounded(attackers)
    accepted = least_complete(attackers)
    assert {name for name, one in status.items() if one == "accepted"} == accepted
    assert {name for name, one in status.items() if one == "rejected"} == {
        name for name, by in attackers.items() if by & accepted
    }


def test_who_defeats_an_attacker_reinstates_what_it_attacked() -> None:
    assert grounded({"a": frozenset("b"), "b": frozenset()}) == {"a": "rejected", "b": "accepted"}
    chain = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset()}
    assert grounded(chain) == {"a": "accepted", "b": "rejected", "c": "accepted"}


def test_two_that_defeat_each_other_are_undecided_and_so_is_what_hangs_on_them() -> None:
    found = grounded({"a": frozenset("b"), "b": frozenset("a"), "c": frozenset("a"), "d": frozenset()})
    assert found == {"a": "undecided", "b": "undecided", "c": "undecided", "d": "accepted"}


def test_what_attacks_itself_is_undecided() -> None:
    assert grounded({"a": frozenset("a")}) == {"a": "undecided"}


def said(name: str, rebuts: str = "", undercuts: str = "") -> Argument:
    return Argument(
        id=name, narrative="n", kind="supports", statement=name, rebuts=tuple(rebuts), undercuts=tuple(undercuts)
    )


def test_an_undercutter_defeats_however_reliable_its_target_is() -> None:
    assert defeaters([said("a"), said("b", undercuts="a")], {"a": 0.9, "b": 0.3})["a"] == {"b"}


def test_a_rebuttal_cuts_both_ways_and_the_less_reliable_side_does_not_defeat() -> None:
    arguments = [said("a"), said("b", rebuts="a")]
    assert defeaters(arguments, {"a": 0.9, "b": 0.3}) == {"a": frozenset(), "b": frozenset("a")}
    assert defeaters(arguments, {"a": 0.3, "b": 0.9}) == {"a": frozenset("b"), "b": frozenset()}
    assert defeaters(arguments, {"a": 0.5, "b": 0.5}) == {"a": frozenset("b"), "b": frozenset("a")}


def test_what_does_not_count_neither_attacks_nor_is_attacked() -> None:
    arguments = [said("a"), said("b", undercuts="a"), said("c", undercuts="ab", rebuts="x")]
    assert defeaters(arguments, {"a": 0.9, "c": 0.9}) == {"a": frozenset("c"), "c": frozenset()}
