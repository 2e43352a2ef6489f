"""What analysts themselves hold of an item of evidence for a step, in bits, and where they hold different things.

Judgements are kept beside the answer and change nothing of it: how far people agree is a finding of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean, stdev

from api.calling import author_called, evidence_called, step_called
from api.catalog import Resource, Row, plain_row
from api.errors import InvalidAskError
from api.facts import Kind
from api.forecasts import Kept
from graph.model import Batch, Link, Node, Value
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader, GraphStore

MOST_BITS = 20.0  # a million to one
LONGEST_NOTE = 2_000
BESIDE = "Judgements of analysts stand beside the answer and change none of its numbers."
JUDGEMENTS = Kind(
    word="judgement",
    list=Resource(name="judgements", query="list_judgements", shape=plain_row),
    one="one_judgement",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJudgement:
    """One analyst's weight of an item of evidence for a step, as it was written; above zero it speaks for the step."""

    evidence: str
    step: str
    bits: float
    by: str
    note: str | None = None
    new_author: bool = False


async def add_judgement(new: NewJudgement, store: GraphStore) -> Kept:
    """Keep a judgement; another one of the same analyst, evidence and step corrects it.

    Raises InvalidAskError, and NotInGraphError for evidence or a step that the graph does not hold.
    """
    if not math.isfinite(new.bits) or abs(new.bits) > MOST_BITS:
        raise InvalidAskError(
            "bits", f"give a number from -{MOST_BITS:g} to {MOST_BITS:g} (log2 of a likelihood ratio)"
        )
    if new.note is not None and len(new.note) > LONGEST_NOTE:
        raise InvalidAskError("note", f"write at most {LONGEST_NOTE} characters")
    now = datetime.now(UTC)
    clocks = Clocks.now()
    evidence = await evidence_called(store, new.evidence, clocks.with_hindsight())
    step = await step_called(store, new.step)
    author = await author_called(store, new.by, new=new.new_author)
    digest = hashlib.sha256("\x1f".join((author.id, evidence.id, step.id)).encode()).hexdigest()
    key = f"judgement:{digest[:16]}"
    before = await ask(store, JUDGEMENTS.one, {"id": key, **clocks.params()})
    same = bool(before) and (before[0]["bits"], before[0]["note"]) == (new.bits, new.note)
    properties: dict[str, Value] = {
        "weight_bits": float(new.bits),
        "note": new.note,
        "known_at": before[0]["known_at"] if same else now,  # type: ignore[dict-item]
        "known_at_precision": "instant",
    }
    node = Node(label="Judgement", id=key, properties={name: v for name, v in properties.items() if v is not None})
    links = (
        Link(type="MADE", from_label=author.label, from_id=author.id, to_label="Judgement", to_id=key),
        Link(type="OF", from_label="Judgement", from_id=key, to_label=evidence.label, to_id=evidence.id),
        Link(type="ASSESSES", from_label="Judgement", from_id=key, to_label="Step", to_id=step.id),
    )
    return Kept(key=key, written=await store.upsert(author.made + Batch(nodes=(node,), links=links)))


async def disagreements(
    reader: GraphReader, clocks: Clocks, *, case: str | None = None, move: str | None = None
) -> list[Row]:
    """Cells (evidence, step) that several analysts judged, those that differ most first; of one case or move."""
    return [cell for cell in await cells(reader, clocks, case=case, move=move) if cell["n"] != 1]


async def cells(reader: GraphReader, clocks: Clocks, *, case: str | None = None, move: str | None = None) -> list[Row]:
    """All cells that somebody judged, by the spread of what is held of them; those that one judged come last."""
    grouped: dict[tuple[str, str], dict[str, Record]] = {}
    for row in await ask(reader, "judgements_by_cell", {"case": case, "move": move, **clocks.params()}):
        grouped.setdefault((str(row["evidence"]), str(row["step"])), {})[str(row["judgement"])] = row
    found = [_cell(list(rows.values())) for rows in grouped.values()]
    return sorted(found, key=lambda cell: (-_number(cell["spread"]), str(cell["evidence"]), str(cell["step"])))


def _cell(rows: Sequence[Record]) -> Row:
    """One cell: who holds what, and how far apart that is (`spread`: standard deviation in bits, null of one)."""
    bits = [_number(row["bits"]) for row in rows]
    first = rows[0]
    narratives = first["narratives"]
    return {
        "evidence": first["evidence"],
        "statement": first["statement"],
        "step": first["step"],
        "step_text": first["step_text"],
        "narratives": sorted(map(str, narratives)) if isinstance(narratives, list) else [],
        "n": len(rows),
        "mean": fmean(bits),
        "spread": stdev(bits) if len(bits) > 1 else None,
        "opposite": min(bits) < 0.0 < max(bits),
        "judgements": [
            {"by": row["by"], "bits": value, "note": row["note"]} for row, value in zip(rows, bits, strict=True)
        ],
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else -1.0


def told_apart(cell: Mapping[str, object]) -> str:
    """Who holds what of a cell, in one line."""
    judgements = cell["judgements"]
    assert isinstance(judgements, list), "a cell has judgements"
    return ", ".join(f"{one['by'] or 'somebody'} {one['bits']:+.2f}" for one in judgements)
