"""Has this mechanism happened before? Other moves by the template of their stories, for every template tried on a move.

A precedent is a move of which a case tells a story of the same template, or one whose latest explanation gives such a
story more than even odds; beside them stands what the template itself names. Whether it came before is said, not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from causal.model import Template
from graph.errors import NotInGraphError
from graph.reading import Clocks, Record, ask, moves_of_case
from graph.store import GraphReader

EVEN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """Another move with a story of the same template; `posterior` is that of its latest explanation, if one is kept."""

    move: str
    instrument: str
    start: str
    end: str
    return_: float | None
    narrative: str
    told_by: str
    posterior: float | None
    earlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """A template that was tried on the move: its story there with its posterior, and the precedents, oldest first."""

    template: str
    title: str
    narrative: str
    posterior: float | None
    precedents: tuple[Precedent, ...]
    named: tuple[str, ...]


async def move_named(reader: GraphReader, name: str, clocks: Clocks) -> Record:
    """The move of this key or id, or the own move of the case of this name. Raises `NotInGraphError`."""
    rows = await ask(reader, "one_move", {"id": name, **clocks.params()})
    if not rows:
        try:
            held = await moves_of_case(reader, name, clocks)
        except NotInGraphError as error:
            raise NotInGraphError("move", name, error.near) from error
        rows = await ask(reader, "one_move", {"id": f"{name}:move", **clocks.params()}) if held else []
    if not rows:
        raise NotInGraphError("move", name)
    return rows[0]


async def mechanisms_of(
    reader: GraphReader, move: Record, library: Sequence[Template], clocks: Clocks
) -> list[Mechanism]:
    """The templates with a story of the move, the most probable story first; those of no explanation last, by id."""
    params = {"move": move["key"], **clocks.params()}
    tried, found = await asyncio.gather(
        ask(reader, "mechanisms_of_move", params), ask(reader, "precedents_of_move", params)
    )
    templates = {template.id: template for template in library}
    latest = [row for row in _latest(found) if _which(row) != _which(move)]
    mechanisms = [_mechanism(row, templates.get(str(row["template"])), latest, move) for row in _latest(tried)]
    mechanisms.sort(key=lambda one: (one.posterior is None, -(one.posterior or 0.0), one.template, one.narrative))
    of_template: dict[str, Mechanism] = {}
    for one in mechanisms:
        of_template.setdefault(one.template, one)
    return list(of_template.values())


def _latest(rows: Sequence[Record]) -> list[Record]:
    """Of each story (of each move) the row of its latest explanation, which is the last one."""
    last: dict[tuple[object, object], Record] = {}
    for row in rows:
        last[row.get("move"), row["narrative"]] = row
    return list(last.values())


def _mechanism(row: Record, template: Template | None, found: Sequence[Record], move: Record) -> Mechanism:
    mine = [one for one in found if one["template"] == row["template"]]
    kept = [one for one in mine if one["origin"] == "case" or (_number(one["posterior"]) or 0.0) >= EVEN]
    best = sorted(kept, key=lambda one: (one["origin"] != "case", -(_number(one["posterior"]) or 0.0)))
    by_move: dict[object, Record] = {}
    for one in best:
        by_move.setdefault(_which(one), one)
    precedents = sorted((_precedent(one, move) for one in by_move.values()), key=lambda one: (one.start, one.move))
    return Mechanism(
        template=str(row["template"]),
        title=template.title if template else str(row["title"]),
        narrative=str(row["narrative"]),
        posterior=_number(row["posterior"]),
        precedents=tuple(precedents),
        named=template.precedents if template else (),
    )


def _which(row: Record) -> tuple[object, object, object]:
    """What tells moves apart: one of a case and one that a document tells of are the same where these are."""
    return row["instrument"], row["start"], row["end"]


def _precedent(row: Record, move: Record) -> Precedent:
    ends, own = row["valid_to"], move["valid_to"]
    return Precedent(
        move=str(row["move"]),
        instrument=str(row["instrument"]),
        start=_day(row["start"]),
        end=_day(row["end"]),
        return_=_number(row["return"]),
        narrative=str(row["narrative"]),
        told_by="case" if row["origin"] == "case" else "explanation",
        posterior=_number(row["posterior"]),
        earlier=isinstance(ends, datetime) and isinstance(own, datetime) and ends < own,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def as_rows(mechanisms: Sequence[Mechanism]) -> list[dict[str, object]]:
    """The mechanisms as JSON-ready values."""
    return [
        {
            "template": one.template,
            "title": one.title,
            "narrative": one.narrative,
            "posterior": one.posterior,
            "precedents": [_row(part) for part in one.precedents],
            "named": list(one.named),
        }
        for one in mechanisms
    ]


def _row(one: Precedent) -> Mapping[str, object]:
    return {
        "move": one.move,
        "instrument": one.instrument,
        "start": one.start,
        "end": one.end,
        "return": one.return_,
        "narrative": one.narrative,
        "told_by": one.told_by,
        "posterior": one.posterior,
        "earlier": one.earlier,
    }
