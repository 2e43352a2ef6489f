"""A documented case and stored series together, taken in and explained by the command, on both servers.

What restates a series is a copy of it; what contradicts it is an item of its own; what no series measures is a fact.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.knowledge import Knowledge, load_knowledge
from graph.endpoint import Endpoint
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.moves_kit import Command
from tests.e2e.series_world import CLOSE, MOVE, World, a_world, posteriors, tables

CASE = "2025-12-12-newcoin"
BEFORE, DAY, NEXT = ((MOVE + timedelta(days=by)).isoformat() for by in (-1, 0, 1))
Facts = list[dict[str, Any]]


def a_fact(name: str, about: str, indicator: str, **more: Any) -> dict[str, Any]:
    """Something told on the day after the move."""
    source = {"publisher": name, "title": f"What {name} says", "url": None, "published": None, "kind": "press"}
    values = {"id": name, "at": DAY, "known_at": NEXT, "about": about, "indicator": indicator}
    values |= {"unit": "percent", "statement": f"{name} says so.", "source": source}
    return values | {"reliability": {"grade": "A", "credibility": 1, "why": "invented"}} | more


RESTATES = a_fact("wire", "jpy", "fx spot return", value=2.0)  # the pair fell by two percent
USUAL = {"value": 1000.0, "kind": "usual", "text": "the usual"}
DENIES = a_fact("forum", "newfund", "trading volume", value=300.0, unit="shares", baseline=USUAL)
ALONE = a_fact("desk", "holder", "holdings change", value="sold", unit="text", direction="down")

RUMOUR = {"grade": "E", "credibility": 5, "why": "invented"}
NAMES = a_fact("chat", "jpy", "fx spot return", value=-2.0, reliability=RUMOUR)  # too poor to be weighed


def a_story(name: str, *predicts: tuple[str, str, str]) -> dict[str, Any]:
    """A story of one step."""
    told = [{"indicator": indicator, "subject": subject, "direction": way} for indicator, subject, way in predicts]
    step = {"n": 1, "text": name, "predicts": told}
    return {"id": name, "label": name, "claim": f"{name} did it.", "causal_steps": [step]}


def a_case(folder: Path, facts: Facts) -> Path:
    """The case as a file: the yen rose and a holder sold, or it was quiet."""
    own = {"publisher": "own records", "title": "closes", "url": None, "published": None, "kind": "data"}
    carry = a_story(
        "carry",
        ("fx spot return", "usdjpy", "down"),
        ("trading volume", "newfund", "up"),
        ("holdings change", "holder", "down"),
        ("net ETF flow", "newfund", "down"),
    )
    data = {
        "schema_version": 1,
        "id": CASE,
        "title": "New coin, 12 December 2025",
        "move": {
            "instrument": "newcoin",
            "start": BEFORE,
            "end": DAY,
            "return": -0.139,
            "return_unit": "fraction",
            "measure": "close to close",
            "source": own,
        },
        "instruments": [
            {"id": name, "name": name.upper(), "type": kind, "identifiers": {"ticker": name.upper()}}
            for name, kind in (("newcoin", "crypto spot"), ("newfund", "ETF"), ("usdjpy", "currency pair"))
        ]
        + [{"id": "jpy", "name": "JPY", "type": "currency", "identifiers": {"ticker": "JPY"}}],
        "actors": [{"id": "holder", "name": "A holder", "type": "hedge fund"}],
        "relations": [{"type": "quoted_in", "from": "usdjpy", "to": "jpy"}],
        "facts": facts,
        "narratives": [carry, a_story("quiet", ("trading volume", "newfund", "down"))],
    }
    file = folder / f"{CASE}.yaml"
    text = yaml.safe_dump(data, sort_keys=False)
    for day in (BEFORE, DAY, NEXT):
        text = text.replace(f"'{day}'", day)  # a bare date; the same object twice would be written as an alias
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


async def by_command(command: Command) -> dict[str, Any]:
    """What `whymove explain --case` answers."""
    done = await command.run("explain", "--case", CASE, "--json", "--no-store")
    assert done.code == 0, done.err
    answer: dict[str, Any] = json.loads(done.out)
    return answer


async def told(world: World, folder: Path, facts: Facts, **asked: Any) -> dict[str, Any]:
    """The answer once these facts are in the graph too."""
    await world.graph.upsert(load_case(a_case(folder, facts)).batch)
    return await world.explain(instrument=None, on=None, case=CASE, **asked)


def named(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """The one item of evidence in which a fact has a part."""
    found = [one for one in answer["evidence"] if any(fact.endswith(name) for fact in one["fact_ids"])]
    assert len(found) == 1
    item: dict[str, Any] = found[0]
    return item


def coverage(answer: dict[str, Any]) -> dict[str, int]:
    carry = next(one for one in answer["narratives"] if one["id"] == "carry")
    found: dict[str, int] = carry["coverage"]
    return found


async def test_the_command_answers_one_case_from_facts_and_series_together(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    command = Command(endpoint=endpoint, data=tmp_path)
    done = await command.run("ingest", "case", a_case(tmp_path, [RESTATES, DENIES, ALONE]))
    assert done.code == 0, done.err
    alone = await by_command(command)
    assert {one["kind"] for one in alone["evidence"]} == {"observation"}
    assert coverage(alone) == {"predictions": 4, "by_series": 0, "by_reports": 3, "searched": 0, "not_looked_at": 1}
    mapping = tables(tmp_path / "tables", volume=9000.0, later=1.0)
    done = await command.run("ingest", "table", mapping.parent, "--map", mapping)
    assert done.code == 0, done.err
    both = await by_command(command)
    assert (both["ask"]["case"], both["move"]["return"]) == (CASE, pytest.approx(-0.139))
    wire, forum, desk = (named(both, name) for name in ("wire", "forum", "desk"))
    assert (wire["kind"], wire["series"]["id"], wire["copies"], wire["bin"]) == ("series", "usdjpy.price", 2, 1)
    assert (forum["kind"], forum["copies"], forum["bin"] < 3) == ("observation", 1, True)
    assert (desk["kind"], desk["series"]) == ("observation", None)
    volume = [one for one in both["evidence"] if one["series"] and one["series"]["id"] == "newfund.volume"]
    assert 5 in [one["bin"] for one in volume]
    assert coverage(both) == {"predictions": 4, "by_series": 2, "by_reports": 1, "searched": 0, "not_looked_at": 1}
    assert posteriors(both)["carry"] > posteriors(alone)["carry"]


async def test_what_restates_a_series_adds_nothing_and_what_denies_it_takes_away(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    """In all of them somebody speaks of the yen's price, so that templates are cast with the same things."""
    world = await a_world(store, knowledge, tmp_path)
    plain = posteriors(await told(world, tmp_path, [ALONE, NAMES]))
    restated = await told(world, tmp_path, [ALONE, NAMES, RESTATES])
    assert named(restated, "wire")["copies"] == 2
    assert posteriors(restated) == pytest.approx(plain, abs=1e-9)
    denied = posteriors(await told(world, tmp_path, [ALONE, NAMES, RESTATES, DENIES]))
    assert denied["carry"] < plain["carry"] - 1e-3
    assert denied["quiet"] > plain["quiet"] + 1e-3


async def test_on_the_day_of_the_move_the_series_are_known_and_no_fact_is(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    world = await a_world(store, knowledge, tmp_path)
    facts = [RESTATES, DENIES, ALONE]
    early = await told(world, tmp_path, facts, as_of=CLOSE + timedelta(hours=1))
    assert {one["kind"] for one in early["evidence"]} == {"series"}
    pair = [one for one in early["evidence"] if one["series"]["id"] == "usdjpy.price" and one["window"] == str(MOVE)]
    assert [one["copies"] for one in pair] == [1]
    late = await told(world, tmp_path, facts)
    assert {one["kind"] for one in late["evidence"]} == {"series", "observation"}
