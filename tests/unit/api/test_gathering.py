"""How rows of a graph become a dossier: one origin a publication, sides that are known, returns of moves as asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.ask import ask_on, make_ask
from api.casting import Names, cast_disputes, cast_fact
from api.finding import find_move
from api.gathering import join_origins
from tests.fakes import FakeStore

NOON = datetime(2030, 3, 12, 12, tzinfo=UTC)
CLOSE = datetime(2030, 3, 12, 21, tzinfo=UTC)


def a_row(**changes: Any) -> dict[str, Any]:
    names = (
        "value low high unit unit_note bound direction baseline_value baseline_kind statement modality trade_date"
        " trade_date_end time_precision known_at_precision grade credibility document_id title url source_id publisher"
    )
    row: dict[str, Any] = dict.fromkeys(names.split())
    row |= {"key": "case:one", "id": "case:one@2", "label": "Observation", "indicator": "spot return"}
    row |= {"subject": "coin", "valid_from": NOON, "valid_to": None, "known_at": CLOSE}
    return row | changes


def a_move(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "case:move",
        "key": "case:move",
        "instrument": "share",
        "start": date(2030, 3, 8),
        "end": date(2030, 3, 11),
        "valid_from": datetime(2030, 3, 8, 21, tzinfo=UTC),
        "valid_to": datetime(2030, 3, 11, 20, tzinfo=UTC),
        "known_at": datetime(2030, 3, 11, 20, tzinfo=UTC),
        "return": -0.1,
        "return_unit": "fraction",
        "measure": "close to close",
        "origin": "case",
        "document_id": "doc_1",
        "case": "case",
    }
    return row | changes


def a_graph(*moves: dict[str, Any], calendar: str | None = "XNYS") -> Any:
    instrument = {"id": "share", "name": "Share", "symbol": "SHR", "kind": "equity", "tz": "America/New_York"}
    return FakeStore(
        {
            "(i:Instrument {id: $instrument})<-[:ABOUT]-(m:Move)": moves,
            "toLower(i.symbol)": ({**instrument, "session_calendar": calendar},),
        }
    )


def a_document(name: str, publisher: str, title: str) -> dict[str, object]:
    return {"document_id": name, "publisher": publisher, "title": title}


def test_copies_and_equal_titles_of_one_publisher_are_one_origin() -> None:
    rows = [
        a_document("doc_d", "Agency", "Fall"),
        a_document("doc_b", "agency (copy)", "fall"),
        a_document("doc_c", "Other", "Fall"),
        a_document("doc_a", "Third", "Something"),
    ]
    copies: list[dict[str, object]] = [{"document": "doc_c", "origin": "doc_d"}]
    expected = {"doc_a": "doc_a", "doc_b": "doc_b", "doc_c": "doc_b", "doc_d": "doc_b"}
    assert join_origins(rows, copies) == expected
    assert join_origins(rows[::-1], copies) == expected


def test_a_fact_of_the_case_is_called_by_its_local_id_and_any_other_by_its_key() -> None:
    assert cast_fact(a_row(), Names(case="case"), {}, {}).id == "one"
    assert cast_fact(a_row(), Names(case="other"), {}, {}).id == "case:one"
    assert cast_fact(a_row(), Names(case=None), {}, {}).id == "case:one"


def test_what_a_fact_does_not_say_is_not_judged_and_ends_when_it_was_known() -> None:
    fact = cast_fact(a_row(value=3), Names(case="case"), {}, {"case:one": "dispute.one"})
    assert (fact.grade, fact.credibility, fact.modality, fact.valid_to) == ("F", 6, "stated", CLOSE)
    assert (fact.value, type(fact.value)) == (3.0, float)
    assert fact.dispute == "dispute.one"
    assert fact.citation.origin == "case:one"


@pytest.mark.parametrize("value", [True, False])
def test_a_fact_that_is_true_or_false_stays_so(value: bool) -> None:
    assert cast_fact(a_row(value=value), Names(case=None), {}, {}).value is value


def test_a_dispute_needs_two_known_sides() -> None:
    row: dict[str, Any] = {
        "key": "case:dispute.a",
        "kinds": ["sign"],
        "preferred": None,
        "why": None,
        "indicator": "flow",
        "subject": "x",
    }
    one: list[dict[str, Any]] = [{**row, "fact": "case:a"}]
    assert cast_disputes(one, Names(case="case")) == ()
    both = cast_disputes([*one, {**row, "fact": "case:b"}], Names(case="case"))
    assert [(dispute.id, dispute.sides, dispute.kinds) for dispute in both] == [("dispute.a", ("a", "b"), ("sign",))]


async def test_a_day_after_a_holiday_finds_the_recorded_move() -> None:
    found = await find_move(ask_on("SHR", "2030-03-12"), a_graph(a_move(end=date(2030, 3, 12))))
    assert (found.ask.case, found.ask.start, found.ask.end) == ("case", date(2030, 3, 8), date(2030, 3, 12))


@pytest.mark.parametrize("ended", [datetime(2030, 3, 12, 21, tzinfo=UTC), datetime(2030, 3, 13, 4, tzinfo=UTC)])
async def test_a_day_finds_a_move_that_ends_within_it_by_the_clock_of_what_moved(ended: datetime) -> None:
    found = await find_move(ask_on("SHR", "2030-03-12"), a_graph(a_move(start=NOON, end=ended, valid_to=ended)))
    assert (found.ask.case, found.move.end) == ("case", ended)  # the second is midnight in New York


async def test_the_main_move_of_a_case_comes_before_its_related_ones() -> None:
    related = a_move(key="a:move.1", case="a", **{"return": -0.2})
    main = a_move(key="b:move", case="b")
    found = await find_move(make_ask(instrument="share", start="2030-03-08", end="2030-03-11"), a_graph(related, main))
    assert found.move.id == "b:move"


async def test_a_return_is_not_told_before_it_was_known() -> None:
    ask = make_ask(instrument="share", start="2030-03-08", end="2030-03-11", as_of="2026-01-01T00:00:00Z")
    found = await find_move(ask, a_graph(a_move()))
    assert (found.move.return_, found.move.measure, found.move.document_id) == (None, "", None)


async def test_a_move_as_asked_runs_between_closes_and_is_never_taken_for_a_recorded_one() -> None:
    asked = make_ask(instrument="share", start="2025-03-07", end="2025-03-10")
    earlier = a_move(start=date(2025, 3, 7), end=date(2025, 3, 10), origin="asked", case=None)
    found = await find_move(asked, a_graph(earlier))
    assert not found.stored
    assert found.move.valid_from == datetime(2025, 3, 7, 21, tzinfo=UTC)
    assert found.move.valid_to == datetime(2025, 3, 10, 20, tzinfo=UTC)
    always = await find_move(asked, a_graph(calendar=None))
    assert always.move.valid_to == datetime(2025, 3, 11, 4, tzinfo=UTC)
