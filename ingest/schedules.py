"""When a source is due, by the rule in its `source.yaml` and the runs that were.

Written by hand, because it is one comparison: due is what has been published, or has been so long ago, since the last
run that succeeded began. There is no list of appointments that could be missed, so that a machine that slept does once
what it missed. A library of schedules would bring a store of its own beside the ledger, for rules that nobody needs.
A source is on its schedule once somebody has fetched it: nothing is asked of hosts that nobody chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ingest.ledger import Run
from ingest.sourceformat import WEEKDAYS, SchedulePart

AGAIN = timedelta(hours=1)  # after a run that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be done: a new run, or one that was interrupted to be carried on."""

    what: Literal["begin", "resume"]
    run: str | None = None


def due(part: SchedulePart, runs: Sequence[Run], now: datetime) -> Due | None:
    """What a source asks for now, by its runs, the youngest first; None for nothing."""
    fetches = [run for run in runs if run.kind == "fetch"]
    good = next((run for run in fetches if run.state == "succeeded"), None)
    if good is None or fetches[0].state in {"queued", "running"}:
        return None
    last = fetches[0]
    if last.state == "interrupted":
        return Due(what="resume", run=last.id)
    if last.state == "failed" and now < _at(last.finished_at or last.updated_at) + AGAIN:
        return None
    tried = last if last.state == "cancelled" else good
    return Due(what="begin") if is_due(part, _at(tried.started_at or tried.created_at), now) else None


def is_due_after(part: SchedulePart | None, runs: Sequence[Run], now: datetime) -> bool:
    """Whether somebody who wants a source now should ask it: not while it runs, nor before its rule came true again."""
    if any(run.state in {"queued", "running"} for run in runs[:1]):
        return False
    good = next((run for run in runs if run.kind == "fetch" and run.state == "succeeded"), None)
    return part is None or good is None or is_due(part, _at(good.started_at or good.created_at), now)


def is_due(part: SchedulePart, since: datetime, now: datetime) -> bool:
    """Whether the rule has come true since an instant."""
    if part.every is not None:
        return now - since >= part.every
    latest = _latest(part, now)
    return latest is not None and since < latest


def _latest(part: SchedulePart, now: datetime) -> datetime | None:
    """The last instant of the rule that lies not after `now`; it is one of the last eight days."""
    assert part.after is not None, "a schedule has one of two rules"
    zone = ZoneInfo(part.tz)
    today = now.astimezone(zone).date()
    for back in range(8):
        day = today - timedelta(days=back)
        at = datetime.combine(day, part.after, zone).astimezone(UTC)
        if at <= now and WEEKDAYS[day.weekday()] in part.weekdays:
            return at
    return None


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
