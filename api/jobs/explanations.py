"""Explanations as jobs: one move, or all large moves of an instrument."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from api import computations
from api.computations import Explain, Result, Tell, Work
from api.computations_reading import ListMoves
from api.dates import parse_clock
from api.detecting import Detected
from api.errors import InvalidAskError
from api.jobs.model import Content, JobContext, Step
from api.unusual import wanted
from causal.errors import CausalError
from graph.errors import QueryOverBudgetError

ONE, MANY = "explanation", "explanations"
MOST_MOVES = 400


class Means(computations.Means, Protocol):
    """What explaining needs of the service."""

    async def compute(self, work: Work[Result], tell: Tell = ..., *, patient: bool = False) -> Result:
        """Have work done, where the processes for it are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOne:
    """The job behind `Prefer: respond-async` and `"checks": "all"`: one explanation, kept in the graph."""

    means: Means
    name: str = ONE

    async def run(self, context: JobContext) -> Content:
        """Explain the question of the request; each step of it is a line of the job."""
        async with _lines(context) as tell:
            answer = await self.means.compute(Explain(question=context.job.request), tell, patient=True)
        await context.step(Step(done=1, total=1))
        return {"explanation": answer.id, "location": f"/v1/explanations/{answer.id}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainMany:
    """The job behind `POST /v1/explanations/batch`: each large move of an instrument, in order of time.

    The place is the rows of the days that are done.
    """

    means: Means
    name: str = MANY

    async def run(self, context: JobContext) -> Content:
        """Explain the days that the place does not hold yet; one that cannot be explained says why in its row."""
        asked = context.job.request
        moves = await self._moves(asked)
        rows: list[dict[str, object]] = list((context.job.place or {}).get("rows", ()))  # type: ignore[call-overload]
        known = {row["day"] for row in rows}
        for move in moves:
            if move.end.isoformat() in known:
                continue
            row = await self._row(move, asked)
            rows.append(row)
            await context.log(f"{row['day']}: {row['explanation'] or row['refused']}")
            await context.step(Step(done=len(rows), total=len(moves), counters=_count(rows), place={"rows": rows}))
        return {"instrument": asked["instrument"], "items": rows, **_count(rows)}

    async def _moves(self, asked: Content) -> list[Detected]:
        since, until, least = (asked[name] for name in ("since", "until", "min"))
        bounds = wanted(since, until, least)  # type: ignore[arg-type]
        moves = await self.means.compute(ListMoves(instrument=str(asked["instrument"]), bounds=bounds), patient=True)
        if len(moves) > MOST_MOVES:
            raise InvalidAskError(
                "min", f"{len(moves)} moves are as large; a batch has {MOST_MOVES} at most: raise min, or narrow days"
            )
        return moves

    async def _row(self, move: Detected, asked: Content) -> dict[str, object]:
        day = move.end.isoformat()
        question = {
            "instrument": move.instrument,
            "on": day,
            "no_case": asked["no_case"],
            "as_of": move.known_at if asked["as_of_close"] else _clock(asked["as_of"]),
            "as_at": asked["as_at"],
        }
        try:
            answer = await self.means.compute(Explain(question=question), patient=True)
        except (InvalidAskError, CausalError, QueryOverBudgetError) as error:
            return {"day": day, "explanation": None, "refused": str(error)}
        return {"day": day, "explanation": answer.id, "refused": None}


@asynccontextmanager
async def _lines(context: JobContext) -> AsyncIterator[Tell]:
    """What takes steps, in the event loop; they are kept in order, and all of them before the block is left."""
    steps: asyncio.Queue[str | None] = asyncio.Queue()

    async def keep() -> None:
        while (step := await steps.get()) is not None:
            await context.log(step)

    keeping = asyncio.create_task(keep())
    try:
        yield steps.put_nowait
    finally:
        steps.put_nowait(None)
        await keeping


def _clock(text: object) -> datetime | None:
    return None if text is None else parse_clock(str(text), "as_of", datetime.now(UTC))


def _count(rows: list[dict[str, object]]) -> dict[str, int]:
    refused = sum(row["refused"] is not None for row in rows)
    return {"explained": len(rows) - refused, "refused": refused}
