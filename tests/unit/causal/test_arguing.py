"""What arguments weigh when others attack them, and what an undercutter of a step does, against enumeration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.explain import explain
from causal.explanation import Explanation
from causal.flipping import flips
from causal.likelihood import argument_ratio
from causal.model import Narrative
from causal.scoring import Scored, score
from causal.settings import Method
from causal.standing import ArgumentWeight
from causal.world import Argument, ArgumentKind
from tests import enumeration
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
YEN = a_fact("yen", "fx spot return", "usdjpy", -2.4, grade="B")
SHARE = a_fact("share", "spot return", "share", 11.0, grade="A", credibility=1)
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("spot return", "share", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up")], [a_prediction("fx level", "usdjpy", "up")])
SHARED = replace(TWO, steps=(replace(TWO.steps[0], key=ONE.steps[1].key), TWO.steps[1]))


def said(name: str, kind: ArgumentKind = "undercuts", step: int | None = 2, **fields: object) -> Argument:
    values: dict[str, object] = {
        "id": name,
        "narrative": "one",
        "kind": kind,
        "step": step,
        "statement": name,
        "strength": "strong",
        "grade": "B",
        "credibility": 2,
    }
    return Argument(**(values | fields))  # type: ignore[arg-type]  # a test's own


def scored_of(*arguments: Argument, narratives: tuple[Narrative, ...] = (ONE, TWO), facts=(YEN, SHARE)) -> Scored:  # type: ignore[no-untyped-def]  # a test's own
    dossier = a_dossier(facts, narratives, arguments=arguments)
    return score(dossier, tuple((one,) for one in narratives), METHOD)


def posterior(scored: Scored) -> list[float]:
    variables = [*scored.structure.narratives, scored.structure.unknown]
    return [float(scored.beliefs.table[0, v]) for v in variables]


def explained(*arguments: Argument) -> Explanation:
    return explain(a_dossier((YEN, SHARE), (ONE, TWO), arguments=arguments), ((ONE,), (TWO,)), METHOD)


def weights(result: Explanation) -> dict[str, ArgumentWeight]:
    return {one.id: one for narrative in result.narratives for one in narrative.arguments}


@pytest.mark.parametrize("narratives", [(ONE, TWO), (ONE, SHARED)])
@pytest.mark.parametrize(
    "arguments",
    [
        (said("a"),),
        (said("a", step=1),),
        (said("a"), said("b", strength="weak", by="another")),
        (said("a"), said("b", kind="rebuts"), said("c", kind="supports", step=None)),
        (said("a", narrative="two", step=1), said("b", step=2)),
    ],
)
def test_undercutters_are_evidence_on_the_link_from_a_story_to_its_step(
    arguments: tuple[Argument, ...], narratives: tuple[Narrative, ...]
) -> None:
    scored = scored_of(*arguments, narratives=narratives)
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)


@pytest.mark.parametrize("facts", [(), (YEN,), (SHARE,), (YEN, SHARE), (a_fact("no", "spot return", "share", -11.0),)])
@pytest.mark.parametrize("step", [1, 2])
def test_an_undercutter_never_helps_the_story_that_it_is_against(facts: tuple, step: int) -> None:  # type: ignore[type-arg]
    plain, undercut = posterior(scored_of(facts=facts)), posterior(scored_of(said("a", step=step), facts=facts))
    assert undercut[0] < plain[0]


def test_it_takes_more_from_a_step_that_supports_its_story_than_a_denial_of_the_step_does() -> None:
    """Readings that show the step outweigh a denial of it; that the story brought it about they do not show."""
    plain = posterior(scored_of())[0]
    denied, undercut = (posterior(scored_of(said("a", kind=kind)))[0] for kind in ("rebuts", "undercuts"))
    assert undercut < denied < plain


def test_a_defeated_undercutter_disables_nothing_and_a_defeated_defeater_reinstates_it() -> None:
    undercutter = said("a")
    defender = said("b", kind="undercuts", step=None, undercuts=("a",), direct=False)
    attacker = said("c", kind="undercuts", step=None, undercuts=("b",), direct=False)
    plain, alone = posterior(scored_of()), posterior(scored_of(undercutter))
    assert posterior(scored_of(undercutter, defender)) == pytest.approx(plain, abs=1e-12)
    assert posterior(scored_of(undercutter, defender, attacker)) == pytest.approx(alone, abs=1e-12)


def test_an_undecided_argument_weighs_as_one_of_half_its_reliability() -> None:
    rival = said("b", kind="supports", step=None, rebuts=("a",), direct=False)
    scored = scored_of(said("a"), rival)
    rho = METHOD.reliability("B", 2)
    assert [one.reliability for one in scored.evidence] == [pytest.approx(0.5 * rho)]
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)
    assert posterior(scored_of(said("a")))[0] < posterior(scored)[0] < posterior(scored_of())[0]


def test_a_rumour_defeats_nothing() -> None:
    rumour = said("b", undercuts=("a",), grade="F", credibility=6, direct=False)
    assert posterior(scored_of(said("a"), rumour)) == pytest.approx(posterior(scored_of(said("a"))), abs=1e-12)


def test_the_explanation_says_how_each_argument_stands() -> None:
    found = weights(
        explained(
            said("a"),
            said("b", undercuts=("a",), step=None, direct=False),
            said("c", kind="supports", step=None),
            said("d", kind="supports", step=None, rebuts=("c",), direct=False),
            said("e", kind="supports", grade="F", credibility=6),
        )
    )
    assert (found["a"].status, found["a"].weight_bits, found["a"].defeated_by) == ("rejected", None, ("b",))
    assert found["a"].why == "defeated by b"
    assert (found["b"].status, found["b"].attacks, found["b"].weight_bits) == ("accepted", ("a",), None)
    assert (found["c"].status, found["c"].defeated_by) == ("undecided", ("d",))
    assert found["c"].weight_bits is not None
    assert found["e"].status is None
    assert found["e"].why is not None
    assert "unreliable" in found["e"].why


def test_flip_values_of_arguments_on_one_link_are_exact() -> None:
    """Each flip, put into the network by brute force, brings the two stories level."""
    scored = scored_of(said("a"), said("b", strength="medium", by="another"), said("c", kind="supports", step=None))
    found = [one for one in flips(scored).flips if one.item in ("a", "b", "c")]
    for flip in found:
        turned = tuple(
            (one, replace(standing, weight=standing.weight and _at(standing.weight, flip.item, flip.to)))
            for one, standing in scored.standings
        )
        level = enumeration.posteriors(replace(scored, standings=turned))
        ranked = sorted(level[:2])
        assert ranked[0] == pytest.approx(ranked[1], abs=1e-9)


def _at(weight, item, rho):  # type: ignore[no-untyped-def]  # a test's own helper
    if weight.item != item:
        return weight
    return replace(weight, ratio=argument_ratio(weight.strength, rho, against=weight.against))
