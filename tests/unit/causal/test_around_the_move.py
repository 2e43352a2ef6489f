"""What lies around a move is not taken for it: edges of windows, levels from before, acts of others, currencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.knowledge import load_knowledge
from causal.binding import bind
from causal.facts import FactIndex
from causal.library import get_template, load_library
from causal.model import Dossier, Narrative
from causal.observables import collect
from causal.settings import Method
from causal.subjects import build_world
from causal.surprise import SIGNED, event_shift
from causal.windows import falls_into
from causal.world import Fact, Relation
from tests.dossiers import DAY, INDICATORS, a_dossier, a_fact, a_narrative, a_prediction, an_indicator
from tests.unit.causal.dossiers import actors, dossier, fact, instruments, relations

LIBRARY = load_library()
NEXT_WEEK = DAY + timedelta(days=6)
END = datetime(2030, 3, 12, 15, tzinfo=UTC)


def days(first: date, last: date, indicator: str = "spot return") -> Fact:
    return replace(a_fact("later", indicator, "coin", 4.0), trade_date=first, trade_date_end=last)


def stamped(start: datetime, end: datetime, **fields: Any) -> Fact:
    made = a_fact("stamped", "fx level", "usdjpy", 148.0, **fields)
    return replace(made, valid_from=start, valid_to=end, trade_date=None, trade_date_end=None)


def minutes(case: Dossier) -> Dossier:
    """The same with a move of a quarter of an hour."""
    start = END - timedelta(minutes=15)
    return replace(case, move=replace(case.move, start=start, end=END, valid_from=start, valid_to=END))


def read(case: Dossier, narrative: Narrative) -> dict[tuple[str, int], tuple[str, ...]]:
    """(subject, prediction) -> the facts that answer it."""
    found = collect(FactIndex(case, build_world(case), Method()), (narrative,))
    told = {(step.n, n): p for step in narrative.steps for n, p in enumerate(step.predictions, start=1)}
    return {
        (str(told[a.step, a.prediction].subject), a.prediction): tuple(r.fact for r in a.reports) for a in found.answers
    }


@pytest.mark.parametrize(("first", "window"), [(DAY, "after"), (DAY - timedelta(days=1), "during")])
def test_a_return_between_two_dates_runs_from_the_close_of_the_first(first: date, window: str) -> None:
    case = a_dossier((), ())
    places = {w: falls_into(days(first, NEXT_WEEK), w, case.move, closes=True) for w in ("before", "during", "after")}
    assert [name for name, inside in places.items() if inside] == [window]


def test_a_return_after_the_close_of_the_move_answers_for_afterwards() -> None:
    story = a_narrative("rebound", [a_prediction("spot return", "coin", "up", window="after", stated_window=True)])
    case = a_dossier((days(DAY, NEXT_WEEK),), (story,))
    assert read(case, story) == {("coin", 1): ("later",)}


@pytest.mark.parametrize(("length", "window"), [(30, "after"), (0, "during")])
def test_what_begins_when_the_move_ends_is_after_it(length: int, window: str) -> None:
    move = minutes(a_dossier((), ())).move
    told = stamped(END, END + timedelta(minutes=length))
    assert [w for w in ("before", "during", "after") if falls_into(told, w, move)] == [window]


@pytest.mark.parametrize(
    ("hours", "kind", "answers"), [(3, "previous", False), (30, "previous", True), (3, "usual", True)]
)
def test_a_level_compared_with_the_one_before_the_move_says_nothing_of_afterwards(
    hours: int, kind: str, answers: bool
) -> None:
    story = a_narrative("drift", [a_prediction("fx level", "usdjpy", "down", window="after", stated_window=True)])
    when = END + timedelta(hours=hours)
    told = stamped(when, when, baseline_value=152.0, baseline_kind=kind)
    case = minutes(a_dossier((told,), (story,)))
    assert bool(read(case, story)["usdjpy", 1]) is answers


@pytest.mark.parametrize("origin", ["library", "case"])
def test_of_several_who_may_act_a_template_asks_whether_any_did(origin: Any) -> None:
    acts = [a_prediction("default", name, "occurs", role="firm") for name in ("fund", "holder")]
    story = a_narrative("act", acts, origin=origin)
    facts = (a_fact("did", "default", "fund", True), a_fact("did_not", "default", "holder", False))
    answers = read(a_dossier(facts, (story,)), story)
    assert ("fund", 1) in answers
    assert (("holder", 2) in answers) is (origin == "case")


def test_where_nobody_acted_it_counts_against_the_template() -> None:
    story = a_narrative("act", [a_prediction("default", "holder", "occurs", role="firm")], origin="library")
    case = a_dossier((a_fact("did_not", "default", "holder", False),), (story,))
    assert read(case, story) == {("holder", 1): ("did_not",)}


def test_a_currency_says_only_of_prices_that_share_it_which_way_they_go() -> None:
    world = dossier(
        "usdjpy",
        -0.04,
        instruments=instruments(
            "usdjpy: currency pair", "eurjpy: currency pair", "eurusd: currency pair", "shares: equity index",
            "usd: currency", "jpy: currency", "eur: currency",
        ),
        actors=actors("ministry: government"),
        relations=relations(
            "usdjpy quoted_in usd", "usdjpy quoted_in jpy", "eurjpy quoted_in eur", "eurjpy quoted_in jpy",
            "eurusd quoted_in eur", "eurusd quoted_in usd", "usdjpy peer_of eurjpy", "usdjpy peer_of eurusd",
            "usdjpy peer_of shares", "ministry plays jpy issuer",
        ),
    )  # fmt: skip
    ((story, *_),) = bind([get_template(LIBRARY, "T12")], world)
    prices = {p.subject for step in story.steps for p in step.predictions if p.indicator == "spot return"}
    assert prices - {None} == {"eurjpy", "usdjpy"}


@pytest.mark.parametrize(("return_", "direction"), [(0.8, "down"), (-0.4, "up")])
def test_a_shortage_lifts_a_commodity_and_a_glut_sinks_it(return_: float, direction: str) -> None:
    world = dossier(
        "beans",
        return_,
        instruments=instruments("beans: commodity", "beans_fut: futures"),
        actors=actors("board: government", "floor: exchange"),
        relations=relations("beans_fut underlying beans", "beans_fut listed_on floor", "board plays beans issuer"),
        facts=(fact("board", "supply outstanding"), fact("floor", "holdings")),
    )
    (group,) = bind([get_template(LIBRARY, "T11")], world)
    story = next(one for one in group if "supply" in one.title)
    told = {(p.indicator, p.subject): p.direction for step in story.steps for p in step.predictions}
    asked = [("supply outstanding", "board"), ("holdings", "floor"), ("term-structure slope", "beans_fut")]
    assert [told[one] for one in asked] == [direction] * 3


@pytest.mark.parametrize(("subject", "shifted"), [("coin", 0.8), ("coinvol", 0.8), ("share", 0.24)])
def test_a_day_shifts_what_moved_and_its_derivatives_in_full(subject: str, shifted: float) -> None:
    case = a_dossier((), (), relations=(Relation(type="underlying", from_="coinvol", to="coin"),))
    index = FactIndex(case, build_world(case), Method())
    index.shift_factor = 0.3
    volume = next(one for one in case.indicators if one.name == "trading volume")
    assert event_shift(index.setting(volume, subject)) == pytest.approx(shifted)
    index.stress = 0
    assert event_shift(index.setting(volume, subject)) == pytest.approx(0.8 if shifted == 0.8 else 0.0)


@pytest.mark.parametrize(("happened", "stamped_as"), [(True, "cheap"), (False, "dear")])
def test_an_act_is_cheap_to_coincide_with_and_dear_to_do_without(happened: bool, stamped_as: str) -> None:
    method = Method()
    act = an_indicator("policy change", "occurs", kind="event", public_act=True)
    story = a_narrative("act", [a_prediction("policy change", "holder", "occurs")])
    case = a_dossier((a_fact("act", "policy change", "holder", happened),), (story,), indicators=(*INDICATORS, act))
    (found,) = collect(FactIndex(case, build_world(case), method), (story,)).observables
    tilts = {"cheap": method.tilt_public_act, "dear": method.tilt["medium"]}
    assert found.parents[0].tilt == pytest.approx(tilts[stamped_as])


@pytest.mark.parametrize(
    ("value", "baseline", "kind", "direction"),
    [
        (50.0, 75.0, "forecast", "down"),
        (50.0, 50.0, "forecast", "up"),
        (50.0, 25.0, "forecast", "up"),
        (50.0, 75.0, "previous", "up"),
        (-25.0, None, None, "down"),
    ],
)
def test_what_is_read_by_its_sign_is_read_against_its_forecast(
    value: float, baseline: float | None, kind: str | None, direction: str
) -> None:
    step = an_indicator("policy rate change", "sign", kind="measure")
    told = a_fact("step", "policy rate change", "holder", value, baseline_value=baseline, baseline_kind=kind)
    case = a_dossier((told,), (), indicators=(*INDICATORS, step))
    reading = FactIndex(case, build_world(case), Method()).reading(told, inside=True)
    assert reading is not None
    assert reading.bins == SIGNED[direction]


@pytest.mark.parametrize("name", ["earnings guidance", "analyst rating", "deposits"])
def test_levels_that_are_cut_are_read_as_cut_though_they_are_positive(name: str) -> None:
    (known,) = (one for one in load_knowledge().indicators if one.name == name)
    told = a_fact("cut", name, "holder", 100.0, unit="USD", baseline_value=120.0, baseline_kind="previous")
    case = a_dossier((told,), (), indicators=(known,))
    reading = FactIndex(case, build_world(case), Method()).reading(told, inside=True)
    assert reading is not None
    assert reading.bins == SIGNED["down"]
