"""Leads from a fact or a value of a series back to the bytes that it was read from.

A fact is tied to its payloads in the graph. A value is not: the payloads of its source are parsed again until they say
it, which is slower and cannot be out of date.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from graph.errors import NotInGraphError
from graph.reading import ask
from graph.store import GraphReader
from ingest.connecting import Payload, Point
from ingest.payloads import PayloadStore
from ingest.sourceformat import SourceFile
from ingest.sources import load_connector, load_source, source_names

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One way back: what is said, the payload that says it, the file of its bytes, the source."""

    what: str
    said: str
    payload: Payload
    file: Path
    source: SourceFile


async def trace(name: str, graph: GraphReader, store: PayloadStore) -> tuple[Trace, ...]:
    """The payloads behind a fact (its key), or behind a value (`SERIES@DAY` or `SERIES@INSTANT`), the newest first.

    Raises NotInGraphError where nothing of a payload is known, RunLedgerError where its bytes are gone.
    """
    series, _, when = name.rpartition("@")
    source = next((one for one in map(load_source, source_names()) if _has(one, series)), None)
    if source is not None:
        found = await asyncio.to_thread(lambda: tuple(_values(source, series, when, store)))
    else:
        found = await _facts(name, graph, store)
    if not found:
        raise NotInGraphError("fact that was fetched, or value of a fetched series (SERIES@DAY),", name)
    return found[:MOST]


def _has(source: SourceFile, series: str) -> bool:
    return any(one.id == series for one in source.series)


async def _facts(name: str, graph: GraphReader, store: PayloadStore) -> tuple[Trace, ...]:
    now = datetime.now(UTC)
    rows = await ask(graph, "payloads_of", {"id": name, "as_of": now, "as_at": now})
    found = []
    for row in rows[:MOST]:
        payload = await asyncio.to_thread(store.load, str(row["payload"]))
        found.append(_trace(str(row["fact"]), f"{row['label']} {row['value']}", payload, store))
    return tuple(found)


def _values(source: SourceFile, series: str, when: str, store: PayloadStore) -> Iterator[Trace]:
    connector = load_connector(source.name)
    for payload_id in reversed(store.ids(source.name)):
        payload = store.load(payload_id)
        for point in connector.parse(payload, source).points:
            if point.series == series and _is_at(point, when):
                yield _trace(f"{series} at {point.at.isoformat()}", f"{point.value:g}", payload, store)


def _is_at(point: Point, when: str) -> bool:
    try:
        if len(when) == len("2026-02-05"):
            day = date.fromisoformat(when)
            return point.day == day if point.day is not None else point.at.date() == day
        return point.at == datetime.fromisoformat(when)
    except (ValueError, TypeError):
        return False


def _trace(what: str, said: str, payload: Payload, store: PayloadStore) -> Trace:
    return Trace(what=what, said=said, payload=payload, file=store.file_of(payload), source=load_source(payload.source))
