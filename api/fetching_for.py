"""Fetches what a question needs: which sources have series of a thing, or of what an explanation lacked, and runs them.

A source that fails is told and does not stop the others: what could be fetched is better than nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.ingesting import do_run, known_sources, new_run, open_ledger
from api.knowledge import Knowledge
from api.settings import Settings
from graph.errors import GraphError
from graph.store import GraphStore
from ingest.caseparts import InstrumentPart
from ingest.errors import IngestError
from ingest.schedules import is_due_after
from ingest.sourceformat import SourceFile

AFTER = timedelta(days=3)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A source and the symbols of it that are wanted; `reasons` says by the id of a series what it is wanted for."""

    source: SourceFile
    symbols: tuple[str, ...]
    reasons: Mapping[str, str]

    @property
    def why(self) -> tuple[str, ...]:
        """What it is wanted for, in order."""
        return tuple(sorted(set(self.reasons.values())))

    def beyond(self, given: Collection[str]) -> Wanted:
        """The same, less the symbols whose series another source has given already."""
        return _wanted(self.source, {series: why for series, why in self.reasons.items() if series not in given})


def sources_about(name: str, settings: Settings) -> tuple[Wanted, ...]:
    """The sources with series of an instrument, by its id, symbol or name, and of what is tied to it at first hand."""
    found = []
    for source in _usable(settings):
        ids = {one.id for one in source.instruments if name.casefold() in _names(one)}
        tied = {one.from_ for one in source.relations if one.to in ids}
        tied |= {one.to for one in source.relations if one.from_ in ids}
        found.append(_wanted(source, {one.id: one.subject for one in source.series if one.subject in ids | tied}))
    return tuple(one for one in found if one.symbols)


def sources_for(look_next: Iterable[Mapping[str, Any]], knowledge: Knowledge, settings: Settings) -> tuple[Wanted, ...]:
    """The sources with series of the indicators and subjects that `look_next` names, or of what they derive from."""
    families = {one.name: one.family for one in knowledge.indicators}
    pairs: dict[tuple[str, str], str] = {}
    for part in look_next:
        if part["subject"] is None:
            continue
        text = f"{part['indicator']} of {part['subject']}"
        family = families.get(part["indicator"])
        reads = {name for one in knowledge.derivations if family in one.answers for name in one.reads}
        for indicator in {part["indicator"], *reads}:
            pairs.setdefault((indicator, part["subject"]), text)
    found = []
    for source in _usable(settings):
        series = {one.id: pairs[key] for one in source.series if (key := (one.indicator, one.subject)) in pairs}
        found.append(_wanted(source, series))
    return tuple(one for one in found if one.symbols)


async def fetch_wanted(
    wanted: Sequence[Wanted],
    settings: Settings,
    graph: GraphStore,
    *,
    around: tuple[datetime, datetime] | None = None,
    now: datetime,
    tell: Tell,
) -> int:
    """Run the sources one after another; gives how many succeeded.

    `around` is the move that is to be explained: fetched is what the source's `backfill` before it asks for, so that
    there are days to compare with. Without it a source that is not due since its last run is left alone. Of several
    doors to the same series the first that opens is enough.
    """
    done, given = 0, set[str]()
    with closing(open_ledger(settings)) as ledger:
        for one in (each.beyond(given) for each in wanted):
            if not one.symbols:
                continue
            since = until = None
            if around is not None:
                since, until = around[0] - one.source.backfill, min(around[1] + AFTER, now)
            elif not is_due_after(one.source.schedule, ledger.page(source=one.source.name, limit=20), now):
                given |= one.reasons.keys()
                continue
            tell(f"fetching {one.source.name}: {', '.join(one.why)}")
            try:
                run = await asyncio.to_thread(
                    new_run, one.source.name, settings, ledger, since=since, until=until, symbols=one.symbols
                )
                await do_run(run.id, settings, ledger, graph)
                done += 1
                given |= one.reasons.keys()
            except (IngestError, GraphError, OSError) as error:
                tell(f"{one.source.name} could not be fetched: {error}")
    return done


def _usable(settings: Settings) -> list[SourceFile]:
    """The sources that need no key, or have theirs."""
    return [
        one
        for one in known_sources(settings)
        if one.key is None or not one.key.required or one.name in settings.source_keys
    ]


def _wanted(source: SourceFile, series: Mapping[str, str]) -> Wanted:
    symbols = {one.symbol for one in source.series if one.id in series}
    ordered = tuple(name for name in source.symbols if name in symbols)
    return Wanted(source=source, symbols=ordered, reasons=series)


def _names(instrument: InstrumentPart) -> set[str]:
    return {one.casefold() for one in (instrument.id, instrument.name, *instrument.identifiers.values())}
