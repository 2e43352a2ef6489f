"""Who plays a role: through which relations, in which order, and when nobody does."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from causal.casting import MAX_CASTS, MAX_PLAYERS, build_scene, casts, fits
from causal.model import Dossier, Role, Template, TemplatePrediction, TemplateStep
from tests.unit.causal.dossiers import coin, dossier, fact, instruments, relations

ASSET = Role(name="asset", required=True)


def a_template(*roles: Role, tells: dict[str, str] | None = None) -> Template:
    """A template with these roles; `tells` is role -> indicator predicted of it."""
    predictions = tuple(
        TemplatePrediction(indicator=indicator, role=role, direction="up") for role, indicator in (tells or {}).items()
    )
    return Template(
        id="T99",
        version="1",
        title="A story",
        summary="A story for tests.",
        slots=("catalyst",),
        move_direction="any",
        roles=(ASSET, *roles),
        steps=(TemplateStep(n=1, text="It happens", predictions=predictions),),
    )


def players(world: Dossier, role: Role, indicator: str | None = "trading volume") -> list[tuple[str, ...]]:
    tells = {role.name: indicator} if indicator else {}
    return [cast.get(role.name, ()) for cast in casts(a_template(role, tells=tells), build_scene(world))]


def test_the_moved_instrument_plays_the_asset() -> None:
    assert [cast["asset"] for cast in casts(a_template(), build_scene(coin()))] == [("coin",)]


def test_a_relation_is_read_against_its_direction() -> None:
    role = Role(name="dated", of="asset", via=("<underlying",), kinds=("futures",))
    assert players(coin(), role) == [("dated",)]


def test_a_path_leads_over_several_relations() -> None:
    role = Role(name="options", of="asset", via=("<tracks/<underlying",), kinds=("listed options",))
    assert players(coin(), role) == [("fund_options",)]


def test_an_empty_path_is_the_thing_itself() -> None:
    role = Role(name="held", of="asset", via=("",), kinds=("crypto spot",))
    assert players(coin(), role) == [("coin",)]


def test_an_open_path_starts_from_everything() -> None:
    role = Role(name="fear", via=("*/<underlying",), kinds=("volatility index",), of="asset", apart=("asset",))
    assert players(coin(), role) == [("coin_vol",), ("shares_vol",)]


def test_peers_are_peers_both_ways() -> None:
    role = Role(name="peer", of="asset", via=("peer_of",))
    assert players(coin(), role) == [("other_coin",)]


def test_only_the_parts_named_are_followed() -> None:
    holder = Role(name="who", of="asset", via=("<tracks/<plays",), plays=("holder",))
    maker = Role(name="who", of="asset", via=("<tracks/<plays",), plays=("market_maker",))
    assert players(coin(), holder) == [("pods",)]
    assert players(coin(), maker) == [()]


def test_several_candidates_give_several_casts_closest_first() -> None:
    role = Role(name="fund", of="asset", via=("<tracks", "<tracks/part_of"), kinds=("etf", "etf group"))
    assert players(coin(), role) == [("fund_a",), ("fund_b",), ("all_funds",)]


def test_whoever_has_facts_of_what_is_predicted_pushes_out_whoever_has_none() -> None:
    role = Role(name="fund", of="asset", via=("<tracks", "<tracks/part_of"), kinds=("etf", "etf group"))
    told = coin(facts=[fact("all_funds", "trading volume"), fact("fund_a", "spot return")])
    assert players(told, role) == [("all_funds",)]


def test_a_stranger_stands_in_only_where_no_path_leads_or_only_he_has_facts() -> None:
    role = Role(
        name="funds", of="asset", via=("<tracks/<plays",), kinds=("multi-strategy fund", "hedge fund"), elsewhere=True
    )
    assert players(coin(), role) == [("pods",)]
    assert players(coin(facts=[fact("quants", "trading volume")]), role) == [("quants",)]
    assert players(coin(), replace(role, via=("issued_by",))) == [("pods",), ("quants",)]


def test_a_stranger_must_bear_one_of_the_names() -> None:
    role = Role(name="pair", kinds=("currency pair",), elsewhere=True, names=("yen", "jpy"))
    assert players(coin(), role) == [("usdjpy",)]
    assert players(coin(), replace(role, names=("franc",))) == [()]


def test_nobody_plays_a_role_apart_from_his_own() -> None:
    role = Role(name="other", of="asset", via=("", "peer_of"), kinds=("crypto spot",), apart=("asset",))
    assert players(coin(), role) == [("other_coin",)]


def test_a_role_for_many_is_played_by_many_at_once() -> None:
    role = Role(name="funds", of="asset", via=("<tracks",), many=3)
    assert players(coin(), role) == [("fund_a", "fund_b")]


def test_a_role_of_which_nothing_is_predicted_gives_no_alternatives() -> None:
    role = Role(name="fund", of="asset", via=("<tracks",))
    assert players(coin(), role, indicator=None) == [("fund_a",)]


def test_a_role_that_nobody_plays_is_left_out() -> None:
    role = Role(name="note", of="asset", via=("<embeds",))
    assert players(coin(), role) == [()]


def test_casts_are_few() -> None:
    lines = [f"f{n}: ETF" for n in range(9)]
    world = dossier(
        "spot",
        -0.1,
        instruments=instruments("spot: commodity", *lines),
        relations=relations(*[f"f{n} tracks spot" for n in range(9)]),
    )
    one, two, three = (Role(name=name, of="asset", via=("<tracks",)) for name in ("one", "two", "three"))
    assert len(players(world, one)) == MAX_PLAYERS
    tells = dict.fromkeys(("one", "two", "three"), "trading volume")
    assert len(casts(a_template(one, two, three, tells=tells), build_scene(world))) == MAX_CASTS


@pytest.mark.parametrize(
    ("kind", "wanted", "fit"),
    [
        ("futures", ("futures",), True),
        ("perpetual futures", ("futures",), False),
        ("ETF", ("etf",), True),
        ("equity index", ("equity",), False),
        ("retail investors and hedge funds", ("hedge fund",), True),
        ("retail and crypto-fund traders", ("retail",), True),
        ("closed-end fund", ("fund",), True),
        ("mutual fund", ("fund",), False),
        ("anything", (), True),
    ],
)
def test_listed_kinds_must_be_equal_and_others_contain_the_words(kind: str, wanted: tuple[str, ...], fit: bool) -> None:
    assert fits(kind, wanted) is fit


def test_the_order_of_the_dossier_does_not_matter() -> None:
    role = Role(name="fund", of="asset", via=("<tracks", "<tracks/part_of"), elsewhere=True, kinds=("etf", "etf group"))
    world = coin()
    expected = players(world, role)
    for seed in range(5):
        shuffled = {
            name: tuple(random.Random(seed).sample(getattr(world, name), len(getattr(world, name))))
            for name in ("instruments", "actors", "relations")
        }
        assert players(replace(world, **shuffled), role) == expected
