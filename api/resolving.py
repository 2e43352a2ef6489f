"""How a forecast turned out: by its criterion, looked up in facts and series, or by somebody's word; scored, and kept.

What cannot be decided is no error: it is said with what is missing, and nothing is kept. Another resolution of the
same forecast corrects the first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from api.catalog import Row
from api.dates import parse_when
from api.errors import InvalidAskError
from api.forecasts import indicator_names, one_forecast
from causal.trackrecord import brier, log_score
from graph.model import Batch, Link, Node, Value
from graph.reading import Clocks
from graph.store import GraphStore
from ingest.checkmodel import World
from ingest.criteria import InvalidCriterionError, parse_criterion, quantities
from ingest.criterionvalues import Setting, Verdict, day_over, judge

if TYPE_CHECKING:
    from graph.series import SeriesStore

Outcome = Literal["true", "false", "void"]
OUTCOMES: tuple[Outcome, ...] = ("true", "false", "void")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What somebody says of a forecast: how it turned out, why, and since when that could be known (now where None)."""

    outcome: Outcome
    by: str | None = None
    why: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How a forecast turned out, `outcome` None where it cannot be decided yet, with what is `missing`; scores or None.

    `log_score` is in bits.
    """

    forecast: str
    outcome: Outcome | None
    method: Literal["criterion", "by_hand"]
    brier: float | None = None
    log_score: float | None = None
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    known_at: datetime | None = None


async def resolve_forecast(
    store: GraphStore, series: SeriesStore | None, name: str, ruling: Ruling | None
) -> tuple[Resolved, Row]:
    """Resolve a forecast, by its criterion without a ruling; what came of it, and the forecast as it stands then.

    Raises NotInGraphError, and InvalidAskError for what cannot be judged at all or not yet.
    """
    now = datetime.now(UTC)
    row = await one_forecast(store, name, Clocks(as_of=now, as_at=now))
    due = _due(row)
    links: tuple[Link, ...] = ()
    if ruling is not None:
        resolved = _ruled(row, due, ruling, now)
    else:
        resolved, links = await _judged(store, series, row, due, now)
    if resolved.outcome is not None:
        await store.upsert(_batch(resolved, ruling, links))
        row = await one_forecast(store, str(row["key"]), Clocks.now())
    return resolved, row


def _due(row: Row) -> date | datetime | None:
    return None if row["due_at"] is None else parse_when(str(row["due_at"]), "due_at")


def _ruled(row: Row, due: date | datetime | None, ruling: Ruling, now: datetime) -> Resolved:
    if ruling.outcome != "void" and due is None:
        raise InvalidAskError("outcome", f"{_UNDATED}; void is the one outcome that it can have")
    if ruling.outcome == "false" and due is not None and not day_over(due, now):
        raise InvalidAskError("outcome", f"it is not due until {due} is over; before that it can come true or be void")
    if ruling.known_at is not None and ruling.known_at > now:
        raise InvalidAskError("known_at", "an outcome cannot become known in the future")
    return _scored(row, ruling.outcome, "by_hand", ruling.known_at or _same(row, ruling) or now)


def _same(row: Row, ruling: Ruling) -> datetime | None:
    """Since when the same word stands, where it was said before."""
    before = (row["outcome"], row["resolved_by"], row["why"], row["method"])
    said = (ruling.outcome, ruling.by, ruling.why, "by_hand")
    return datetime.fromisoformat(str(row["resolved_at"])) if before == said else None


async def _judged(
    store: GraphStore, series: SeriesStore | None, row: Row, due: date | datetime | None, now: datetime
) -> tuple[Resolved, tuple[Link, ...]]:
    if due is None:
        raise InvalidAskError("id", f"{_UNDATED}; give it a day (forecasts add with the same words), or call it void")
    if row["criterion"] is None:
        raise InvalidAskError("outcome", "the forecast has no criterion: judge it by hand, as true, false or void")
    if not day_over(due, now):
        raise InvalidAskError("id", f"it is not due until {due} is over; ask again then, or judge it by hand")
    verdict, world = await _verdict(store, series, row, due, now)
    if verdict.outcome is None:
        missing = Resolved(
            forecast=str(row["key"]), outcome=None, method="criterion", found=verdict.found, missing=verdict.missing
        )
        return missing, ()
    day = due.date() if isinstance(due, datetime) else due
    over = datetime.combine(day + timedelta(days=1), time(), UTC)
    known_at = max(over, verdict.known_at or over)
    resolved = _scored(row, "true" if verdict.outcome else "false", "criterion", known_at, verdict.found)
    links = tuple(
        Link(
            type="WAS_DERIVED_FROM",
            from_label="Resolution",
            from_id=_key(resolved),
            to_label=world.readings[fact].label,
            to_id=fact,
        )
        for fact in verdict.facts
    )
    return resolved, links


async def _verdict(
    store: GraphStore, series: SeriesStore | None, row: Row, due: date | datetime, now: datetime
) -> tuple[Verdict, World]:
    from ingest.checkreading import read_world  # loads the series, which nothing else here needs

    try:
        criterion = parse_criterion(str(row["criterion"]))
    except InvalidCriterionError as error:
        reason = f"its criterion is no criterion that can be looked up ({error}): judge it by hand"
        raise InvalidAskError("outcome", reason) from error
    subjects = row["subjects"]
    made = max(datetime.fromisoformat(str(row["known_at"])), _EARLIEST)
    setting = Setting(
        since=(made - timedelta(microseconds=1)).date(),  # what became known at a midnight belongs to the day before
        due=due.date() if isinstance(due, datetime) else due,
        names=await indicator_names(store),
        about=str(subjects[0]) if isinstance(subjects, list) and len(subjects) == 1 else None,
    )
    places = frozenset(place for one in quantities(criterion) if (place := setting.place(one)) is not None)
    world, _ = await read_world(store, series, Clocks(as_of=now, as_at=now), places)
    return judge(criterion, setting, world), world


def _scored(
    row: Row, outcome: Outcome, method: Literal["criterion", "by_hand"], known_at: datetime, found: tuple[str, ...] = ()
) -> Resolved:
    given = row["probability"]
    scored = isinstance(given, float) and outcome != "void"
    return Resolved(
        forecast=str(row["key"]),
        outcome=outcome,
        method=method,
        brier=brier(given, outcome == "true") if scored and isinstance(given, float) else None,
        log_score=log_score(given, outcome == "true") if scored and isinstance(given, float) else None,
        found=found,
        known_at=known_at,
    )


def _key(resolved: Resolved) -> str:
    return f"resolution:{resolved.forecast}"


def _batch(resolved: Resolved, ruling: Ruling | None, links: tuple[Link, ...]) -> Batch:
    properties: Mapping[str, Value] = {
        "outcome": resolved.outcome,
        "score": resolved.brier,
        "log_score": resolved.log_score,
        "method": resolved.method,
        "by": ruling.by if ruling is not None else None,
        "why": ruling.why if ruling is not None else None,
        "found": resolved.found or None,
        "known_at": resolved.known_at,
        "known_at_precision": "instant",
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    by = Link(
        type="RESOLVED_BY",
        from_label="Forecast",
        from_id=resolved.forecast,
        to_label="Resolution",
        to_id=_key(resolved),
    )
    return Batch(nodes=(Node(label="Resolution", id=_key(resolved), properties=kept),), links=(by, *links))


_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)  # before it there is no day before
_UNDATED = "the forecast has no due day, so it can never fail and is not scored"
