"""Turns rows of the graph into the words of the causal core: here and nowhere else do the two leaves meet in data.

What a case holds is called by its local id (`ibit_volume`), everything else by its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from api.dates import write_instant
from causal.world import Actor, AssetClass, Citation, DataGap, Dispute, Fact, Instrument, Relation
from graph.reading import Record, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How things are called in a dossier: without the prefix of its own case."""

    case: str | None

    def local(self, key: object) -> str:
        """The id of a thing in the dossier."""
        return str(key).removeprefix(f"{self.case}:") if self.case is not None else str(key)


def text(value: object) -> str | None:
    """A text, or None for nothing."""
    return None if value is None or value == "" else str(value)


def number(value: object) -> float | None:
    """A number, or None for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def cast_things(
    around: Surroundings, classes: Sequence[AssetClass]
) -> tuple[tuple[Instrument, ...], tuple[Actor, ...], tuple[Relation, ...]]:
    """Instruments, actors and the relations between them."""
    of_kind = {kind: one.id for one in classes for kind in one.kinds}
    instruments, actors = [], []
    for row in around.things:
        id_, name, kind = str(row["id"]), str(row["name"]), str(row["kind"])
        if row["label"] == "Actor":
            actors.append(Actor(id=id_, name=name, kind=kind))
        else:
            asset_class = of_kind.get(kind) or text(row["asset_class"]) or "other"
            instruments.append(Instrument(id=id_, name=name, kind=kind, asset_class=asset_class))
    ties = [
        Relation(type=str(row["type"]).lower(), from_=str(row["from"]), to=str(row["to"])) for row in around.relations
    ]
    plays = [
        Relation(type="plays", from_=str(row["from"]), to=str(row["to"]), role=str(row["role"])) for row in around.roles
    ]
    relations = sorted([*ties, *plays], key=lambda one: (one.type, one.from_, one.to, one.role or ""))
    return tuple(instruments), tuple(actors), tuple(relations)


def cast_citation(row: Record, origins: Mapping[str, str]) -> Citation | None:
    """Where a row was read, None where it names no document."""
    document = text(row["document_id"])
    if document is None:
        return None
    return Citation(
        document_id=document,
        origin=origins.get(document, document),
        source_id=str(row["source_id"] or ""),
        publisher=str(row["publisher"] or ""),
        title=str(row["title"] or ""),
        url=text(row["url"]),
    )


def cast_fact(row: Record, names: Names, origins: Mapping[str, str], disputes: Mapping[str, str]) -> Fact:
    """One reading or claim. An open end (`valid_to` null) is closed at the instant at which it was known."""
    key = str(row["key"])
    unsourced = Citation(document_id="", origin=key, source_id="", publisher="", title="")
    valid_from, known_at = cast("datetime", row["valid_from"]), cast("datetime", row["known_at"])
    valid_to = cast("datetime | None", row["valid_to"]) or max(valid_from, known_at)
    return Fact(
        id=names.local(key),
        key=key,
        indicator=str(row["indicator"]),
        subject=str(row["subject"]),
        value=_value(row["value"]),
        low=number(row["low"]),
        high=number(row["high"]),
        unit=str(row["unit"] or ""),
        unit_note=text(row["unit_note"]),
        bound=text(row["bound"]),
        direction=text(row["direction"]),
        baseline_value=number(row["baseline_value"]),
        baseline_kind=text(row["baseline_kind"]),
        statement=str(row["statement"] or ""),
        modality=text(row["modality"]) or "stated",
        valid_from=valid_from,
        valid_to=valid_to,
        trade_date=cast("date | None", row["trade_date"]),
        trade_date_end=cast("date | None", row["trade_date_end"]),
        time_precision=text(row["time_precision"]),
        known_at=known_at,
        known_at_precision=text(row["known_at_precision"]) or "instant",
        grade=text(row["grade"]) or "F",
        credibility=int(number(row["credibility"]) or 6),
        citation=cast_citation(row, origins) or unsourced,
        dispute=disputes.get(key),
    )


def _value(value: object) -> float | bool | str | None:
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    return write_instant(value) if isinstance(value, datetime) else str(value)


def cast_disputes(rows: Sequence[Record], names: Names) -> tuple[Dispute, ...]:
    """Disputes of which at least two sides are known, by id."""
    sides: dict[str, set[str]] = {}
    first: dict[str, Record] = {}
    for row in rows:
        key = str(row["key"])
        sides.setdefault(key, set()).add(names.local(row["fact"]))
        first.setdefault(key, row)
    found = [
        Dispute(
            id=names.local(key),
            sides=tuple(sorted(sides[key])),
            kinds=texts(row["kinds"]),
            indicator=text(row["indicator"]),
            subject=text(row["subject"]),
            preferred=None if row["preferred"] is None else names.local(row["preferred"]),
            why=text(row["why"]),
        )
        for key, row in first.items()
        if len(sides[key]) > 1
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def cast_gaps(rows: Sequence[Record], searches: Sequence[Record], names: Names) -> tuple[DataGap, ...]:
    """What was missing or watched, by id, each with the last of the `searches` for it."""
    last = {str(row["key"]): row for row in searches}
    informs: dict[str, dict[int, set[str]]] = {}
    first: dict[str, Record] = {}
    for row in (*rows, *last.values()):
        key = str(row["key"])
        first.setdefault(key, row)
        if row.get("narrative") is not None:
            sign = 1 if (number(row["sign"]) or 0.0) > 0 else -1
            informs.setdefault(key, {}).setdefault(sign, set()).add(names.local(row["narrative"]))
    return tuple(
        DataGap(
            id=names.local(key),
            kind=cast('Literal["gap", "watch"]', str(row["kind"])),
            item=str(row["item"]),
            why=text(row["why"]),
            indicator=text(row["indicator"]),
            subject=text(row["subject"]),
            direction=text(row["direction"]),
            outcome=text(row["outcome"]),
            would_favour=tuple(sorted(informs.get(key, {}).get(1, ()))),
            would_hurt=tuple(sorted(informs.get(key, {}).get(-1, ()))),
            **_search(last.get(key)),
        )
        for key, row in sorted(first.items())
    )


def _search(row: Record | None) -> dict[str, Any]:
    """What came of the search, as fields of a gap; nobody looked where there is none."""
    if row is None:
        return {}
    return {
        "search": str(row["search"]),
        "detection": number(row["detection"]),
        "false_alarm": number(row["false_alarm"]) or 0.0,
        "search_window": text(row["window"]) or "during",
        "searched_at": row["searched_at"],
        "search_by": text(row["searched_by"]),
        "search_how": text(row["how"]),
    }


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list, none for anything else."""
    return tuple(str(part) for part in value) if isinstance(value, list | tuple) else ()
