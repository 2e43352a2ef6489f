"""Loads a case file whole or not at all: read, check, map to one batch, or say everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graph.model import Batch, Node
from ingest.caseformat import CaseFile
from ingest.casegraph import map_facts, map_world
from ingest.caseparts import FactPart
from ingest.caserules import broken_rules
from ingest.casestories import Stories, map_gaps, map_hindsight
from ingest.catalog import Indicator, indicator_id, load_indicators, unmapped_note
from ingest.disputes import map_disputes
from ingest.draft import Draft
from ingest.errors import RecordRejectedError, Rejection
from ingest.refusals import refusals
from ingest.yamlfile import read_mapping

_FACT = re.compile(r"^facts\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLoad:
    """A case ready to be stored: its batch, how many of what it holds, what was left out, what was noticed."""

    case_id: str
    batch: Batch
    counts: Mapping[str, int]
    rejections: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = ()


def bundled_cases() -> tuple[Path, ...]:
    """The case files that ship with the program, by name."""
    return tuple(sorted((Path(__file__).parent / "cases").glob("*.yaml")))


def load_case(path: Path, *, skip_bad: bool = False) -> CaseLoad:
    """Read and map a case file.

    With `skip_bad` facts that do not hold together are left out, with what refers to them, and listed in
    `rejections`. Raises RecordRejectedError with every value that is refused (file, path, reason).
    """
    indicators = {one.name: one for one in load_indicators()}
    case, left_out = _checked(path, read_mapping(path), indicators, skip_bad=skip_bad)
    unmapped = sorted({fact.indicator for fact in case.facts} - set(indicators))
    return CaseLoad(
        case_id=case.id,
        batch=map_case(case, indicators, file_hash=hashlib.sha256(path.read_bytes()).hexdigest()),
        counts={
            "instruments": len(case.instruments),
            "actors": len(case.actors),
            "relations": len(case.relations),
            "facts": len(case.facts),
            "narratives": len(case.narratives),
        },
        rejections=left_out,
        notes=tuple(unmapped_note(name, indicators) for name in unmapped) + _loose_ends(case),
    )


def map_case(case: CaseFile, indicators: dict[str, Indicator], *, file_hash: str | None = None) -> Batch:
    """The batch of a case, indicators included."""
    draft = Draft(case)
    map_world(draft, file_hash)
    map_facts(draft, indicators)
    map_disputes(draft, indicators)
    Stories(draft, indicators).run()
    map_gaps(draft, indicators)
    map_hindsight(draft, indicators)
    return vocabulary_batch(tuple(indicators.values())) + draft.batch()


def vocabulary_batch(indicators: Sequence[Indicator]) -> Batch:
    """One node an indicator, as its file says."""
    return Batch(
        nodes=tuple(
            Node(
                label="Indicator",
                id=indicator_id(one.name),
                properties={
                    "name": one.name,
                    "kind": one.kind,
                    "family": one.family,
                    "reading": one.reading,
                    "scales": tuple(f"{scale.unit} {scale.size:g}" for scale in one.scales),
                    "sign": one.sign,
                    "shift_any": one.shift_any,
                    "shift_stress": one.shift_stress,
                    "by_price": one.by_price,
                    "slow": one.slow,
                    "public_act": one.public_act,
                    "publication_lag": one.publication_lag,
                    "usual_size_source": f"{one.usual_size}; {one.source}",
                    **({} if one.reference is None else {"reference": one.reference}),
                },
            )
            for one in sorted(indicators, key=lambda one: one.name)
        )
    )


def _checked(
    path: Path, data: Mapping[str, Any], indicators: Mapping[str, Indicator], *, skip_bad: bool
) -> tuple[CaseFile, tuple[Rejection, ...]]:
    """The case and what was left out of it; leaving out one fact may bring to light what is wrong with others."""
    left_out: list[Rejection] = []
    places = list(range(len(data.get("facts") or ())))
    while True:
        case, rejections = _validated(path, data, indicators)
        if case is not None and not rejections:
            return case, tuple(left_out)
        found = [(one, match) for one in rejections if (match := _FACT.match(one.path))]
        named = [replace(one, path=f"facts[{places[int(match[1])]}]{one.path[match.end() :]}") for one, match in found]
        if not skip_bad or len(found) < len(rejections):
            others = [one for one in rejections if not _FACT.match(one.path)]
            raise RecordRejectedError((*left_out, *named, *others))
        left_out += named
        bad = {int(match[1]) for _, match in found}
        data = _without(data, bad)
        places = [place for i, place in enumerate(places) if i not in bad]


def _validated(
    path: Path, data: object, indicators: Mapping[str, Indicator]
) -> tuple[CaseFile | None, list[Rejection]]:
    try:
        case = CaseFile.model_validate(data)
    except ValidationError as error:
        return None, refusals(path, data, error, CaseFile)
    broken = broken_rules(case, indicators)
    if case.id != path.stem:
        broken.insert(0, ("id", f"{case.id!r} must equal the file name without its ending, {path.stem!r}"))
    return case, [Rejection(file=str(path), path=at, reason=why) for at, why in broken]


def _without(data: Mapping[str, Any], bad: set[int]) -> dict[str, Any]:
    """The same file without some facts and without what refers to them."""
    facts = data["facts"]
    gone = _names(fact for i, fact in enumerate(facts) if i in bad)
    gone -= _names(fact for i, fact in enumerate(facts) if i not in bad)
    kept = tuple(
        {**fact, "conflicts_with": tuple(name for name in fact.get("conflicts_with") or () if name not in gone)}
        for i, fact in enumerate(facts)
        if i not in bad
    )
    stories = tuple(
        {
            **story,
            "arguments_for": tuple(
                one for one in story.get("arguments_for") or () if not (isinstance(one, str) and one in gone)
            ),
            "arguments_against": tuple(
                one for one in story.get("arguments_against") or () if one.get("fact") not in gone
            ),
        }
        for story in data.get("narratives") or ()
    )
    telling = tuple(one for one in data.get("discriminating_facts") or () if one.get("fact") not in gone)
    return {**data, "facts": kept, "narratives": stories, "discriminating_facts": telling}


def _names(facts: Iterable[object]) -> set[str]:
    return {fact["id"] for fact in facts if isinstance(fact, dict) and isinstance(fact.get("id"), str)}


def _loose_ends(case: CaseFile) -> tuple[str, ...]:
    """What is in the file and cannot be used: predictions that only their note dates, dates of bare relations."""
    dated = tuple(
        f"relations[{i}]: {one.type} keeps no start, end or source in the graph; only plays does"
        for i, one in enumerate(case.relations)
        if one.type != "plays" and (one.start or one.end or one.source)
    )
    moves = [("move", case.move)] + [(f"related_moves[{i}]", move) for i, move in enumerate(case.related_moves)]
    doubled = tuple(
        f"{path}.return: {move.return_:g} is read as a rise by {move.return_:.0%}; a rise of 13.2 percent is 0.132"
        for path, move in moves
        if move.return_ > 1
    )
    return (
        doubled
        + _opposed(case)
        + dated
        + tuple(
            f"{narrative.id} step {step.n}: the note {one.note!r} is not read; its window is that of the move"
            for narrative in case.narratives
            for step in narrative.causal_steps
            for one in step.predicts
            if one.note is not None and one.when is None
        )
    )


def _opposed(case: CaseFile) -> tuple[str, ...]:
    """Numbers of opposite signs for one thing and time that no `conflicts_with` ties: no dispute would show them."""
    places: dict[tuple[object, ...], list[tuple[FactPart, bool]]] = {}
    for fact in case.facts:
        if isinstance(fact.value, int | float) and fact.value and fact.modality in (None, "measured", "stated"):
            places.setdefault((fact.about, fact.indicator, fact.unit, fact.at, fact.at_end), []).append(
                (fact, fact.value < 0)
            )
    return tuple(
        f"{one.id} and {other.id} have opposite signs for the same {one.indicator} of {one.about}; "
        "if both cannot be right, name each in conflicts_with of the other"
        for facts in places.values()
        for (one, fell), (other, sank) in pairwise(facts)
        if fell != sank and other.id not in one.conflicts_with
    )
