"""What was knowable when: facts in the order in which they became public, and what each date did to the belief."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from api.charts_belief import axis, course
from api.rendering_timeline import Amount, print_timeline
from api.timeline import Timeline, as_object, entries_of, moments_of, news_of
from causal.world import Citation, Fact
from tests.factories import an_explanation, an_item, an_objection

CLOSE = datetime(2026, 2, 5, 21, tzinfo=UTC)


def a_fact(id_: str, known_at: datetime = CLOSE, **changes: Any) -> Fact:
    cited = Citation(document_id="doc_1", origin="doc_1", source_id="s", publisher="Exchange", title="Daily volumes")
    given: dict[str, Any] = {
        "indicator": "trading volume", "subject": "ibit", "value": 10.0, "unit": "USD billion",
        "statement": "It traded.", "valid_from": known_at, "valid_to": known_at, "known_at_precision": "instant",
        "citation": cited,
    }  # fmt: skip
    return Fact(id=id_, key=id_, known_at=known_at, **(given | changes))


def facts() -> list[Fact]:
    return [
        a_fact("unasked", datetime(2026, 2, 1, tzinfo=UTC)),
        a_fact("ibit_volume"),
        a_fact("mood", datetime(2026, 2, 6, 14, 30, tzinfo=UTC), value=None, statement="All were afraid."),
    ]


def a_timeline(explanation: dict[str, Any]) -> Timeline:
    return Timeline(
        explanation=explanation["id"],
        entries=tuple(entries_of(explanation, facts())),
        moments=tuple(moments_of(explanation)),
    )


def test_facts_stand_in_the_order_in_which_they_became_public() -> None:
    entries = entries_of(an_explanation(), facts())
    assert [entry.facts for entry in entries] == [("unasked",), ("ibit_volume",), ("gross_leverage",), ("mood",)]
    assert [entry.known_at for entry in entries] == sorted(entry.known_at for entry in entries)


def test_an_entry_says_what_it_did_or_why_nothing() -> None:
    by_fact = {entry.facts[0]: entry for entry in entries_of(an_explanation(), facts())}
    assert (by_fact["ibit_volume"].story, by_fact["ibit_volume"].bits) == ("degrossing", 0.8)
    assert by_fact["ibit_volume"].evidence == ("ev_1",)
    assert by_fact["unasked"].why == "no story asks about it"
    assert by_fact["mood"].why == "indicator 'mood' has no rule"
    assert by_fact["mood"].what == "All were afraid."


def test_what_is_no_fact_of_the_graph_is_told_from_the_answer_itself() -> None:
    series = an_item(id="ev_9", kind="series", fact_ids=["s:reading"], statement="ibit: turnover +2.0")
    entries = entries_of(an_explanation(evidence=[series]), [])
    assert [(entry.kind, entry.evidence) for entry in entries] == [("series", ("ev_9",))]


def test_each_moment_has_the_evidence_that_came_in_since_the_one_before() -> None:
    undated = an_item(id="ev_3", known_at=None)
    moments = moments_of(an_explanation(evidence=[an_item(), an_objection(), undated]))
    assert [moment.evidence for moment in moments] == [("ev_1",), ("ev_2", "ev_3")]
    assert [(one.narrative, one.before, one.after) for one in moments[1].changes][:2] == [
        ("degrossing", 0.3, 0.8),
        ("yen_carry", 0.4, 0.08),
    ]
    assert moments[0].changes == ()


def test_news_are_counted_at_the_moment_by_which_they_were_public() -> None:
    explanation = an_explanation()
    timeline = a_timeline(explanation)
    assert news_of(timeline) == [2, 2]
    assert sum(news_of(timeline)) == len(timeline.entries)


def test_a_timeline_as_an_object_has_texts_for_instants() -> None:
    told: Any = as_object(a_timeline(an_explanation()))
    assert told["entries"][1]["known_at"] == "2026-02-05T21:00:00Z"
    assert told["moments"][0]["as_of"] == "2026-02-05T21:00:00Z"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_timeline_fits_into_100_columns_and_is_plain_when_piped(terminal: bool) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=terminal, highlight=False, color_system=None)
    belief = an_explanation()["belief"]
    explanation = an_explanation(belief=[belief[0]] * 45 + belief)
    print_timeline(explanation, a_timeline(an_explanation()), console, Amount())
    text = file.getvalue()
    assert max(len(row) for row in text.splitlines()) <= 100
    assert text.isascii() is not terminal
    assert ("▆" in text) is terminal
    assert "the last " in text
    assert "belief: degrossing (rank 1) 0.300 > 0.800; yen_carry (rank 2) 0.400 > 0.080" in " ".join(text.split())


def test_a_course_is_a_cell_a_date() -> None:
    assert course([0.0, 0.5, 0.999], ascii_only=True) == "0  5  9"
    assert course([0.0, 0.5, 1.0], ascii_only=False) == "▁▁ ▄▄ ██"


def test_dates_under_a_course_stand_under_their_cell_and_never_run_together() -> None:
    assert axis(["2026-02-05", "2026-02-05", "2026-02-06", "2026-02-07"]) == "02-05 02-06"
    assert axis(["2026-02-05"]) == "02-05"
