"""Maps the world that a mapping of tables tells of, and its series, to nodes and links of the graph.

Instruments, actors and relations are those of case files: what a case holds already is the same node.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from graph.model import Batch
from ingest.casefile import vocabulary_batch
from ingest.casegraph import map_things
from ingest.catalog import indicator_id
from ingest.draft import WorldDraft
from ingest.tableformat import BarClock, DayClock, FixClock, InstantClock, SessionClock
from ingest.tablemap import TableMap
from ingest.tablerows import SeriesRows


def map_tables(tables: TableMap, made: Sequence[SeriesRows]) -> Batch:
    """The things of the mapping, the series that were made, and the indicators that they are of."""
    file = tables.file
    draft = WorldDraft(file.instruments, file.actors, file.relations)
    map_things(draft, file.instruments, file.actors, file.relations)
    names = {one.id: one.name for one in file.instruments} | {one.id: one.name for one in file.actors}
    for rows in made:
        _series(draft, rows, names[rows.plan.subject])
    used = {rows.plan.indicator for rows in made}
    return vocabulary_batch([one for name, one in tables.indicators.items() if name in used]) + draft.batch()


def _series(draft: WorldDraft, rows: SeriesRows, subject: str) -> None:
    plan, part = rows.plan, rows.file.part
    tz, cutoff, calendar = clock_properties(part.clock)
    draft.node(
        "Series",
        plan.id,
        name=plan.name or f"{plan.indicator} of {subject}",
        unit=plan.unit,
        frequency=iso(rows.frequency()),
        tz=tz,
        cutoff=cutoff,
        session_calendar=calendar,
        licence=rows.file.licence,
        source=part.source,
        first=rows.first,
        last=rows.last,
        count=rows.count,
        publication_lag=iso(plan.lag),
    )
    draft.link("OF_INDICATOR", "Series", plan.id, "Indicator", indicator_id(plan.indicator))
    draft.about("Series", plan.id, plan.subject)


def clock_properties(
    clock: DayClock | SessionClock | FixClock | BarClock | InstantClock,
) -> tuple[str | None, str | None, str | None]:
    """(zone, time of day, calendar) of a clock."""
    if isinstance(clock, SessionClock):
        return None, None, clock.calendar
    if isinstance(clock, DayClock):
        return clock.day, "24:00", None
    if isinstance(clock, FixClock):
        return clock.tz, f"{clock.cutoff:%H:%M}", None
    return (clock.tz, None, clock.calendar) if isinstance(clock, BarClock) else (clock.instant, None, None)


def iso(span: timedelta) -> str:
    """A duration of whole minutes in ISO 8601: P1D, PT8H, P2DT30M."""
    minutes = round(span / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    day = f"{days}D" if days or not time else ""
    return f"P{day}" + (f"T{time}" if time else "")
