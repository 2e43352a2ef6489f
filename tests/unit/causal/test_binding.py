"""Templates become narratives about one move: directions, sides, variants, and what replaces what."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from causal.binding import MAX_BINDINGS, bind, sense_of
from causal.library import get_template, load_library
from causal.model import Dossier, Narrative, Prediction, Role, Template, TemplatePrediction, TemplateStep
from tests.unit.causal.dossiers import actors, coin, dossier, fact, instruments, relations

LIBRARY = load_library()


def a_template(*predictions: TemplatePrediction, **changes: Any) -> Template:
    plain: dict[str, Any] = {
        "id": "T99",
        "version": "7",
        "title": "A story",
        "summary": "A story for tests.",
        "slots": ("amplifier", "catalyst"),
        "move_direction": "any",
        "roles": (Role(name="asset", required=True),),
        "steps": (TemplateStep(n=1, text="It happens", predictions=predictions),),
    }
    return Template(**(plain | changes))


def only(world: Dossier, *predictions: TemplatePrediction, **changes: Any) -> Prediction:
    ((narrative,),) = bind([a_template(*predictions, **changes)], world)
    (prediction,) = narrative.steps[0].predictions
    return prediction


def bound(world: Dossier, template_id: str) -> tuple[Narrative, ...]:
    (group,) = bind([get_template(LIBRARY, template_id)], world)
    return group


def simple(kind: str, return_: float | None) -> Dossier:
    return dossier("thing", return_, instruments=instruments(f"thing: {kind}"))


AFTER = TemplatePrediction(indicator="spot return", role="asset", direction="up", window="after", with_move=True)


def test_a_bound_template_keeps_its_names_and_words() -> None:
    ((narrative,),) = bind([a_template(AFTER)], coin())
    assert (narrative.id, narrative.origin, narrative.template, narrative.template_version) == (
        "T99",
        "library",
        "T99",
        "7",
    )
    assert (narrative.slot, narrative.prior, narrative.recorded_from) == ("amplifier", None, None)
    assert narrative.steps[0].key == "T99.1"
    assert dict(narrative.roles) == {"asset": "coin"}
    told = narrative.steps[0].predictions[0]
    assert (told.subject, told.role, told.window, told.stated_window) == ("coin", "asset", "after", True)


def test_directions_are_written_for_a_fall_and_turn_round_in_a_rise() -> None:
    assert only(coin(-0.15), AFTER).direction == "up"
    assert only(coin(0.15), AFTER).direction == "down"
    assert only(coin(0.15), replace(AFTER, with_move=False)).direction == "up"
    assert only(coin(0.15), replace(AFTER, direction="flat")).direction == "flat"


def test_a_template_of_rises_is_written_for_a_rise() -> None:
    assert only(coin(0.15), AFTER, move_direction="up").direction == "up"


@pytest.mark.parametrize(
    ("kind", "return_", "admitted"),
    [
        ("equity", -0.2, {"down", "any"}),
        ("equity", 0.2, {"up", "any"}),
        ("volatility index", 1.1, {"down", "any"}),
        ("volatility index", -0.4, {"up", "any"}),
        ("yield", 0.0103, {"down", "any"}),
        ("spread", -0.01, {"up", "any"}),
        ("currency pair", -0.04, {"down", "up", "any"}),
        ("currency", 0.15, {"down", "up", "any"}),
        ("equity", None, {"down", "up", "any"}),
    ],
)
def test_a_template_against_the_move_is_left_out(kind: str, return_: float | None, admitted: set[str]) -> None:
    world = simple(kind, return_)
    found = {way for way in ("down", "up", "any") if bind([a_template(AFTER, move_direction=way)], world)}
    assert found == admitted


def test_a_price_quoted_the_other_way_is_predicted_the_other_way() -> None:
    told = only(simple("yield", 0.0103), AFTER)
    assert (told.indicator, told.direction) == ("yield change", "down")
    told = only(simple("spread", 0.01), AFTER)
    assert (told.indicator, told.direction) == ("spread change", "down")
    told = only(simple("volatility index", 1.1), AFTER)
    assert (told.indicator, told.direction) == ("spot return", "down")


def test_the_side_of_a_move_that_is_not_known_turns_nothing_round() -> None:
    world = simple("equity", None)
    assert sense_of(world.move, "equity").way is None
    assert only(world, AFTER).direction == "up"


def test_a_role_that_nobody_plays_is_reported_and_its_predictions_have_no_subject() -> None:
    note = Role(name="note", of="asset", via=("<embeds",), required=True)
    told = TemplatePrediction(indicator="option delta", role="note", direction="up")
    ((narrative,),) = bind([a_template(told, roles=(Role(name="asset"), note))], coin())
    assert narrative.unbound_roles == ("note",)
    assert narrative.steps[0].predictions[0].subject is None


def test_several_players_at_once_are_predicted_one_by_one() -> None:
    funds = Role(name="funds", of="asset", via=("<tracks",), many=2)
    told = TemplatePrediction(indicator="trading volume", role="funds", direction="up")
    ((narrative,),) = bind([a_template(told, roles=(Role(name="asset"), funds))], coin())
    assert dict(narrative.roles) == {"asset": "coin", "funds": "fund_a", "funds 2": "fund_b"}
    assert [p.subject for p in narrative.steps[0].predictions] == ["fund_a", "fund_b"]


def test_several_players_for_one_part_are_alternatives_of_one_story() -> None:
    perps = Role(name="perps", of="asset", via=("<underlying",), kinds=("perpetual futures",))
    told = TemplatePrediction(indicator="funding rate", role="perps", direction="down")
    (group,) = bind([a_template(told, roles=(Role(name="asset"), perps))], coin())
    assert [narrative.roles["perps"] for narrative in group] == ["perp_one", "perp_two"]
    assert {narrative.id for narrative in group} == {"T99"}


def test_variants_are_alternatives_that_predict_their_own() -> None:
    up = TemplatePrediction(indicator="macro release surprise", role="asset", direction="up", variant="rates")
    down = replace(up, direction="down", variant="growth")
    template = a_template(up, down, AFTER, variants=("rates: hotter", "growth: weaker", "words: not predicted apart"))
    (group,) = bind([template], coin())
    assert [narrative.title for narrative in group] == ["A story (rates)", "A story (growth)"]
    assert [[p.direction for p in narrative.steps[0].predictions] for narrative in group] == [
        ["up", "up"],
        ["down", "up"],
    ]


def test_stories_of_the_case_come_first_in_their_order_and_replace_the_template_they_name() -> None:
    own = (Narrative(id="b", title="B", template="T02"), Narrative(id="a", title="A"))
    groups = bind(LIBRARY, coin(narratives=own))
    assert groups[:2] == ((own[0],), (own[1],))
    assert "T02" not in {group[0].id for group in groups}
    assert "T01" in {group[0].id for group in groups}


def test_the_order_of_the_dossier_and_of_the_library_does_not_matter() -> None:
    world = coin(
        facts=[fact("perp_two", "funding rate"), fact("fund_a", "net ETF flow"), fact("fund_b", "net ETF flow")]
    )
    expected = bind(LIBRARY, world)
    for seed in range(3):
        rng = random.Random(seed)
        names = ("instruments", "actors", "relations", "facts")
        shuffled = replace(world, **{n: tuple(rng.sample(getattr(world, n), len(getattr(world, n)))) for n in names})
        assert bind(rng.sample(LIBRARY, len(LIBRARY)), shuffled) == expected


def test_no_template_has_more_alternatives_than_the_limit_or_none() -> None:
    assert all(1 <= len(group) <= MAX_BINDINGS for group in bind(LIBRARY, coin()))


def test_a_coin_binds_funds_futures_perpetuals_and_options_through_the_graph() -> None:
    assert bound(coin(), "T06")[0].roles["futures"] == "dated"
    assert bound(coin(), "T07")[0].roles["perps"] == "perp_one"
    hedging = bound(coin(), "T03")[0]
    assert (hedging.roles["options"], hedging.roles["dealers"]) == ("fund_options", "dealer")
    assert bound(coin(), "T01")[0].roles["funds"] == "pods"


def test_a_jump_of_a_volatility_index_is_told_of_the_index_beneath_it() -> None:
    world = dossier(
        "vol",
        1.1,
        instruments=instruments(
            "vol: volatility index", "shares: equity index", "vol_near: futures", "note: exchange-traded note"
        ),
        actors=actors("bank: bank"),
        relations=relations(
            "vol underlying shares", "vol_near underlying vol", "note tracks vol", "note issued_by bank"
        ),
    )
    story = bound(world, "T03")[0]
    assert (story.roles["asset"], story.roles["risk_asset"], story.roles["vol"]) == ("vol", "shares", "vol")
    product = bound(world, "T04")[0]
    assert (product.roles["vol_futures"], product.roles["product"]) == ("vol_near", "note")


def test_a_carry_unwind_finds_the_funding_currency_and_all_that_it_paid_for() -> None:
    world = dossier(
        "shares",
        -0.12,
        instruments=instruments(
            "shares: equity index",
            "low: currency",
            "pair: currency pair",
            "high: currency",
            "low_futures: futures",
        ),
        actors=actors("borrowers: hedge fund", "bank: central bank"),
        relations=relations(
            "pair quoted_in low",
            "high funded_by low",
            "borrowers funded_by low",
            "low_futures underlying low",
            "bank plays low central_bank",
        ),
    )
    roles = bound(world, "T02")[0].roles
    assert {name: roles[name] for name in ("funding_currency", "funding_pair", "short_futures", "targets")} == {
        "funding_currency": "low",
        "funding_pair": "pair",
        "short_futures": "low_futures",
        "targets": "high",
    }
    assert (roles["central_bank"], roles["carry_traders"]) == ("bank", "borrowers")


def test_a_share_binds_its_issuer_and_its_holder() -> None:
    world = dossier(
        "share",
        -0.27,
        instruments=instruments("share: equity", "index: equity index", "lender_share: equity"),
        actors=actors("firm: company", "family: family office", "lender: prime broker"),
        relations=relations("share issued_by firm", "share part_of index", "lender_share issued_by lender"),
        facts=[fact("family", "leverage"), fact("family", "default")],
    )
    roles = bound(world, "T09")[0].roles
    assert (roles["firm"], roles["lenders"], roles["lender_shares"]) == ("family", "lender", "lender_share")
