"""Who plays a role where series are stored: the related first, strangers only where nobody is related."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from causal.casting import answerable, build_scene, casts
from causal.model import Dossier, Role, Template, TemplatePrediction, TemplateStep
from causal.panel import Column
from tests.panels import DERIVATIONS, a_column, a_derivation, a_panel, prices, returns_of
from tests.unit.causal.dossiers import coin, fact

COUNT = 60
END = COUNT - 1 - 5
FUND = Role(name="fund", of="asset", via=("<tracks", "<tracks/part_of"), kinds=("etf", "etf group"))
PEER = Role(name="peer", of="asset", via=("peer_of",), kinds=("crypto spot", "commodity"), elsewhere=True)


def a_series(subject: str, *, ended: int = 0) -> Column:
    """The volume of a subject, and (where wanted) no value for so many sessions up to the last."""
    values = np.abs(returns_of(len(subject), COUNT)) + 1.0
    values[COUNT - ended :] = np.nan
    return a_column(f"{subject}.volume", values, indicator="trading volume", subject=subject)


def world(*series: Column, facts: Sequence[tuple[str, str]] = ()) -> Dossier:
    """The coin of `dossiers` with series."""
    own = a_column("coin.price", prices(returns_of(0, COUNT)), subject="coin")
    plain = coin(facts=[fact(subject, indicator) for subject, indicator in facts])
    return replace(plain, panel=a_panel(own, *series, moved="coin.price"), derivations=DERIVATIONS)


def players(dossier: Dossier, role: Role) -> list[tuple[str, ...]]:
    told = TemplatePrediction(indicator="trading volume", role=role.name, direction="up")
    template = Template(
        id="T99",
        version="1",
        title="A story",
        summary="A story for tests.",
        slots=("catalyst",),
        move_direction="any",
        roles=(Role(name="asset", required=True), role),
        steps=(TemplateStep(n=1, text="It happens", predictions=(told,)),),
    )
    return [cast.get(role.name, ()) for cast in casts(template, build_scene(dossier))]


def test_of_the_related_those_with_a_series_are_taken() -> None:
    assert players(world(), FUND) == [("fund_a",), ("fund_b",), ("all_funds",)]
    assert players(world(a_series("fund_b")), FUND) == [("fund_b",)]
    assert players(world(a_series("all_funds"), a_series("fund_b")), FUND) == [("fund_b",), ("all_funds",)]


def test_a_stranger_with_a_series_does_not_push_out_who_is_related() -> None:
    assert players(world(a_series("metal")), PEER) == [("other_coin",)]
    assert players(world(a_series("metal"), a_series("other_coin")), PEER) == [("other_coin",)]


def test_a_stranger_plays_where_nobody_is_related() -> None:
    lonely = replace(PEER, via=("issued_by",), apart=("asset",))
    assert ("metal",) in players(world(a_series("metal")), lonely)
    assert players(world(a_series("metal")), lonely)[0] == ("metal",)


def test_a_fact_about_a_stranger_makes_him_play_and_a_series_does_not() -> None:
    told = world(a_series("metal"), facts=[("metal", "trading volume")])
    assert players(told, PEER) == [("metal",)]
    both = world(a_series("other_coin"), facts=[("metal", "trading volume")])
    assert players(both, PEER) == [("other_coin",), ("metal",)]


@pytest.mark.parametrize(("ended", "counts"), [(0, True), (5, True), (6, True), (20, False), (40, False)])
def test_a_series_that_ended_long_before_the_move_does_not_count(ended: int, counts: bool) -> None:
    found = players(world(a_series("fund_b", ended=ended)), FUND)
    assert found == ([("fund_b",)] if counts else [("fund_a",), ("fund_b",), ("all_funds",)])


def test_a_series_that_starts_after_the_move_does_not_count() -> None:
    late = np.full(COUNT, np.nan)
    late[END + 1 :] = 1.0
    series = a_column("fund_b.volume", late, indicator="trading volume", subject="fund_b")
    assert players(world(series), FUND) == [("fund_a",), ("fund_b",), ("all_funds",)]


def test_only_what_can_be_asked_of_a_series_is_answerable() -> None:
    dossier = world(a_series("fund_b"), a_series("fund_a", ended=30))
    assert answerable(dossier) == {"coin": {"price"}, "fund_b": {"trading volume"}}
    other = replace(dossier, derivations=(a_derivation("drawdown", answers=("drawdown",)),))
    assert answerable(other) == {"coin": {"drawdown"}}
    assert answerable(replace(dossier, panel=None)) == {}


def test_no_value_of_a_series_changes_who_plays() -> None:
    plain = players(world(a_series("fund_b"), a_series("all_funds")), FUND)
    wild = a_column(
        "fund_b.volume", 1000.0 * prices(returns_of(9, COUNT)), indicator="trading volume", subject="fund_b"
    )
    assert players(world(wild, a_series("all_funds")), FUND) == plain


def test_the_order_of_series_does_not_matter() -> None:
    several = (a_series("all_funds"), a_series("fund_b"), a_series("metal"))
    for role in (FUND, PEER):
        assert players(world(*several), role) == players(world(*several[::-1]), role)
