"""Loads a case file whole or not at all: read, check, map to one batch, or say everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from graph.model import Batch, Node
from ingest.caseformat import CaseFile
from ingest.casegraph import map_facts, map_world
from ingest.caserules import broken_rules
from ingest.casestories import Stories, map_gaps, map_hindsight
from ingest.catalog import Indicator, indicator_id, load_indicators
from ingest.disputes import map_disputes
from ingest.draft import Draft
from ingest.errors import RecordRejectedError, Rejection

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    data = _read(path)
    case, rejections = _validated(path, data, indicators)
    left_out: tuple[Rejection, ...] = ()
    if rejections and skip_bad:
        bad = {int(match[1]) for one in rejections if (match := _FACT.match(one.path))}
        left_out = tuple(one for one in rejections if _FACT.match(one.path))
        if len(left_out) == len(rejections):
            case, rejections = _validated(path, _without(data, bad), indicators)
    if rejections or case is None:
        raise RecordRejectedError(tuple(rejections))
    batch = map_case(case, indicators)
    unmapped = sorted({fact.indicator for fact in case.facts} - set(indicators))
    return CaseLoad(
        case_id=case.id,
        batch=batch,
        counts={
            "instruments": len(case.instruments),
            "actors": len(case.actors),
            "relations": len(case.relations),
            "facts": len(case.facts),
            "narratives": len(case.narratives),
        },
        rejections=left_out,
        notes=tuple(f"indicator {name!r} is not mapped: kept and listed, not scored" for name in unmapped)
        + _loose_ends(case),
    )


def map_case(case: CaseFile, indicators: dict[str, Indicator]) -> Batch:
    """The batch of a case, indicators included."""
    draft = Draft(case)
    map_world(draft)
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


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordRejectedError(
            (Rejection(file=str(path), path="(file)", reason=f"cannot be read: {error}"),)
        ) from error
    try:
        data = yaml.load(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "(file)"
        reason = f"not valid YAML: {getattr(error, 'problem', None) or error}"
        raise RecordRejectedError((Rejection(file=str(path), path=place, reason=reason),)) from error
    if not isinstance(data, dict):
        reason = "a case file is a mapping that begins with schema_version: 1"
        raise RecordRejectedError((Rejection(file=str(path), path="(file)", reason=reason),))
    return {key: _tuples(one) for key, one in data.items()}


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return value


def _validated(
    path: Path, data: object, indicators: Mapping[str, Indicator]
) -> tuple[CaseFile | None, list[Rejection]]:
    try:
        case = CaseFile.model_validate(data)
    except ValidationError as error:
        reasons: dict[str, list[str]] = {}
        for one in error.errors():
            reason = one["msg"].removeprefix("Value error, ")
            known = reasons.setdefault(_path(data, one["loc"]), [])
            if reason not in known:
                known.append(reason)
        return None, [Rejection(file=str(path), path=at, reason="; or ".join(why)) for at, why in reasons.items()]
    broken = broken_rules(case, indicators)
    if case.id != path.stem:
        broken.insert(0, ("id", f"{case.id!r} must equal the file name without its ending, {path.stem!r}"))
    return case, [Rejection(file=str(path), path=at, reason=why) for at, why in broken]


def _path(data: object, place: Sequence[int | str]) -> str:
    """`facts[3].unit`; names of alternatives, which pydantic adds to the place, are left out."""
    text, here = "", data
    for position, part in enumerate(place):
        if isinstance(part, int) and isinstance(here, tuple):
            text += f"[{part}]"
            here = here[part] if part < len(here) else None
        elif isinstance(part, str) and isinstance(here, dict) and (part in here or position == len(place) - 1):
            text += f".{part}" if text else part
            here = here.get(part)
    return text or "(file)"


def _without(data: Mapping[str, Any], bad: set[int]) -> dict[str, Any]:
    """The same file without some facts and without what refers to them."""
    facts = data["facts"]
    gone = {fact["id"] for i, fact in enumerate(facts) if i in bad and isinstance(fact, dict) and "id" in fact}
    kept = tuple(
        {**fact, "conflicts_with": tuple(name for name in fact.get("conflicts_with") or () if name not in gone)}
        for i, fact in enumerate(facts)
        if i not in bad
    )
    stories = tuple(
        {
            **story,
            "arguments_for": tuple(one for one in story.get("arguments_for") or () if one not in gone),
            "arguments_against": tuple(
                one for one in story.get("arguments_against") or () if one.get("fact") not in gone
            ),
        }
        for story in data.get("narratives") or ()
    )
    telling = tuple(one for one in data.get("discriminating_facts") or () if one.get("fact") not in gone)
    return {**data, "facts": kept, "narratives": stories, "discriminating_facts": telling}


def _loose_ends(case: CaseFile) -> tuple[str, ...]:
    """Predictions that only their note dates: no rule reads a sentence, so that the window is the move's own."""
    return tuple(
        f"{narrative.id} step {step.n}: the note {one.note!r} is not read; its window is that of the move"
        for narrative in case.narratives
        for step in narrative.causal_steps
        for one in step.predicts
        if one.note is not None and one.when is None
    )
