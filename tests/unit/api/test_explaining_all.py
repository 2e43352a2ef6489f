"""The row of one day in the table of many."""

from __future__ import annotations

from datetime import date

from api.explaining_all import row_of
from tests.factories import a_narrative, an_explanation


def test_what_came_after_the_move_leads_no_row() -> None:
    rebound = a_narrative(id="back", slot="rebound", rank=1, posterior=0.9)
    cause = a_narrative(id="cause", slot="amplifier", rank=2, posterior=0.4)
    row = row_of(date(2026, 2, 5), an_explanation(narratives=[rebound, cause]))
    assert (row["narrative"], row["probability"], row["runner_up"]) == ("cause", 0.4, None)


def test_a_day_without_a_cause_has_an_empty_row() -> None:
    row = row_of(date(2026, 2, 5), an_explanation(narratives=[]))
    assert row["narrative"] is None
    assert row["something_else"] == 0.11
