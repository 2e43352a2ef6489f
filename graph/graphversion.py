"""The version of a graph, and the writes that are under way in it: what whoever reads it asks for first.

The version is a number that every write changes, so that whoever keeps what was read can ask for it. It is a sum of
marks, one of which each write replaces. Marks are drawn by chance, so that a graph that was cleared or restored is not
taken for what it was before.

The embedded server promises committed reads, not snapshots: it publishes what a commit changed part by part. So a write
says first, in a place, that it begins, and afterwards that all of it is there. What it writes is recorded at an instant
after the first; whoever reads as at an instant before it (`Moment.settled`) sees nothing of it in any number of
statements. A write whose process was killed says nothing any more, and is passed over after `OVERDUE_SECONDS`.

Places lie in nodes of their own, which are no facts: not in the ontology, not in any hash, not in what is handed out.
There are many, because the embedded server refuses the second of two writes that change one node at a time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LABEL = "GraphVersion"
CONSTRAINT = f"CREATE CONSTRAINT {LABEL.lower()}_id IF NOT EXISTS FOR (v:{LABEL}) REQUIRE v.id IS UNIQUE"
OVERDUE_SECONDS = 10.0  # by the server's clock, so that those of machines may differ
_LIVE = f"v.since > 0 AND v.said > timestamp() - {round(OVERDUE_SECONDS * 1000)}"
_SEEN = f"RETURN sum(v.mark) AS version, min(CASE WHEN {_LIVE} THEN v.since END) AS since"
MOMENT = f"MATCH (v:{LABEL}) {_SEEN}"
# Takes the lock of the place before it looks whether the place is free: gives no row where it is not.
BEGIN = (
    f"MERGE (v:{LABEL} {{id: $place}}) SET v.begun = coalesce(v.begun, 0) + 1 WITH v"
    f" WHERE v.by = $by OR NOT coalesce({_LIVE}, false)"
    " SET v.since = $since, v.said = timestamp(), v.by = $by RETURN v.id AS place"
)
STILL = f"MATCH (v:{LABEL} {{id: $place}}) WHERE v.by = $by SET v.said = timestamp() RETURN v.id AS place"
END = (
    f"MATCH (e:{LABEL} {{id: $place}}) SET e.mark = CASE WHEN $changed THEN $mark ELSE e.mark END,"
    f" e.since = CASE WHEN e.by = $by THEN 0 ELSE e.since END WITH count(e) AS ended MATCH (v:{LABEL}) {_SEEN}"
)
_PLACES, _MARK_BITS = 256, 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a look at a graph gives.

    `version` is None before the first write; `settled` is the latest instant before every write that was under way:
    whatever was recorded by then is there, whole, and nothing will be added to it.
    """

    version: int | None
    settled: datetime


def moment_of(rows: Sequence[Sequence[object]], before: datetime) -> Moment:
    """The rows of `MOMENT`, or of `END`, as a moment; `before` was read from the clock before they were asked for."""
    version, since = rows[0] if rows else (None, None)
    settled = before if since is None else min(before, instant_of(int(str(since))) - _STEP)
    return Moment(version=int(str(version)) if version else None, settled=settled)


def a_place() -> str:
    """One of the places, by chance."""
    return f"place-{random.randrange(_PLACES)}"


def a_mark() -> int:
    """A new mark."""
    return random.getrandbits(_MARK_BITS)


def micros_of(instant: datetime) -> int:
    """An instant as microseconds since 1970, which both servers compare alike."""
    return (instant - _EPOCH) // _STEP


def instant_of(micros: int) -> datetime:
    """The instant of microseconds since 1970."""
    return _EPOCH + micros * _STEP
