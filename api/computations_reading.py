"""Reads that compute: what every series says of a move, the moves that a series tells of, an explanation's timeline.

They are work like that of `api/computations.py`, done in the same processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from api.ask import make_ask
from api.asking import at_present
from api.catalog import Listed, plain_row
from api.computations import Means, Tell
from api.dates import write_instant
from api.detecting import Detected, all_moves
from api.moves import list_detected
from api.paging import Page
from api.readings import dossier_with_series, outermost, table_of
from api.timeline import as_object, timeline_of
from api.unusual import Wanted
from graph.reading import Record, find_instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeReadings:
    """The readings around the move of a question, of `subject` alone where one is given, the most unusual `limit`."""

    reads: ClassVar[bool] = True
    long: ClassVar[bool] = False
    question: Mapping[str, Any]
    subject: str | None
    unusual: float
    limit: int

    async def run(self, means: Means, _: Tell) -> dict[str, Any]:
        """The whole answer. Raises what `make_ask` and `dossier_with_series` raise."""
        ask, store = make_ask(**self.question), await means.graph()
        ask = await at_present(ask, store, self.question.get("as_at"))
        dossier = await dossier_with_series(ask, store, means.knowledge, means.series())
        rows = await asyncio.to_thread(table_of, dossier, means.knowledge.method)
        of_subject = [row for row in rows if self.subject is None or row["subject"] == self.subject]
        wanted = outermost(of_subject, self.unusual)
        move = dossier.move
        return {
            "move": plain_row({"id": move.id, "instrument": move.instrument, "start": move.start, "end": move.end}),
            "as_of": write_instant(ask.as_of),
            "as_at": write_instant(ask.as_at),
            "count": len(rows),
            "items": [plain_row(row) for row in wanted[: self.limit]],
            "truncated": len(wanted) > self.limit,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectMoves:
    """One page of the moves that the series of an instrument tells of."""

    reads: ClassVar[bool] = True
    long: ClassVar[bool] = False
    instrument: Record
    bounds: Wanted
    page: Page

    async def run(self, means: Means, _: Tell) -> Listed:
        """Raises what `list_detected` raises."""
        return await list_detected(self.instrument, self.bounds, self.page, await means.graph(), means.series())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMoves:
    """All moves within bounds that the series of an instrument tells of, in order of time."""

    reads: ClassVar[bool] = True
    long: ClassVar[bool] = False
    instrument: str
    bounds: Wanted

    async def run(self, means: Means, _: Tell) -> list[Detected]:
        """Raises what `find_instrument` and `all_moves` raise."""
        store = await means.graph()
        listing = await all_moves(await find_instrument(store, self.instrument), store, means.series())
        return [found for found, _ in self.bounds.of(listing)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTime:
    """The timeline of an explanation, given as the JSON of its object."""

    reads: ClassVar[bool] = True
    long: ClassVar[bool] = False
    explanation: str

    async def run(self, means: Means, _: Tell) -> dict[str, Any]:
        """Raises what `timeline_of` raises."""
        told = orjson.loads(self.explanation)
        return as_object(await timeline_of(told, await means.graph(), means.knowledge))
