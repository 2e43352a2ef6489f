"""What must hold of every explanation, on small dossiers made for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from causal.explain import explain
from causal.explanation import Explanation
from causal.model import Dossier, Narrative
from causal.settings import Method
from causal.world import Argument, Dispute
from tests.dossiers import DAY, NOW, a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
CARRY = a_narrative(
    "carry",
    [a_prediction("fx level", "usdjpy", "down")],
    [a_prediction("trading volume", "fund", "up")],
    [a_prediction("holdings change", "holder", "down")],
)
FORCED = a_narrative(
    "forced",
    [
        a_prediction("open interest change", "coin", "down"),
        a_prediction("default", "holder", "occurs", strength="strong"),
    ],
    [a_prediction("trading volume", "fund", "up"), a_prediction("net ETF flow", "fund", "flat")],
)
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", 0.9),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("oi", "open interest change", "coin", -22.0),
    a_fact("default", "default", "holder", True, unit="bool"),
)


def run(dossier: Dossier, method: Method = METHOD) -> Explanation:
    return explain(dossier, tuple((narrative,) for narrative in dossier.narratives), method)


def posteriors(explanation: Explanation) -> dict[str, float]:
    return {n.id: n.posterior for n in explanation.narratives} | {"unknown": explanation.unknown.posterior}


def base(narratives: tuple[Narrative, ...] = (CARRY, FORCED), **fields: object) -> Dossier:
    return a_dossier(fields.pop("facts", FACTS), narratives, **fields)  # type: ignore[arg-type]  # a test's own mapping


def test_the_story_whose_predictions_came_true_leads() -> None:
    result = run(base())
    assert [n.id for n in result.narratives] == ["forced", "carry"]
    assert "forced" in result.answer
    assert "carry" in result.answer
    assert result.narratives[1].steps[0].verdict == "contradicted"
    assert result.narratives[1].weakest_step == 1
    assert result.narratives[0].steps[0].verdict == "supported"


def test_order_of_facts_and_narratives_does_not_matter() -> None:
    one = posteriors(run(base()))
    other = posteriors(run(base((FORCED, CARRY), facts=FACTS[::-1])))
    assert one == pytest.approx(other, abs=1e-12)


def test_a_copy_of_an_article_changes_nothing() -> None:
    copy = replace(FACTS[1], id="volume_copy", key="case:volume_copy")
    relay = replace(FACTS[1], id="volume_relay", key="x", citation=a_fact("r", "loss", "coin", 1).citation, grade="C")
    one = posteriors(run(base()))
    assert posteriors(run(base(facts=(*FACTS, copy)))) == pytest.approx(one, abs=1e-12)
    assert posteriors(run(base(facts=(*FACTS, relay)))) == pytest.approx(one, abs=1e-12)


@pytest.mark.parametrize("size", [0.02, 0.2, 0.5, 1.0, 2.0, 5.0, 12.0])
@pytest.mark.parametrize("credibility", [1, 3, 6])
def test_a_second_rise_of_the_dollar_never_helps_the_carry_story(size: float, credibility: int) -> None:
    rise = a_fact("more", "fx spot return", "usdjpy", size, credibility=credibility)
    before = posteriors(run(base()))["carry"]
    assert posteriors(run(base(facts=(*FACTS, rise))))["carry"] <= before + 1e-12


def test_the_currency_and_its_pair_are_one_observable_with_a_sign() -> None:
    pair = posteriors(run(base()))["carry"]
    yen = a_fact("yen", "fx spot return", "jpy", -0.9)
    assert posteriors(run(base(facts=(yen, *FACTS[1:]))))["carry"] == pytest.approx(pair, abs=1e-12)


def test_leaving_an_item_out_equals_never_having_it() -> None:
    full = run(base())
    without = run(base(facts=FACTS[1:]))
    item = next(e for e in full.evidence if e.fact_ids == ("yen",))
    said = next(c.leave_one_out_bits for c in item.contributions if c.narrative == "carry")
    bits = {n.id: n.bits for n in full.narratives}["carry"] - {n.id: n.bits for n in without.narratives}["carry"]
    assert said == pytest.approx(bits, abs=1e-9)


def test_predicting_the_move_itself_carries_nothing_and_denying_it_is_a_miss() -> None:
    restates = a_narrative("restates", [a_prediction("spot return", "coin", "down")])
    denies = a_narrative("denies", [a_prediction("spot return", "coin", "flat")])
    silent = a_narrative("silent", [])
    result = {n.id: n for n in run(base((restates, denies, silent))).narratives}
    assert result["restates"].posterior == pytest.approx(result["silent"].posterior, abs=1e-12)
    assert result["denies"].posterior < result["silent"].posterior - 0.05
    assert result["restates"].steps[0].predictions[0].outcome == "met"


def test_silence_has_no_factor() -> None:
    silent = a_narrative("silent", [a_prediction("net ETF flow", "fund", "down")])
    result = run(base((silent,), facts=()))
    assert result.narratives[0].posterior == pytest.approx(result.narratives[0].prior_given_move, abs=1e-12)
    assert result.narratives[0].steps[0].verdict == "untested"
    assert "Not enough evidence" in result.answer


def test_an_empty_dossier_is_an_answer_with_something_else_high() -> None:
    result = run(a_dossier((), ()))
    assert result.narratives == ()
    assert result.unknown.posterior > 0.5
    assert "Not enough evidence" in result.answer


def test_six_true_but_unspecific_predictions_raise_a_junk_story_by_less_than_a_twentieth() -> None:
    generic = [
        a_fact(f"g{i}", "trading volume", f"thing{i}", 6.3, unit="contracts", baseline_value=3.0, baseline_kind="usual")
        for i in range(6)
    ]
    junk = a_narrative("junk", [a_prediction("fx level", "usdjpy", "down")])
    padded = a_narrative(
        "junk",
        [a_prediction("fx level", "usdjpy", "down")],
        [a_prediction("trading volume", f"thing{i}", "up") for i in range(6)],
    )
    facts = (*FACTS, *generic)
    plain = posteriors(run(base((CARRY, FORCED, junk), facts=facts)))["junk"]
    assert posteriors(run(base((CARRY, FORCED, padded), facts=facts)))["junk"] - plain < 0.05


def test_arguments_are_a_term_of_their_own_at_the_step_that_they_attack() -> None:
    argument = Argument(
        id="a1",
        narrative="forced",
        kind="undercuts",
        step=2,
        strength="strong",
        statement="no",
        grade="B",
        credibility=2,
    )
    with_it, without = run(base(arguments=(argument,))), run(base())
    one = next(n for n in with_it.narratives if n.id == "forced")
    other = next(n for n in without.narratives if n.id == "forced")
    assert one.posterior_readings == pytest.approx(other.posterior, abs=1e-12)
    assert one.posterior < other.posterior
    assert one.arguments[0].weight_bits is not None
    assert one.arguments[0].weight_bits < 0
    assert one.arguments[0].step == 2


def test_an_unreliable_claim_carries_no_weight() -> None:
    claim = a_fact("rumour", "statement", "coin", "it was them", unit="text", grade="F", credibility=6)
    argument = Argument(
        id="a1", narrative="carry", kind="supports", fact="rumour", statement="it was them", grade="F", credibility=6
    )
    facts = (*FACTS, claim)
    assert posteriors(run(base(facts=facts, arguments=(argument,)))) == pytest.approx(
        posteriors(run(base())), abs=1e-12
    )


def test_a_dispute_shows_the_posteriors_under_each_side() -> None:
    out = a_fact("out", "net ETF flow", "fund", -400.0, unit="USD million", grade="B", credibility=2)
    into = a_fact("into", "net ETF flow", "fund", 230.0, unit="USD million", grade="C", credibility=3)
    dispute = Dispute(id="d", sides=("into", "out"), kinds=("sign",), indicator="net ETF flow", subject="fund")
    found = run(base(facts=(*FACTS, out, into), disputes=(dispute,)))
    assert {side.fact_id for side in found.disputes[0].sides} == {"into", "out"}
    under = {one.fact_id: one.posteriors["forced"] for one in found.disputes[0].under_each}
    alone = posteriors(run(base(facts=(*FACTS, out))))["forced"]
    assert under["out"] == pytest.approx(alone, abs=1e-9)
    assert under["into"] != pytest.approx(under["out"], abs=1e-3)


def test_hits_of_a_story_told_afterwards_are_worth_less_and_misses_keep_their_weight() -> None:
    early = replace(FORCED, recorded_from=FACTS[0].known_at - timedelta(days=30))
    late = run(base((CARRY, FORCED)))
    before = run(base((CARRY, early)))
    get = lambda e, name: next(n for n in e.narratives if n.id == name)  # noqa: E731  # a test's shorthand
    assert get(before, "forced").posterior > get(late, "forced").posterior
    assert get(late, "forced").written_after
    assert not get(before, "forced").written_after


def test_unmapped_and_unreadable_facts_are_listed_with_the_reason() -> None:
    strange = a_fact("strange", "phase of the moon", "coin", 3.0)
    level = a_fact("level", "implied volatility", "coinvol", 60.0, unit="index points")
    what = a_fact("when", "timing", "coin", 3.0, unit="hours")
    found = {one.fact_id: one.why for one in run(base(facts=(*FACTS, strange, level, what))).not_scored.unmapped}
    assert "not mapped" in found["strange"]
    assert "no baseline" in found["level"]
    assert "context" in found["when"]


def test_expected_values_are_not_evidence() -> None:
    hoped = a_fact("hoped", "fx spot return", "usdjpy", -3.0, modality="expected")
    assert posteriors(run(base(facts=(*FACTS, hoped)))) == pytest.approx(posteriors(run(base())), abs=1e-12)


def test_posteriors_and_joint_sets_are_probabilities() -> None:
    result = run(base())
    assert all(0.0 <= p <= 1.0 for p in posteriors(result).values())
    assert sum(one.probability for one in result.joint) <= 1.0 + 1e-12
    both = sum(s.probability for s in result.joint if "forced" in s.narratives)
    assert both == pytest.approx(posteriors(result)["forced"], abs=0.11)


def test_a_fact_outside_the_window_does_not_answer() -> None:
    later = a_fact("yen", "fx spot return", "usdjpy", 0.9, day=DAY + timedelta(days=4))
    result = run(base(facts=(later, *FACTS[1:])))
    carry = next(n for n in result.narratives if n.id == "carry")
    assert carry.steps[0].verdict == "untested"
    assert carry.coverage.not_looked_at == 2
    assert any(one.indicator == "fx level" for one in result.look_next)


def test_the_settings_hash_names_the_constants() -> None:
    one, other = run(base()), run(base(), Method(leak=0.05))
    assert one.settings_hash != other.settings_hash
    assert one.settings_hash == run(base(facts=())).settings_hash


def test_recorded_after_now_is_what_a_case_file_gives() -> None:
    assert CARRY.recorded_from == NOW
