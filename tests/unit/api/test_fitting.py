"""Which templates fit a pattern: what rules one out, what bears it out, and how directions turn with the move."""

from __future__ import annotations

import pytest

from api.errors import InvalidAskError
from api.fitting import Fit, Pattern, Wanted, as_rows, fits_of, in_words, parse_pattern
from api.knowledge import load_knowledge
from causal.model import Role, Template, TemplatePrediction, TemplateStep

KNOWLEDGE = load_knowledge()


def bundled(pattern: Pattern) -> dict[str, list[Fit]]:
    found: dict[str, list[Fit]] = {}
    for fit in fits_of(KNOWLEDGE.library, pattern):
        found.setdefault(fit.template, []).append(fit)
    return found


def verdicts(pattern: Pattern, template: str) -> set[str]:
    return {fit.verdict for fit in bundled(pattern)[template]}


def a_template(**changes: object) -> Template:
    told = (
        TemplatePrediction(indicator="net ETF flow", role="fund", direction="down", with_move=True, variant="sells"),
        TemplatePrediction(indicator="net ETF flow", role="fund", direction="up", with_move=True, variant="buys"),
        TemplatePrediction(indicator="trading volume", role="fund", direction="flat"),
        TemplatePrediction(indicator="spot return", role="asset", direction="up", window="after", with_move=True),
    )
    given: dict[str, object] = {
        "id": "T90", "version": "1", "title": "A rule", "summary": "", "slots": ("catalyst",), "move_direction": "any",
        "roles": (Role(name="asset", required=True), Role(name="fund")), "variants": ("sells: x", "buys: y"),
        "steps": (TemplateStep(n=1, text="It trades", predictions=told),),
    }  # fmt: skip
    return Template(**(given | changes))  # type: ignore[arg-type]


def test_a_fall_with_net_inflows_rules_out_runs_and_forced_unwinds_and_not_option_hedging() -> None:
    pattern = parse_pattern("down", 0.1, ["net_etf_flow=up"], KNOWLEDGE.indicators)
    assert verdicts(pattern, "T03") == {"open"}
    assert verdicts(pattern, "T08") == {"ruled out"}
    assert verdicts(pattern, "T06") == {"ruled out"}
    (run,) = bundled(pattern)["T08"]
    assert run.against[0].step == 1
    assert "step 1 predicts net ETF flow of flows down, and it was up" in in_words(run)


def test_a_fall_with_redemptions_bears_out_what_predicts_them() -> None:
    pattern = parse_pattern("down", None, ["net ETF flow=down"], KNOWLEDGE.indicators)
    assert verdicts(pattern, "T08") == {"borne out"}
    first = fits_of(KNOWLEDGE.library, pattern)[0]
    assert first.verdict == "borne out"


def test_a_template_for_rises_is_ruled_out_of_a_fall_and_says_so() -> None:
    pattern = Pattern(move="down")
    unlike = [fit for fit in fits_of(KNOWLEDGE.library, pattern) if fit.unlike]
    assert unlike
    assert all(fit.verdict == "ruled out" for fit in unlike)
    assert in_words(unlike[0]).startswith("it is for moves up")


def test_variants_that_predictions_tell_apart_are_judged_apart() -> None:
    pattern = Pattern(move="down", readings=(Wanted(indicator="net ETF flow", direction="up"),))
    assert {fit.variant: fit.verdict for fit in fits_of([a_template()], pattern)} == {
        "sells": "ruled out",
        "buys": "borne out",
    }


def test_predictions_marked_with_move_turn_round_in_a_rise() -> None:
    pattern = Pattern(move="up", readings=(Wanted(indicator="net ETF flow", direction="up"),))
    assert {fit.variant: fit.verdict for fit in fits_of([a_template()], pattern)} == {
        "sells": "borne out",
        "buys": "ruled out",
    }


def test_a_step_that_is_optional_and_a_prediction_that_is_no_opposite_rule_nothing_out() -> None:
    step = a_template().steps[0]
    optional = a_template(
        variants=(),
        steps=(TemplateStep(n=1, text="It trades", necessity="optional", predictions=(step.predictions[3],)),),
    )
    after = Pattern(move="down", readings=(Wanted(indicator="spot return", direction="down", window="after"),))
    (fit,) = fits_of([optional], after)
    assert (fit.verdict, len(fit.excused)) == ("open", 1)
    flat = Pattern(move="down", readings=(Wanted(indicator="trading volume", direction="up"),))
    assert {fit.verdict for fit in fits_of([a_template()], flat)} == {"open"}


def test_a_reading_counts_in_its_own_window_alone() -> None:
    during = Pattern(move="down", readings=(Wanted(indicator="spot return", direction="down"),))
    fits = fits_of([a_template()], during)
    assert {fit.verdict for fit in fits} == {"open"}
    assert fits[0].silent == ("spot return",)


@pytest.mark.parametrize(
    ("move", "size", "reading", "told"),
    [
        ("sideways", None, "net_etf_flow=up", "down or up"),
        ("down", 12.0, "net_etf_flow=up", "0.1 for 10%"),
        ("down", None, "net_etf_flow", "NAME=DIRECTION"),
        ("down", None, "net_etf_flow=bigger", "NAME=DIRECTION"),
        ("down", None, "net_etf_flow@later=up", "before, during, after"),
        ("down", None, "net_etf_flw=up", "did you mean net_etf_flow"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_what_to_write(
    move: str, size: float | None, reading: str, told: str
) -> None:
    with pytest.raises(InvalidAskError, match=told):
        parse_pattern(move, size, [reading], KNOWLEDGE.indicators)


def test_rows_name_the_moves_that_were_alike() -> None:
    fits = fits_of([a_template()], Pattern(move="down"))
    rows = as_rows(fits, {"T90": [{"move": "m", "instrument": "btcusd", "start": "2026-02-04", "return": -0.1}]})
    assert [row["moves"] for row in rows] == [
        [{"move": "m", "instrument": "btcusd", "start": "2026-02-04", "return": -0.1}]
    ] * 2
