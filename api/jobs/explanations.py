"""Explanations as jobs: one move, or all large moves of an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from api.ask import make_ask
from api.bundled import ensure_case
from api.dates import parse_clock
from api.detecting import Detected, all_moves
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.jobs.model import Content, JobContext, Step
from api.knowledge import Knowledge
from api.unusual import wanted
from causal.checkresults import FAST
from causal.errors import CausalError
from graph.errors import QueryOverBudgetError
from graph.reading import find_instrument
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

ONE, MANY = "explanation", "explanations"
CHECK_FIELDS = frozenset({"checks", "check_seconds"})
MOST_MOVES = 400


class Means(Protocol):
    """What explaining needs of the service; the graph may come up after it."""

    @property
    def knowledge(self) -> Knowledge:
        """The library and the catalogue."""

    async def graph(self) -> GraphStore:
        """The store, with its schema made."""

    def series(self) -> SeriesStore | None:
        """The numeric series, None where there are none."""


async def explain_question(question: Mapping[str, Any], means: Means, *, record: bool = True) -> dict[str, object]:
    """The explanation of a question in the fields of `make_ask`, whose bundled case is put into the graph first.

    Beside those fields `checks` (`fast` or `all`, for `check_seconds`) has the structural model checked.

    Raises what `make_ask`, `ensure_case` and `explain_move` raise.
    """
    asked = {name: value for name, value in question.items() if name not in CHECK_FIELDS}
    wanted = question.get("checks", "none")
    ask = make_ask(**asked)
    store = await means.graph()
    if await ensure_case(ask, store) is not None:
        ask = make_ask(**asked)  # once more, as `now` has to lie after the case was recorded
    return await explain_move(
        ask,
        store,
        knowledge=means.knowledge,
        series=means.series(),
        record=record,
        check_seconds=None if wanted == "none" else question["check_seconds"],
        checks=FAST if wanted == "fast" else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOne:
    """The job behind `Prefer: respond-async` and `"checks": "all"`: one explanation, kept in the graph."""

    means: Means
    name: str = ONE

    async def run(self, context: JobContext) -> Content:
        """Explain the question of the request."""
        answer = await explain_question(context.job.request, self.means)
        await context.step(Step(done=1, total=1))
        return {"explanation": answer["id"], "location": f"/v1/explanations/{answer['id']}"}


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
        store = await self.means.graph()
        since, until, least = (asked[name] for name in ("since", "until", "min"))
        bounds = wanted(since, until, least)  # type: ignore[arg-type]
        instrument = await find_instrument(store, str(asked["instrument"]))
        listing = await all_moves(instrument, store, self.means.series())
        moves = [found for found, _ in bounds.of(listing)]
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
            answer = await explain_question(question, self.means)
        except (InvalidAskError, CausalError, QueryOverBudgetError) as error:
            return {"day": day, "explanation": None, "refused": str(error)}
        return {"day": day, "explanation": answer["id"], "refused": None}


def _clock(text: object) -> datetime | None:
    return None if text is None else parse_clock(str(text), "as_of", datetime.now(UTC))


def _count(rows: list[dict[str, object]]) -> dict[str, int]:
    refused = sum(row["refused"] is not None for row in rows)
    return {"explained": len(rows) - refused, "refused": refused}
