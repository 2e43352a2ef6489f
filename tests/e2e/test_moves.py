"""Moves that only a series tells of: found, kept once, and what a question about their day means, on both servers."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.ask import make_ask
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.finding import find_move
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from graph.endpoint import Endpoint
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.casefile import load_case
from ingest.sessions import close_of
from tests.e2e.moves_kit import AFTER_HOLIDAY, FALL, LAG, Command, ingest, mapping, write_folder
from tests.minimal_case import written

KEY = "detected:acme.2024-05-14.2024-05-15"
MOVES = """
MATCH (m:Move)-[:ABOUT]->(i:Instrument) MATCH (m)-[:WAS_DERIVED_FROM]->(s:Series)
RETURN m.key AS key, m.origin AS origin, m.return AS return, m.valid_from AS valid_from, m.valid_to AS valid_to,
  m.known_at AS known_at, m.recorded_to AS recorded_to, i.id AS instrument, s.id AS series
ORDER BY key
"""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def command(endpoint: Endpoint, tmp_path: Path) -> Command:
    return Command(endpoint=endpoint, data=tmp_path)


async def stored(store: GraphStore) -> list[dict[str, Any]]:
    return (await store.read(MOVES)).records()


def close(day: date) -> datetime:
    found = close_of("XNYS", day)
    assert found is not None
    return found


async def test_the_planted_fall_leads_and_is_kept_once(store: GraphStore, command: Command) -> None:
    path = write_folder(command.data / "tables")
    taken = await command.run("ingest", "table", path.parent, "--map", path)
    assert taken.code == 0, taken.err
    done = await command.run("moves", "ACM", "--top", "3")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert "series acme.close, 2024-01-02 to 2024-06-28" in lines[0]
    assert any("A day ends with the session of XNYS." in line for line in lines)
    heading = next(n for n, line in enumerate(lines) if line.startswith("day   "))
    assert lines[heading + 1].split()[:4] == ["2024-05-15", "2024-05-14", "-12.00", "%"]
    assert len(lines) == heading + 4
    assert "graph: 3 created, 0 unchanged, 0 corrected" in done.err
    again = await command.run("moves", "acme", "--top", "3")
    assert "graph: 0 created, 3 unchanged, 0 corrected" in again.err
    kept = {row["key"]: row for row in await stored(store)}
    assert len(kept) == 3
    move = kept[KEY]
    assert (move["origin"], move["instrument"], move["series"]) == ("detected", "acme", "acme.close")
    assert move["return"] == pytest.approx(-0.12, abs=1e-6)
    assert (move["valid_from"], move["valid_to"]) == (close(date(2024, 5, 14)), close(FALL))
    assert move["known_at"] == close(FALL) + LAG


async def test_moves_can_be_bounded_and_printed_as_json_and_left_unkept(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    done = await command.run("moves", "daycoin", "--min", "0.01", "--since", "2024-05-10", "--no-store", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["instrument"], told["series"], told["day_ends"]) == ("daycoin", "daycoin.close", "at 24:00 UTC")
    assert told["moves"][0]["day"] == "2024-05-15"
    assert told["moves"][0]["return"] == pytest.approx(-0.2, abs=1e-6)
    assert told["moves"][0]["share_as_large"] == pytest.approx(1 / 178)
    assert all(move["day"] >= "2024-05-10" and abs(move["return"]) >= 0.01 for move in told["moves"])
    assert len(told["moves"]) > 3
    assert await stored(store) == []
    refused = await command.run("moves", "daycoin", "--since", "2024-05-10", "--until", "2024-05-01")
    assert refused.code == 2
    assert "until: 2024-05-01 comes before 2024-05-10" in refused.err


async def test_an_instrument_without_prices_says_what_to_load(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    done = await command.run("moves", "fund")
    assert (done.code, done.out) == (2, "")
    assert "no price series of fund is stored" in done.err
    assert "whymove ingest table" in done.err
    assert "ask about daycoin, which it tracks" in done.err


async def test_a_question_about_the_day_finds_the_same_move_each_time(
    store: GraphStore, command: Command, knowledge: Knowledge
) -> None:
    series = await ingest(store, command.data)
    for asked in ({"on": "2024-05-15"}, {"start": "2024-05-14", "end": "2024-05-15"}):
        answer = await explain_move(make_ask(instrument="acme", **asked), store, knowledge=knowledge, series=series)
        assert answer["move"]["id"] == KEY  # type: ignore[index]
        assert answer["move"]["return"] == pytest.approx(-0.12, abs=1e-6)  # type: ignore[index]
    before = await stored(store)
    assert [row["key"] for row in before] == [KEY]
    done = await command.run("moves", "acme", "--top", "1")
    assert "graph: 0 created, 1 unchanged, 0 corrected" in done.err
    assert await stored(store) == before
    linked = await store.read("MATCH (e:Explanation)-[:ABOUT]->(m:Move) RETURN DISTINCT m.key AS key")
    assert linked.rows == ((KEY,),)
    alone = await find_move(make_ask(instrument="acme", on="2024-05-15"), store)
    assert (alone.move.id, alone.stored) == (KEY, True)
    assert alone.move.return_ == pytest.approx(-0.12, abs=1e-6)


async def test_what_was_not_public_yet_is_not_told_but_kept(
    store: GraphStore, command: Command, knowledge: Knowledge
) -> None:
    series = await ingest(store, command.data)
    just_before = (close(FALL) + LAG - timedelta(minutes=1)).isoformat()
    ask = make_ask(instrument="acme", on="2024-05-15", as_of=just_before)
    early = await explain_move(ask, store, knowledge=knowledge, series=series)
    assert early["move"]["id"] == KEY  # type: ignore[index]
    assert early["move"]["return"] is None  # type: ignore[index]
    (row,) = await stored(store)
    assert row["return"] == pytest.approx(-0.12, abs=1e-6)
    assert (await find_move(ask, store)).move.return_ is None
    in_time = make_ask(instrument="acme", on="2024-05-15", as_of=(close(FALL) + LAG).isoformat())
    assert (await gather(in_time, store, knowledge, series)).move.return_ == pytest.approx(-0.12, abs=1e-6)


async def test_revised_prices_correct_the_move(store: GraphStore, command: Command) -> None:
    await ingest(store, command.data)
    await command.run("moves", "acme", "--top", "1")
    await ingest(store, command.data, acme_fall=-0.11)
    done = await command.run("moves", "acme", "--top", "1")
    assert "graph: 0 created, 0 unchanged, 1 corrected" in done.err
    current = [row["return"] for row in await stored(store) if row["recorded_to"] is None]
    assert current == [pytest.approx(-0.11, abs=1e-6)]


async def test_the_day_after_a_holiday_starts_at_the_last_session(
    store: GraphStore, command: Command, knowledge: Knowledge
) -> None:
    series = await ingest(store, command.data)
    share = await gather(make_ask(instrument="acme", on=AFTER_HOLIDAY), store, knowledge, series)
    assert (share.move.start, share.move.end) == (date(2024, 5, 24), AFTER_HOLIDAY)
    assert share.move.return_ is not None
    coin = await gather(make_ask(instrument="daycoin", on=AFTER_HOLIDAY), store, knowledge, series)
    assert (coin.move.start, coin.move.end) == (date(2024, 5, 27), AFTER_HOLIDAY)
    long = await gather(make_ask(instrument="acme", start="2024-05-13", end="2024-05-15"), store, knowledge, series)
    assert long.move.id == "asked:acme.2024-05-13.2024-05-15"
    assert long.move.return_ is not None


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2024-05-27", "no session of the series acme.close; the sessions around it are 2024-05-24 and 2024-05-28"),
        ("2024-06-08", "the sessions around it are 2024-06-07 and 2024-06-10"),
        ("2024-07-01", "after the end of the series acme.close, which is 2024-06-28"),
        ("2023-12-29", "before the first session, 2024-01-02,"),
        ("2024-01-02", "is the first session of the series acme.close"),
        ("2222-01-02", "lies in the future"),
    ],
)
async def test_a_day_that_has_no_move_is_refused_with_the_days_around_it(
    store: GraphStore, command: Command, knowledge: Knowledge, day: str, words: str
) -> None:
    series = await ingest(store, command.data)
    with pytest.raises(InvalidAskError, match=words) as caught:
        await gather(make_ask(instrument="acme", on=day), store, knowledge, series)
    assert caught.value.field == "on"


def about_acme(case: dict[str, Any]) -> None:
    """Make the minimal case one of the share's fall, with a return of its own."""
    case["move"] |= {"instrument": "acme", "start": date(2024, 5, 14), "end": FALL}
    case["instruments"] = mapping()["instruments"][:1]
    case["facts"] = []


async def test_a_case_that_states_the_move_comes_before_the_series(
    store: GraphStore, command: Command, knowledge: Knowledge
) -> None:
    series: SeriesStore = await ingest(store, command.data)
    await command.run("moves", "acme", "--top", "1")
    await store.upsert(load_case(written(command.data, about_acme)).batch)
    for asked in ({"on": "2024-05-15"}, {"start": "2024-05-14", "end": "2024-05-15"}):
        told = await gather(make_ask(instrument="acme", **asked), store, knowledge, series)
        assert (told.case, told.move.id) == ("2026-03-12-example", "2026-03-12-example:move")
        assert told.move.return_ == -0.18
