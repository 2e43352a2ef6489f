"""What of a case file arrives in a dossier: all of it, but what was not known yet and what only hindsight knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
import yaml

from api.ask import ask_on, make_ask
from api.errors import InvalidAskError
from api.finding import find_move
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from causal.model import Dossier, Span
from causal.world import Actor, Instrument
from graph.errors import NotInGraphError
from graph.model import Batch
from graph.store import GraphStore
from ingest.casefile import bundled_cases, load_case

BITCOIN = "2026-02-05-bitcoin-flash-crash"
PATHS = {path.stem: path for path in bundled_cases()}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@cache
def case_file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(PATHS[name].read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


@cache
def batch_of(name: str) -> Batch:
    return load_case(PATHS[name]).batch


async def put(store: GraphStore, *names: str) -> None:
    for name in names:
        await store.upsert(batch_of(name))


async def dossier_of(store: GraphStore, knowledge: Knowledge, **asked: Any) -> Dossier:
    return await gather(make_ask(**asked), store, knowledge)


def stories_of(case: dict[str, Any]) -> dict[str, list[tuple[int, list[tuple[str, str, str]]]]]:
    return {
        one["id"]: [
            (step["n"], [(part["indicator"], part["subject"], part["direction"]) for part in step["predicts"]])
            for step in one["causal_steps"]
        ]
        for one in case["narratives"]
    }


def arguments_of(case: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in case["narratives"]:
        for side in ("arguments_for", "arguments_against"):
            for part in one.get(side, ()):
                fact = part if isinstance(part, str) else part.get("fact")
                yield one["id"], fact or part["argument"]


async def test_everything_of_the_six_cases_arrives(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, *PATHS)
    for name in PATHS:
        case, dossier = case_file(name), await dossier_of(store, knowledge, case=name)
        assert dossier.case == name
        assert {fact.id: fact.statement for fact in dossier.facts} == {f["id"]: f["statement"] for f in case["facts"]}
        assert [fact.key for fact in dossier.facts] == [f"{name}:{fact.id}" for fact in dossier.facts]
        things: list[Instrument | Actor] = [*dossier.instruments, *dossier.actors]
        assert sorted((one.id, one.name, one.kind) for one in things) == sorted(
            (one["id"], one["name"], one["type"]) for one in (*case["instruments"], *case["actors"])
        )
        assert {(r.type, r.from_, r.to, r.role) for r in dossier.relations} >= {
            (r["type"], r["from"], r["to"], r.get("role") if r["type"] == "plays" else None) for r in case["relations"]
        }
        assert {
            one.id: [(s.n, [(p.indicator, p.subject, p.direction) for p in s.predictions]) for s in one.steps]
            for one in dossier.narratives
        } == stories_of(case)
        assert sorted((a.narrative, a.fact or a.statement) for a in dossier.arguments) == sorted(arguments_of(case))
        assert len(dossier.gaps) == len(case["gaps"]) + len(case["watch_next"])
        in_conflict = {fact["id"] for fact in case["facts"] if fact.get("conflicts_with")}
        assert {side for dispute in dossier.disputes for side in dispute.sides} == in_conflict
        assert {fact.id for fact in dossier.facts if fact.dispute} == in_conflict
        assert dossier.not_yet_known == 0


async def test_a_fact_keeps_its_value_its_clocks_its_source_and_its_grade(
    store: GraphStore, knowledge: Knowledge
) -> None:
    await put(store, BITCOIN)
    case, dossier = case_file(BITCOIN), await dossier_of(store, knowledge, case=BITCOIN)
    facts = {fact.id: fact for fact in dossier.facts}
    for told in case["facts"]:
        fact = facts[told["id"]]
        value = told["value"]
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert fact.value == pytest.approx(value)
        elif isinstance(value, bool | str):
            assert fact.value == value
        elif isinstance(value, dict) and set(value) == {"low", "high"}:
            assert (fact.low, fact.high) == (value["low"], value["high"])
        assert (fact.subject, fact.indicator, fact.unit) == (told["about"], told["indicator"], told["unit"])
        assert fact.trade_date == (told["at"] if not isinstance(told["at"], datetime) else None)
        assert fact.citation.title == told["source"]["title"]
        assert fact.grade == (told.get("reliability") or {}).get("grade", "F")
        assert fact.known_at.tzinfo is UTC
        if isinstance(told["known_at"], datetime):
            assert fact.known_at == told["known_at"]
    assert (dossier.move.start, dossier.move.end) == (date(2026, 2, 4), date(2026, 2, 5))
    assert dossier.move.return_ == pytest.approx(-0.132)


async def test_windows_of_predictions_arrive_as_they_were_written(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    dossier = await dossier_of(store, knowledge, case=BITCOIN)
    told = [p for one in case_file(BITCOIN)["narratives"] for s in one["causal_steps"] for p in s["predicts"]]
    kept = [p for one in dossier.narratives for s in one.steps for p in s.predictions]
    wanted = [
        (p["when"]["start"], p["when"]["end"]) if isinstance(p.get("when"), dict) else p.get("when", "during")
        for p in told
    ]
    found = [(p.window.start, p.window.end) if isinstance(p.window, Span) else p.window for p in kept]
    assert sorted(map(str, found)) == sorted(map(str, wanted))
    assert sum(p.stated_window for p in kept) == sum("when" in p for p in told)


async def test_what_was_not_known_yet_is_counted_and_not_told(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    whole = await dossier_of(store, knowledge, case=BITCOIN)
    early = await dossier_of(store, knowledge, case=BITCOIN, as_of="2026-02-05T21:00:00Z")
    assert 0 < len(early.facts) < len(whole.facts)
    assert all(fact.known_at <= early.as_of for fact in early.facts)
    assert all(one.known_at is None or one.known_at <= early.as_of for one in early.arguments)
    assert early.not_yet_known == len(whole.facts) - len(early.facts)
    assert {one.id for one in early.narratives} == {one.id for one in whole.narratives}
    assert early.move.return_ is None
    assert whole.move.return_ is not None


async def test_nothing_is_known_of_what_was_recorded_later(store: GraphStore, knowledge: Knowledge) -> None:
    before = datetime.now(UTC)
    await put(store, BITCOIN)
    with pytest.raises(InvalidAskError, match="as_at"):
        await dossier_of(store, knowledge, case=BITCOIN, as_at=before)


async def test_dates_find_the_case_and_so_does_the_day_alone(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    by_case = await dossier_of(store, knowledge, case=BITCOIN)
    by_dates = await dossier_of(store, knowledge, instrument="BTC/USD", start="2026-02-04", end="2026-02-05")
    by_day = await gather(ask_on("btcusd", "2026-02-05"), store, knowledge)
    assert by_dates.case == by_day.case == BITCOIN
    assert by_dates.move == by_day.move == by_case.move
    assert by_dates.facts == by_day.facts == by_case.facts
    leg = await dossier_of(store, knowledge, instrument="ibit", start="2026-02-04", end="2026-02-05")
    assert (leg.case, leg.move.id) == (BITCOIN, f"{BITCOIN}:move.1")
    assert leg.move.return_ == pytest.approx(-0.1316)


async def test_a_name_that_the_graph_does_not_hold_proposes_near_ones(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    with pytest.raises(NotInGraphError) as caught:
        await dossier_of(store, knowledge, instrument="btcusdt", start="2026-02-04", end="2026-02-05")
    assert "btcusd" in caught.value.near
    with pytest.raises(NotInGraphError) as caught:
        await dossier_of(store, knowledge, case="2026-02-05-bitcoin-crash")
    assert caught.value.near == (BITCOIN,)
    with pytest.raises(InvalidAskError, match="has no such move"):
        await dossier_of(store, knowledge, case=BITCOIN, instrument="btcusd", start="2026-01-04", end="2026-01-05")


async def test_a_move_that_nobody_recorded_still_has_a_dossier(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    empty = await dossier_of(store, knowledge, instrument="btcusd", start="2023-05-01", end="2023-05-02")
    assert (empty.case, empty.facts, empty.narratives, empty.move.return_) == (None, (), (), None)
    assert empty.move.valid_to == datetime(2023, 5, 3, tzinfo=UTC)
    near = await dossier_of(store, knowledge, instrument="btcusd", start="2026-02-03", end="2026-02-06")
    assert near.case is None
    assert near.facts
    assert all(fact.id == fact.key and fact.id.startswith(f"{BITCOIN}:") for fact in near.facts)
    assert near.disputes
    found = await find_move(make_ask(instrument="btcusd", start="2026-02-03", end="2026-02-06"), store)
    assert not found.stored


async def test_two_names_of_one_publication_are_one_origin(store: GraphStore, knowledge: Knowledge) -> None:
    await put(store, BITCOIN)
    dossier = await dossier_of(store, knowledge, case=BITCOIN)
    by_title: dict[tuple[str, str], set[str]] = {}
    for fact in dossier.facts:
        by_title.setdefault((fact.citation.publisher, fact.citation.title), set()).add(fact.citation.origin)
    assert all(len(origins) == 1 for origins in by_title.values())
    assert len({origin for origins in by_title.values() for origin in origins}) > 20


async def test_the_code_of_a_coin_means_the_coin_and_not_the_future_on_it(
    store: GraphStore, knowledge: Knowledge
) -> None:
    await put(store, BITCOIN)
    found = await dossier_of(store, knowledge, instrument="BTC", on="2026-02-05")
    assert found.move.instrument == "btcusd"
    assert found.case == BITCOIN


@pytest.mark.parametrize(
    ("asked", "stories"),
    [
        ({"instrument": "btcusd", "on": "2026-02-05"}, 9),
        ({"instrument": "ibit", "on": "2026-02-05"}, 9),
        ({"instrument": "spx", "on": "2026-02-05"}, 0),
        ({"instrument": "btcusd", "start": "2026-02-05", "end": "2026-02-06"}, 0),
    ],
)
async def test_stories_of_a_case_are_told_of_its_own_move_alone(
    store: GraphStore, knowledge: Knowledge, asked: dict[str, Any], stories: int
) -> None:
    """The fall of bitcoin has nine; shares on that day and the rebound after it are other moves of the event."""
    await put(store, BITCOIN)
    found = await dossier_of(store, knowledge, **asked)
    assert found.case == BITCOIN
    assert len(found.narratives) == stories
    assert {argument.narrative for argument in found.arguments} <= {one.id for one in found.narratives}
