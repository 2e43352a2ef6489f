"""When a source is due: by its rule, and by how its runs ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.connecting import Window
from ingest.ledger import Run, State
from ingest.schedules import AGAIN, Due, due, is_due
from ingest.sourceformat import SchedulePart
from ingest.sources import load_source, source_names

FRIDAY = datetime(2026, 2, 6, 12, tzinfo=UTC)
DAILY = SchedulePart.model_validate(
    {"after": "18:45", "tz": "America/New_York", "weekdays": ("monday", "tuesday", "wednesday", "thursday", "friday")}
)
HOURS = SchedulePart.model_validate({"every": "PT6H"})
BEGIN = Due(what="begin")


def ran(at: datetime, state: State = "succeeded", **changes: Any) -> Run:
    """A run that began at an instant and ended five minutes later."""
    window = Window(since=at - timedelta(days=1), until=at, symbols=())
    begun = at.timestamp()
    given = {"kind": "fetch", "finished_at": begun + 300, **changes}
    return Run(
        id="made-1", source="made", window=window, state=state, phase="done", cursor=None, fetched=1, stored=1,
        counters={}, error=None, created_at=begun, started_at=begun, updated_at=begun + 300, attempts=1, cancel=False,
        **given,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        ("2026-02-05T23:50", "2026-02-06T23:44", False),
        ("2026-02-05T23:50", "2026-02-06T23:45", True),
        ("2026-02-06T23:50", "2026-02-09T23:44", False),  # the weekend has no figures
        ("2026-02-06T23:50", "2026-02-09T23:45", True),
        ("2026-07-02T22:44", "2026-07-02T22:45", True),  # in summer an hour earlier
        ("2025-12-01T00:00", "2026-02-06T12:00", True),  # what was missed counts once
    ],
)
def test_a_time_of_day_is_due_once_it_has_passed(since: str, now: str, expected: bool) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, now))
    assert is_due(DAILY, start, end) is expected


def test_a_span_is_due_when_it_has_passed_since_the_run_began() -> None:
    runs = [ran(FRIDAY)]
    assert due(HOURS, runs, FRIDAY + timedelta(hours=6, seconds=-1)) is None
    assert due(HOURS, runs, FRIDAY + timedelta(hours=6)) == BEGIN


@pytest.mark.parametrize("runs", [[], [ran(FRIDAY, "failed")], [ran(FRIDAY, kind="reparse")]])
def test_a_source_that_nobody_fetched_is_never_due(runs: list[Run]) -> None:
    assert due(HOURS, runs, FRIDAY + timedelta(days=30)) is None


def test_how_the_last_run_stands_decides() -> None:
    good, later = ran(FRIDAY), FRIDAY + timedelta(hours=8)
    now = later + timedelta(minutes=10)
    for state in ("queued", "running"):
        assert due(HOURS, [ran(later, state), good], now) is None
    assert due(HOURS, [ran(later, "interrupted"), good], now) == Due(what="resume", run="made-1")
    assert due(HOURS, [ran(later, "failed"), good], now) is None
    assert due(HOURS, [ran(later, "failed"), good], later + timedelta(minutes=5) + AGAIN) == BEGIN
    assert due(HOURS, [ran(later, "cancelled"), good], now) is None
    assert due(HOURS, [ran(later, "cancelled"), good], later + timedelta(hours=6)) == BEGIN
    assert due(HOURS, [ran(later, "succeeded", kind="reparse"), good], now) == BEGIN


@pytest.mark.parametrize(
    "words", [{}, {"every": "PT1H", "after": "08:00"}, {"every": "PT0H"}, {"after": "08:00", "weekdays": ()}, {"at": 1}]
)
def test_a_rule_that_is_none_is_refused(words: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SchedulePart.model_validate(words)


def test_sources_that_ship_say_when_they_are_due() -> None:
    rules = [load_source(name).schedule for name in source_names()]
    assert sum(rule is not None for rule in rules) >= 9
