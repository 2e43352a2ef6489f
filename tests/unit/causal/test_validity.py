"""Two arguments that defeat each other and are not both valid, against enumeration over which of them is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from causal.entries import base_factors, entries
from causal.flipping import flips
from causal.latents import rivals
from causal.likelihood import argument_ratio
from causal.posterior import ask
from causal.robustness import posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Argument, ArgumentKind
from tests import enumeration
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

YEN = a_fact("yen", "fx spot return", "usdjpy", -2.4, origin="daily", grade="C")
SHARE = a_fact("share", "spot return", "share", 11.0, origin="daily", grade="C")
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("spot return", "share", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up")], [a_prediction("fx level", "usdjpy", "up")])


def said(name: str, kind: ArgumentKind, narrative: str, step: int | None, **fields: object) -> Argument:
    values: dict[str, object] = {"id": name, "narrative": narrative, "kind": kind, "step": step, "statement": name}
    values |= {"strength": "strong", "grade": "B", "credibility": 2}
    return Argument(**(values | fields))  # type: ignore[arg-type]  # a test's own


FOR = said("a", "supports", "one", None, rebuts=("b",))
AGAINST = said("b", "rebuts", "one", 2)
SAME = (said("a", "supports", "one", None, rebuts=("b",)), said("b", "rebuts", "one", None))
ELSEWHERE = (said("a", "supports", "one", None, rebuts=("b",)), said("b", "supports", "two", 1))
UNEQUAL = (
    said("a", "undercuts", "one", 2, undercuts=("b",), credibility=3),
    said("b", "undercuts", "two", 2, undercuts=("a",), grade="A"),
)
THIRD = (FOR, AGAINST, said("c", "rebuts", "one", 2, strength="medium", by="another"))
CASES = [(FOR, AGAINST), SAME, ELSEWHERE, UNEQUAL, THIRD]


def scored_of(arguments: Sequence[Argument], validity: str = "graded", **settings: float) -> Scored:
    method = Method(argument_validity=validity, **settings)  # type: ignore[arg-type]  # numbers alone
    return score(a_dossier((YEN, SHARE), (ONE, TWO), arguments=tuple(arguments)), ((ONE,), (TWO,)), method)


def posterior(scored: Scored) -> list[float]:
    return [float(scored.beliefs.table[0, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]


def by_validity(scored: Scored) -> list[float]:
    """The posteriors summed over which arguments are valid: with its reliability each, never a and b together.

    A valid argument has its strength in full, one that is not valid says nothing.
    """
    weights = {virtual.item: virtual for virtual in scored.evidence}
    names = sorted(weights)
    total = np.zeros(len(scored.narratives) + 1)
    mass = 0.0
    for pattern in itertools.product((0, 1), repeat=len(names)):
        valid = dict(zip(names, pattern, strict=True))
        r, s = weights["a"].reliability, weights["b"].reliability
        chance = {(0, 0): 1 - r - s, (1, 0): r, (0, 1): s, (1, 1): 0.0}[valid["a"], valid["b"]]
        for name in names[2:]:
            chance *= weights[name].reliability if valid[name] else 1 - weights[name].reliability
        # a valid argument for a story has 1 / strength where it is not so: its ratio times the weight of the off side
        off = np.prod([1 / weights[name].strength for name in names if valid[name] and not weights[name].against])
        strengths = {name: 1 / one.strength if one.against else one.strength for name, one in weights.items()}
        given = _with(scored, {name: strengths[name] if valid[name] else 1.0 for name in names})
        for state in enumeration.states(given):
            p = chance * float(off) * state.weight * (1 - enumeration.silence(given, state))
            mass += p
            total += p * np.array([*state.on, state.unknown])
    return list(total / mass)


def _with(scored: Scored, ratios: dict[str, float]) -> Scored:
    standings = tuple(
        (one, replace(standing, weight=standing.weight and replace(standing.weight, ratio=ratios[one.id])))
        for one, standing in scored.standings
    )
    return replace(scored, standings=standings)


@pytest.mark.parametrize("arguments", CASES)
def test_posteriors_are_the_mixture_over_which_of_two_is_valid(arguments: tuple[Argument, ...]) -> None:
    scored = scored_of(arguments)
    assert sum(virtual.latent is not None for virtual in scored.evidence) == 2
    assert posterior(scored) == pytest.approx(by_validity(scored), abs=1e-12)


def test_excluding_each_other_changes_what_two_say_together_and_not_what_either_says_alone() -> None:
    plain, graded = (scored_of(UNEQUAL, validity) for validity in ("status", "graded"))
    assert posterior(plain) != pytest.approx(posterior(graded), abs=1e-4)
    for row in (graded.rows.without["a"], graded.rows.without["b"], graded.rows.readings):
        assert plain.beliefs.table[row] == pytest.approx(graded.beliefs.table[row], abs=1e-12)


@pytest.mark.parametrize(
    "arguments",
    [
        (replace(FOR, rebuts=()), AGAINST),
        (FOR, replace(AGAINST, grade="D")),
        (FOR, replace(AGAINST, direct=False)),
    ],
)
def test_arguments_that_do_not_both_stand_against_each_other_are_as_by_their_status(
    arguments: tuple[Argument, ...],
) -> None:
    graded = scored_of(arguments)
    assert all(virtual.latent is None for virtual in graded.evidence)
    assert posterior(graded) == posterior(scored_of(arguments, "status"))


def test_of_three_that_defeat_one_another_two_are_joined() -> None:
    third = said("c", "rebuts", "one", 1, rebuts=("a",), by="another")
    scored = scored_of((FOR, AGAINST, third))
    assert [virtual.item for virtual in scored.evidence if virtual.latent] == ["a", "b"]


def test_sources_and_arguments_are_conditioned_on_together() -> None:
    scored = scored_of((FOR, AGAINST), shared_sources=0.6)
    assert len({one.scope for one in scored.structure.factors}) == len(scored.structure.factors)
    assert posterior(scored) == pytest.approx(by_validity(scored), abs=1e-12)
    assert posterior(scored) != pytest.approx(posterior(scored_of((FOR, AGAINST))), abs=1e-4)


@pytest.mark.parametrize("arguments", [(FOR, AGAINST), UNEQUAL])
def test_bands_without_spread_are_the_posteriors(arguments: tuple[Argument, ...]) -> None:
    scored = scored_of(arguments, prior_spread=0.0, reliability_spread=0.0, tilt_spread=0.0)
    assert posteriors_under_draws(scored, 4) == pytest.approx(np.tile(posterior(scored), (4, 1)), abs=1e-12)


@pytest.mark.parametrize("arguments", CASES)
def test_entries_of_arguments_are_their_factors_at_another_reliability_with_the_choice_between_them_held(
    arguments: tuple[Argument, ...],
) -> None:
    scored = scored_of(arguments)
    names = {argument.id for argument in arguments}
    found = [entry for entry in entries(scored) if entry.item in names]
    assert {entry.item for entry in found} == names
    for entry in found:
        assert 0.0 < entry.elsewhere < entry.most
        assert entry.elsewhere != pytest.approx(entry.value)
        factors = base_factors(scored)
        factors[entry.slot] = replace(factors[entry.slot], table=entry.table[np.newaxis])
        moved = [_at(one, entry.item, entry.elsewhere) for one in scored.evidence]
        wanted = ask(scored.structure, moved, scored.items, scored.masks[:1]).table
        assert scored.structure.plan.marginals(factors)[0] == pytest.approx(wanted, abs=1e-12)
    assert flips(scored).entries > len(found)


def _at(weight, item, rho):  # type: ignore[no-untyped-def]  # a test's own helper
    if weight.item != item:
        return weight
    return replace(weight, reliability=rho, ratio=argument_ratio(weight.strength, rho, against=weight.against))


def test_two_that_are_more_likely_valid_than_one_in_all_cannot_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="lower one"):
        rivals(("a", 0.6), ("b", 0.5))
    with pytest.raises(ValueError, match="undecided_argument"):
        Method(argument_validity="graded", undecided_argument=0.6)
    with pytest.raises(ValueError, match="status or graded"):
        Method(argument_validity="joint")  # type: ignore[arg-type]  # what is refused
