"""Runs of sources in tests: a source of invented observations without a network, and the means of a run in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from graph.hashing import graph_hash, series_hash
from graph.model import Batch, Link, Node
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.bodies import Held
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window
from ingest.ledger import Run, RunLedger
from ingest.payloads import PayloadStore, content_hash
from ingest.running import Means
from ingest.sourceformat import SourceFile
from ingest.sources import load_source

START = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Observations:
    """A connector whose payloads are made here: `count` observations and as many values, `size` a payload."""

    def __init__(self, store: PayloadStore, *, count: int, size: int = 250) -> None:
        self.store = store
        self.count = count
        self.size = size

    def plan(self, source: SourceFile, window: Window) -> Sequence[Request]:
        """One request a payload."""
        return [Request(url=f"{source.hosts['api']}/{n}") for n in range(0, self.count, self.size)]

    async def fetch(
        self, client: Client, source: SourceFile, window: Window, cursor: str | None
    ) -> AsyncIterator[Fetched]:
        """The payloads, kept as the client would keep them."""
        for n in range(int(cursor or 0), self.count, self.size):
            following = str(n + self.size) if n + self.size < self.count else None
            yield Fetched(payload=self.store.keep(self.payload(source, n)), cursor=following)

    def payload(self, source: SourceFile, start: int) -> Payload:
        """The payload of the observations from `start` on."""
        content = orjson.dumps(list(range(start, min(start + self.size, self.count))))
        return Payload(
            source=source.name,
            url=f"{source.hosts['api']}/{start}",
            params=(),
            fetched_at=START + timedelta(days=365),
            status=200,
            content_type="application/json",
            body=Held(content),
            content_hash=content_hash(content),
        )

    def parse(self, payload: Payload, source: SourceFile) -> Parsed:
        """An observation and a value of each number."""
        numbers: list[int] = orjson.loads(payload.content)
        series = source.series[0]
        return Parsed(
            points=[Point(series=series.id, at=START + n * MINUTE, value=n + 1.0) for n in numbers],
            batch=observations(numbers, series.subject),
        )


def observations(numbers: Sequence[int], subject: str) -> Batch:
    """One observation a number, of trading volume."""
    nodes = tuple(
        Node(
            label="Observation",
            id=f"made:{n}",
            properties={
                "known_at": START + n * MINUTE,
                "known_at_precision": "instant",
                "value": float(n),
                "unit": "BTC",
            },
        )
        for n in numbers
    )
    links = tuple(
        Link(type="ABOUT", from_label="Observation", from_id=one.id, to_label="Instrument", to_id=subject)
        for one in nodes
    )
    return Batch(nodes=nodes, links=links)


def made_source() -> SourceFile:
    """The source of these observations: the file of a shipped one, with no expectation but that something comes."""
    source = load_source("coinbase")
    expected = source.expectations.model_copy(update={"points": 1, "each_series": 0, "newest": None})
    return source.model_copy(update={"name": "made", "expectations": expected})


def means_in(folder: Path, graph: GraphStore, **changes: object) -> Means:
    """The means of a run whose files lie in a folder."""
    means = Means(
        ledger=RunLedger(folder / "runs.sqlite3"),
        payloads=PayloadStore(folder / "payloads"),
        graph=graph,
        series=SeriesStore(folder / "series"),
    )
    return replace(means, **changes)  # type: ignore[arg-type]  # fields of `Means`, as the caller names them


def a_run(means: Means, source: SourceFile, *, days: int = 40) -> Run:
    """A queued run over the first days of 2026, of all symbols with daily series."""
    since, daily = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)
    symbols = tuple(dict.fromkeys(one.symbol for one in source.series if one.frequency == daily))
    window = Window(since=since, until=since + timedelta(days=days), symbols=symbols)
    return means.ledger.add(source.name, "fetch", window)


async def hashes(means: Means) -> tuple[str, str]:
    """The hash of the graph, and of the series."""
    return await graph_hash(means.graph), await series_hash(means.series)
