"""Holds what a run fetched against what its source is expected to bring, before any of it is stored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from graph.schema import validate
from ingest.connecting import Parsed, Payload, Point, Window
from ingest.errors import ShortRunError, SourceChangedError
from ingest.sourceformat import SourceFile, SourceSeriesPart


@dataclass(slots=True)
class Tally:
    """What stands in the payloads of a run; a few numbers, however many values there are."""

    source: SourceFile
    points: Counter[str] = field(default_factory=Counter)
    nodes: int = 0
    links: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    outside: list[str] = field(default_factory=list)
    _series: dict[str, SourceSeriesPart] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._series = {one.id: one for one in self.source.series}

    def add(self, payload: Payload, parsed: Parsed) -> None:
        """Count one payload. Raises SourceChangedError, OntologyError for what could not be stored."""
        validate(parsed.batch)
        self.nodes += len(parsed.batch.nodes)
        self.links += len(parsed.batch.links)
        self.left_out.update(parsed.left_out)
        self.skipped.update(parsed.skipped)
        held: dict[tuple[str, datetime, datetime | None], float] = {}
        for point in parsed.points:
            self._point(payload, point)
            if held.setdefault((point.series, point.at, point.known_at), point.value) != point.value:
                raise SourceChangedError(
                    f"{payload.source}: the payload {payload.id} says two values of {point.series} at "
                    f"{point.at.isoformat()}; nobody can tell which holds, look at what its source answers"
                )

    def check(self, window: Window | None) -> None:
        """Raises ShortRunError with everything that falls short; without a window only values are judged."""
        short = list(self._short(window))
        if short:
            raise ShortRunError(self.source.name, tuple(short))

    def counters(self) -> dict[str, int]:
        """The counts by name, for the ledger."""
        found = {"points": self.points.total(), "nodes": self.nodes, "links": self.links}
        found |= {f"left out: {why}": count for why, count in self.left_out.items()}
        return found | {f"skipped: {why}": count for why, count in self.skipped.items()}

    def _point(self, payload: Payload, point: Point) -> None:
        part = self._series.get(point.series)
        if part is None or not math.isfinite(point.value) or point.at.utcoffset() is None:
            raise SourceChangedError(
                f"{payload.source}: {point} of the payload {payload.id} cannot be stored: its series is to be one of "
                "source.yaml, its value finite, its instant aware; correct the connector"
            )
        self.points[point.series] += 1
        self.newest = point.at if self.newest is None else max(self.newest, point.at)
        low = part.lowest is not None and point.value < part.lowest
        high = part.highest is not None and point.value > part.highest
        if (low or high) and len(self.outside) < 5:
            bounds = f"{part.lowest if part.lowest is not None else ''} to {part.highest or ''}"
            self.outside.append(f"{point.series} is {point.value:g} at {point.at.isoformat()}, outside of {bounds}")

    def _short(self, window: Window | None) -> Iterator[str]:
        yield from self.outside
        records = self.points.total() + self.nodes + self.skipped.total()
        if self.skipped and self.skipped.total() > self.source.expectations.skipped * records:
            reasons = ", ".join(f"{count} {why}" for why, count in self.skipped.most_common(5))
            yield f"{self.skipped.total()} of {records} records cannot be read ({reasons})"
        if window is None:
            return
        expected = self.source.expectations
        if self.points.total() < expected.points:
            yield f"{self.points.total()} values came, at least {expected.points} are expected"
        if self.nodes < expected.nodes:
            yield f"{self.nodes} facts and things came, at least {expected.nodes} are expected"
        for one in self.source.series:
            if one.symbol in window.symbols and self.points[one.id] < expected.each_series:
                yield f"{one.id} has {self.points[one.id]} values, at least {expected.each_series} are expected"
        if expected.newest is not None and (self.newest is None or self.newest < window.until - expected.newest):
            newest = "nothing" if self.newest is None else self.newest.isoformat()
            yield f"the newest value is of {newest}, it should be at most {expected.newest} before the end"
