"""Explains many moves of one instrument, one after another, into a folder that a later run carries on with.

The folder tells what is done: a day is done when its file is there, and every file is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from api.ask import Ask, make_ask
from api.asking import at_present
from api.bundled import ensure_case
from api.dates import parse_clock
from api.detecting import Detected
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.knowledge import Knowledge
from api.wording import change_in_words
from causal.errors import CausalError
from causal.model import COMPETING
from graph.errors import QueryOverBudgetError
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.tablewriting import Field, write_file, write_tables

TABLE = "table"
FIELDS: dict[str, Field] = {
    "day": date,
    "start": str,
    "end": str,
    "return": float,
    "return_is": str,
    "narrative": str,
    "title": str,
    "slot": str,
    "probability": float,
    "likelihood": str,
    "confidence": str,
    "predictions": int,
    "answered": int,
    "coverage": float,
    "runner_up": str,
    "runner_up_probability": float,
    "something_else": float,
    "coverage_of_all": float,
    "case": str,
    "as_of": str,
    "explanation": str,
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of every day, and where the answers go.

    `as_of` is one clock for all; with `as_of_close` each day is explained by what was known once its own closing value
    was public. `again` does days anew whose file is there.
    """

    folder: Path
    as_of: str | None = None
    as_of_close: bool = False
    no_case: bool = False
    as_at: str | None = None
    again: bool = False
    record: bool = True

    def file(self, day: date) -> Path:
        """The file of a day's answer."""
        return self.folder / f"{day}.json"

    def clock(self, move: Detected) -> datetime | None:
        """By which clock the move is to be explained; None for now. Raises InvalidAskError."""
        if self.as_of_close:
            return move.known_at
        return parse_clock(self.as_of, "as_of", datetime.now(UTC)) if self.as_of is not None else None

    def ask(self, move: Detected) -> Ask:
        """The question about the day of a move. Raises InvalidAskError."""
        return make_ask(
            instrument=move.instrument, on=move.end, no_case=self.no_case, as_of=self.clock(move), as_at=self.as_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one day: its row of the table, `kept` when its file was there before, or why it was refused."""

    day: date
    row: Row | None
    kept: bool = False
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every explanation needs; the series are read once and kept by their store."""

    store: GraphStore
    series: SeriesStore | None
    knowledge: Knowledge


async def explain_all(moves: Sequence[Detected], plan: Plan, means: Means) -> AsyncIterator[Done]:
    """Each day in turn, its answer in the folder by the time it is told.

    A day that cannot be explained is told as refused, and the next one follows. Raises InvalidAskError where the folder
    holds something else under a day's name, GraphUnavailableError, and OSError where it cannot be written.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    for move in moves:
        found = None if plan.again else _kept(move, plan)
        if found is not None:
            yield Done(day=move.end, row=row_of(move.end, found), kept=True)
            continue
        try:
            answer = await _explained(partial(plan.ask, move), plan, means)
        except (InvalidAskError, CausalError, QueryOverBudgetError) as error:
            yield Done(day=move.end, row=None, refused=str(error))
            continue
        write_file(plan.file(move.end), orjson.dumps(answer))
        yield Done(day=move.end, row=row_of(move.end, answer))


async def _explained(ask: Callable[[], Ask], plan: Plan, means: Means) -> dict[str, object]:
    await ensure_case(ask(), means.store)
    asked = await at_present(ask(), means.store, plan.as_at)  # once more, after the case was recorded
    return await explain_move(asked, means.store, knowledge=means.knowledge, series=means.series, record=plan.record)


def _kept(move: Detected, plan: Plan) -> Row | None:
    """The answer that a day's file holds, if it is one by the same clock (without a clock: by all that was known)."""
    path = plan.file(move.end)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    what = f"{path} is no explanation of {move.instrument}"
    hint = "give another folder, or --again to write over it"
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidAskError("out", f"{what} (not JSON: {error}); {hint}") from error
    if not isinstance(found, dict) or not isinstance(found.get("move"), dict) or "narratives" not in found:
        raise InvalidAskError("out", f"{what}; {hint}")
    if found["move"]["instrument"] != move.instrument:
        raise InvalidAskError("out", f"{what} but of {found['move']['instrument']}; {hint}")
    clock = plan.clock(move)
    as_of, as_at = (datetime.fromisoformat(found[name]) for name in ("as_of", "as_at"))
    return found if (as_of >= as_at if clock is None else as_of == clock) else None


def row_of(day: date, answer: Row) -> Row:
    """One line of the table: the foremost narrative of an explanation, what is left to others, how much was answered.

    `coverage` is the share of the foremost narrative's predictions that a series or a report answered.
    """
    causes = [one for one in answer["narratives"] if one["slot"] in COMPETING]  # a rebound explains no move
    first, *others = sorted(causes, key=lambda one: int(one["rank"])) or [{}]
    second = others[0] if others else {}
    whole = [_answered(one) for one in answer["narratives"]]
    predictions = sum(total for _, total in whole)
    answered, asked = _answered(first)
    return {
        "day": day,
        "start": answer["move"]["start"],
        "end": answer["move"]["end"],
        "return": answer["move"]["return"],
        "return_is": answer["move"]["return_is"],
        "narrative": first.get("id"),
        "title": first.get("title"),
        "slot": first.get("slot"),
        "probability": first.get("posterior"),
        "likelihood": first.get("likelihood"),
        "confidence": first.get("confidence"),
        "predictions": asked,
        "answered": answered,
        "coverage": answered / asked if asked else None,
        "runner_up": second.get("id"),
        "runner_up_probability": second.get("posterior"),
        "something_else": answer["unknown"]["posterior"],
        "coverage_of_all": sum(part for part, _ in whole) / predictions if predictions else None,
        "case": answer["ask"]["case"],
        "as_of": answer["as_of"],
        "explanation": answer["id"],
    }


def _answered(narrative: Row) -> tuple[int, int]:
    told = narrative.get("coverage", {})
    return int(told.get("by_series", 0)) + int(told.get("by_reports", 0)), int(told.get("predictions", 0))


def write_all(folder: Path, title: str, rows: Sequence[Row]) -> None:
    """The table of the days as CSV, Parquet and Markdown, each whole. Raises OSError."""
    write_tables(folder / TABLE, FIELDS, rows)
    write_file(folder / f"{TABLE}.md", "\n".join([f"# {title}", "", *_markdown(rows)]).encode() + b"\n")


def _markdown(rows: Sequence[Row]) -> list[str]:
    names = ("day", "return", "first narrative", "probability", "something else", "answered", "runner-up")
    lines = [f"| {' | '.join(names)} |", "|---|---:|---|---:|---:|---:|---|"]
    for row in rows:
        title = str(row["title"] or "").replace("|", "\\|")
        runner = f"{row['runner_up']} ({row['runner_up_probability']:.2f})" if row["runner_up"] else ""
        cells = (
            f"[{row['day']}]({row['day']}.json)",
            change_in_words(row["return"], row["return_is"]) if row["return"] is not None else "",
            f"{title} [{row['narrative']}]" if row["narrative"] else "",
            f"{row['probability']:.2f}" if row["probability"] is not None else "",
            f"{row['something_else']:.2f}",
            f"{row['answered']} of {row['predictions']}",
            runner,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines
