"""Flip values against the run anew with the entry at that value; flip sets against all sets."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from causal.entries import entries
from causal.flipping import EntryFlip, flips
from causal.flipsets import Removal, smallest_removal
from causal.model import Narrative
from causal.posterior import ask
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Argument
from tests.dossiers import DAY, NOW, a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
EARLY = NOW - timedelta(days=200)
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.6, grade="B"),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0, grade="D"),
    a_fact("before", "spot return", "share", 5.0, grade="C", day=DAY - timedelta(days=4)),
)
ARGUMENTS = (
    Argument(id="a1", narrative="one", kind="rebuts", strength="weak", statement="no", grade="E", credibility=1),
    Argument(id="a2", narrative="two", kind="supports", strength="weak", statement="yes", grade="F", credibility=1),
)


def stories() -> tuple[Narrative, Narrative]:
    one = a_narrative(
        "one",
        [a_prediction("fx level", "usdjpy", "down", strength="strong")],
        [a_prediction("trading volume", "fund", "up", strength="weak")],
        recorded_from=EARLY,
        prior=0.08,
    )
    first, second = one.steps
    steps = (replace(first, necessity="essential", base_rate="rare"), replace(second, necessity="optional"))
    two = a_narrative(
        "two",
        [a_prediction("spot return", "share", "up")],
        [a_prediction("spot return", "share", "up", window="before")],
        recorded_from=EARLY,
        prior=0.41,
        slot="rebound",
    )
    return replace(one, steps=steps), two


def scored_of(narratives: tuple[Narrative, ...] | None = None, method: Method = METHOD) -> Scored:
    told = narratives or stories()
    return score(a_dossier(FACTS, told, arguments=ARGUMENTS), tuple((one,) for one in told), method)


def graded(letter: str) -> Callable[[float], Scored]:
    return lambda value: scored_of(method=Method(grade={**METHOD.grade, letter: value}, argument_floor=0.0))


def with_prior(number: int) -> Callable[[float], Scored]:
    def again(value: float) -> Scored:
        told = list(stories())
        told[number] = replace(told[number], prior=value)
        return scored_of(tuple(told))

    return again


ANEW: tuple[tuple[str, str | None, Callable[[float], Scored]], ...] = (
    ("prior of one", None, with_prior(0)),
    ("prior of two", None, with_prior(1)),
    ("prior of something else", None, lambda t: scored_of(method=Method(unknown_prior=t))),
    ("chance that one alone", None, lambda t: scored_of(method=Method(transmission=t))),
    ("chance that something else alone", None, lambda t: scored_of(method=Method(unknown_transmission=t))),
    ("chance of such a move without", None, lambda t: scored_of(method=Method(leak=t))),
    ("reliability of the report", "yen", graded("B")),
    ("reliability of the report", "share", graded("D")),
    ("reliability of the argument", "a1", graded("E")),
    ("reliability of the argument", "a2", graded("F")),
    ("link from step 2 of one", None, lambda t: scored_of(method=Method(links={**METHOD.links, "weak": t}))),
    ("base rate of step 1 of one", None, lambda t: scored_of(method=Method(base_rate={**METHOD.base_rate, "rare": t}))),
    ("chance of step 1 of one", None, lambda t: scored_of(method=Method(theta={**METHOD.theta, "essential": t}))),
    ("chance of step 2 of one", None, lambda t: scored_of(method=Method(theta={**METHOD.theta, "optional": t}))),
)


def beliefs(scored: Scored) -> dict[str, float]:
    row = scored.beliefs.table[scored.rows.full]
    found = {n.id: float(row[v]) for n, v in zip(scored.narratives, scored.structure.narratives, strict=True)}
    return found | {"unknown": float(row[scored.structure.unknown])}


def closest(scored: Scored, name: str, item: str | None) -> EntryFlip | None:
    return next((one for one in flips(scored).flips if one.name.startswith(name) and one.item == item), None)


@pytest.mark.parametrize(("name", "item", "anew"), ANEW, ids=[f"{name} {item or ''}" for name, item, _ in ANEW])
def test_every_kind_of_entry_is_what_the_method_means_by_it(
    name: str, item: str | None, anew: Callable[[float], Scored]
) -> None:
    scored = scored_of()
    [entry] = [one for one in entries(scored) if one.name.startswith(name) and one.item == item]
    assert beliefs(anew(entry.value)) == pytest.approx(beliefs(scored), abs=1e-12)
    flip = closest(scored, name, item)
    levels = [beliefs(anew(t)) for t in (0.02, 0.35, 0.65, 0.98)]
    leads = {max(level, key=lambda name: level[name]) for level in (*levels, beliefs(scored))}
    if flip is None:
        assert len(leads) == 1
        return
    assert flip.from_ == entry.value
    level = beliefs(anew(flip.to))
    top = sorted(level.values())[-2:]
    assert top[0] == pytest.approx(top[1], abs=1e-10)
    beyond = beliefs(anew(flip.to + (1e-4 if flip.to > flip.from_ else -1e-4)))
    assert max(beyond, key=lambda name: beyond[name]) == flip.then


def test_the_kinds_of_entries_that_can_flip_this_case_are_flipped() -> None:
    scored = scored_of()
    told = [name for name, item, _ in ANEW if closest(scored, name, item) is not None]
    assert told == [name for name, _, _ in ANEW]
    nats = [flip.nats for flip in flips(scored).flips]
    assert nats == pytest.approx(sorted(nats), abs=1e-8)


def test_in_a_wide_network_the_most_probable_causes_are_compared() -> None:
    more = tuple(a_narrative(f"n{i}", [a_prediction("spot return", "share", "down")], prior=0.05) for i in range(4))
    told = (*stories(), *more)
    everything, few = flips(scored_of(told)), flips(scored_of(told, Method(flip_cells=1)))
    assert few.entries == everything.entries
    among = {flip.then for flip in few.flips}
    assert among < {flip.then for flip in everything.flips}
    named = {(flip.name, flip.item): flip.to for flip in everything.flips if flip.then in among}
    for flip in few.flips:
        if (flip.name, flip.item) in named:
            assert flip.to == pytest.approx(named[flip.name, flip.item], abs=1e-12)


def test_without_stories_nothing_flips() -> None:
    empty = score(a_dossier((), ()), (), METHOD)
    assert flips(empty).flips == ()
    assert smallest_removal(empty) is None


SEVERAL = (
    *FACTS[:2],
    a_fact("oi", "open interest change", "coin", -9.0, grade="B"),
    a_fact("flow", "net ETF flow", "fund", -400.0, unit="USD million", grade="C"),
    a_fact("share", "spot return", "share", 6.0, grade="D"),
)


def of_several(prior: float, rival_prior: float) -> Scored:
    """One story that five readings of different worth speak for, and one of the rebound that none speaks of."""
    told = a_narrative(
        "told",
        [a_prediction("fx level", "usdjpy", "down"), a_prediction("trading volume", "fund", "up")],
        [a_prediction("open interest change", "coin", "down"), a_prediction("net ETF flow", "fund", "down")],
        [a_prediction("spot return", "share", "up")],
        prior=prior,
    )
    rival = a_narrative("rival", [], slot="rebound", prior=rival_prior)
    return score(a_dossier(SEVERAL, (told, rival)), ((told,), (rival,)), METHOD)


def least_by_trying_all(scored: Scored) -> tuple[int | None, dict[frozenset[str], str]]:
    """The size of the smallest set without which another comes first, and what comes first without each set."""
    sets = [left for size in range(len(scored.items) + 1) for left in itertools.combinations(scored.items, size)]
    masks = np.array([[0.0 if item in left else 1.0 for item in scored.items] for left in sets])
    table = ask(scored.structure, scored.evidence, scored.items, masks).table
    variables = {n.id: v for n, v in zip(scored.narratives, scored.structure.narratives, strict=True)}
    variables["unknown"] = scored.structure.unknown
    first = {
        frozenset(left): max(sorted(variables), key=lambda name: row[variables[name]])
        for left, row in zip(sets, table, strict=True)
    }
    flipped = [len(left) for left, name in first.items() if name != first[frozenset()]]
    return min(flipped, default=None), first


CASES = ((0.08, 0.3, 1), (0.1, 0.3, 2), (0.1, 0.5, 1), (0.12, 0.45, 3), (0.14, 0.5, 4), (0.14, 0.3, None))


@pytest.mark.parametrize(("prior", "rival", "size"), CASES)
def test_a_flip_set_is_as_small_as_any_and_flips(prior: float, rival: float, size: int | None) -> None:
    scored = of_several(prior, rival)
    found: Removal | None = smallest_removal(scored)
    least, first = least_by_trying_all(scored)
    assert least == size
    if found is None:
        assert size is None
    else:
        assert len(found.items) == size
        assert first[frozenset(found.items)] == found.then
