"""What the graph is told of a run: its things, its series, its payloads, and out of which bytes each fact was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from graph.model import Batch, Link, Node
from graph.schema import LABELS
from graph.series import SeriesStore
from ingest.casefile import vocabulary_batch
from ingest.casegraph import map_things
from ingest.catalog import indicator_id, load_indicators
from ingest.connecting import Payload
from ingest.draft import WorldDraft
from ingest.ledger import Run
from ingest.sourceformat import SourceFile
from ingest.tablegraph import clock_properties, iso


def things_batch(source: SourceFile) -> Batch:
    """The instruments, actors and relations that the source names, and the indicators of its series."""
    draft = WorldDraft(source.instruments, source.actors, source.relations)
    map_things(draft, source.instruments, source.actors, source.relations)
    used = {one.indicator for one in source.series}
    return vocabulary_batch([one for one in load_indicators() if one.name in used]) + draft.batch()


def series_batch(source: SourceFile, store: SeriesStore, ids: Iterable[str]) -> Batch:
    """The nodes of series as they are stored now."""
    wanted = set(ids)
    draft = WorldDraft(source.instruments, source.actors, source.relations)
    names = {one.id: one.name for one in source.instruments} | {one.id: one.name for one in source.actors}
    for one in source.series:
        extent = store.extent(one.id) if one.id in wanted else None
        if extent is None:
            continue
        tz, cutoff, calendar = clock_properties(one.clock or source.clock)
        draft.node(
            "Series",
            one.id,
            name=one.name or f"{one.indicator} of {names[one.subject]}",
            unit=one.unit,
            frequency=iso(one.frequency),
            tz=tz,
            cutoff=cutoff,
            session_calendar=calendar,
            licence=source.licence,
            source=source.title,
            provider=source.name,
            first=extent.first,
            last=extent.last,
            count=extent.count,
            publication_lag=iso(source.publication_lag if one.publication_lag is None else one.publication_lag),
        )
        draft.link("OF_INDICATOR", "Series", one.id, "Indicator", indicator_id(one.indicator))
        draft.about("Series", one.id, one.subject)
    return draft.batch()


def lineage_batch(payload: Payload, batch: Batch) -> Batch:
    """A batch with its payload, and each of its facts tied to it."""
    node = Node(
        label="Payload",
        id=payload.id,
        properties={
            "url": payload.url,
            "params": "&".join(f"{name}={value}" for name, value in payload.params),
            "fetched_at": payload.known_at,
            "content_hash": payload.content_hash,
        },
    )
    links = tuple(
        Link(
            type="WAS_DERIVED_FROM",
            from_label=one.label,
            from_id=one.id,
            to_label="Payload",
            to_id=payload.id,
        )
        for one in batch.nodes
        if LABELS[one.label].fact
    )
    return batch + Batch(nodes=(node,), links=links)


def run_batch(run: Run, payloads: Sequence[str], ended_at: datetime) -> Batch:
    """The run and what it used."""
    started = datetime.fromtimestamp(run.started_at or run.created_at, UTC)
    node = Node(
        label="IngestRun",
        id=run.id,
        properties={
            "connector": run.source,
            "state": "succeeded",
            "started_at": started,
            "ended_at": ended_at,
            "counters": tuple(f"{name}={count}" for name, count in sorted(run.counters.items())),
        },
    )
    links = tuple(
        Link(type="USED", from_label="IngestRun", from_id=run.id, to_label="Payload", to_id=one)
        for one in dict.fromkeys(payloads)
    )
    return Batch(nodes=(node,), links=links)
