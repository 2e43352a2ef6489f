"""Turns the stories that a case brings, and what is said for and against them, into the words of the causal core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from api.casting import Names, cast_citation, number, text, texts
from causal.model import BaseRate, Direction, Narrative, Necessity, Origin, Prediction, Slot, Span, Step, Window
from causal.world import Argument, ArgumentKind, Fact, Strength
from graph.reading import Record, Stories


def cast_narratives(told: Stories, names: Names) -> tuple[Narrative, ...]:
    """The narratives with their steps in order, by id."""
    predictions: dict[str, list[Record]] = {}
    for row in told.predictions:
        predictions.setdefault(str(row["step"]), []).append(row)
    steps: dict[str, list[Step]] = {}
    for row in told.steps:
        step = _step(row, names, predictions.get(str(row["id"]), []))
        steps.setdefault(str(row["narrative"]), []).append(step)
    return tuple(
        Narrative(
            id=names.local(row["id"]),
            title=str(row["title"]),
            summary=str(row["summary"] or ""),
            slot=cast("Slot", text(row["slot"]) or "catalyst"),
            origin=cast("Origin", text(row["origin"]) or "case"),
            template=text(row["template"]),
            template_version=text(row["template_version"]),
            roles=dict(part.split("=", 1) for part in texts(row["roles"]) if "=" in part),
            unbound_roles=texts(row["unbound_roles"]),
            steps=tuple(sorted(steps.get(str(row["id"]), ()), key=lambda step: (step.n, step.key))),
            recorded_from=cast("datetime | None", row["recorded_from"]),
            prior=number(row["prior"]),
        )
        for row in sorted(told.narratives, key=lambda row: str(row["id"]))
    )


def _step(row: Record, names: Names, predictions: Sequence[Record]) -> Step:
    """The step as one narrative tells it: of a step that two share, each narrative keeps what it predicts itself."""
    n = number(row["n"]) or number(row["own_n"]) or 0.0
    told_by = f"{row['narrative']}.{int(n)}."
    return Step(
        n=int(n),
        text=str(row["text"]),
        key=names.local(row["id"]),
        necessity=cast("Necessity", text(row["necessity"]) or "typical"),
        base_rate=cast("BaseRate", text(row["base_rate"]) or "uncommon"),
        predictions=tuple(_prediction(part) for part in predictions if str(part["id"]).startswith(told_by)),
    )


def _prediction(row: Record) -> Prediction:
    return Prediction(
        indicator=str(row["indicator"]),
        subject=text(row["subject"]),
        direction=cast("Direction", str(row["direction"])),
        window=_window(row),
        stated_window=bool(row["stated_window"]),
        strength=cast("Strength", text(row["strength"]) or "medium"),
        role=text(row["role"]),
        lag=text(row["lag"]),
        typical_size=text(row["typical_size"]),
        if_absent=text(row["if_absent"]),
        note=text(row["note"]),
    )


def _window(row: Record) -> Window:
    start, end = row["window_start"], row["window_end"]
    if isinstance(start, date) and isinstance(end, date):
        return Span(start=start, end=end)
    return cast("Window", text(row["window"]) or "during")


def cast_arguments(
    told: Stories, facts: Iterable[Fact], names: Names, origins: Mapping[str, str]
) -> tuple[Argument, ...]:
    """What is said for and against the narratives, in words and by pointing at facts, and against that, by id."""
    numbers = {(str(row["narrative"]), str(row["id"])): number(row["n"]) for row in told.steps}
    found = [_in_words(row, names, origins, numbers) for row in told.arguments]
    by_key = {fact.key: fact for fact in facts}
    for row in told.fact_arguments:
        fact = by_key.get(str(row["fact"]))
        if fact is not None:
            found.append(_by_fact(row, fact, names))
    return tuple(sorted(_with_attacks(found, told.attacks, names, origins), key=lambda one: one.id))


def _with_attacks(
    arguments: Sequence[Argument], attacks: Sequence[Record], names: Names, origins: Mapping[str, str]
) -> list[Argument]:
    """The arguments with what they attack, and those that attack one of them, and so on back."""
    found = {one.id: one for one in arguments}
    left = list(attacks)
    while reached := [row for row in left if names.local(row["target"]) in found]:
        left = [row for row in left if names.local(row["target"]) not in found]
        for row in sorted(reached, key=lambda row: (str(row["key"]), str(row["target"]))):
            target = found[names.local(row["target"])]
            one = found.get(names.local(row["key"])) or _against(row, target, names, origins)
            if row["attack"] == "UNDERCUTS":
                one = replace(one, undercuts=tuple(sorted({*one.undercuts, target.id})))
            else:
                one = replace(one, rebuts=tuple(sorted({*one.rebuts, target.id})))
            found[one.id] = one
    return list(found.values())


def _against(row: Record, target: Argument, names: Names, origins: Mapping[str, str]) -> Argument:
    """An argument that speaks of no story, beside the one that it attacks."""
    return Argument(
        id=names.local(row["key"]),
        narrative=target.narrative,
        kind="undercuts" if row["attack"] == "UNDERCUTS" else "rebuts",
        step=target.step,
        strength=cast("Strength", text(row["strength"]) or "medium"),
        by=text(row["by"]),
        statement=str(row["statement"]),
        grade=text(row["grade"]) or "F",
        credibility=int(number(row["credibility"]) or 6),
        known_at=cast("datetime | None", row["known_at"]),
        citation=cast_citation(row, origins),
        direct=False,
    )


def _in_words(
    row: Record, names: Names, origins: Mapping[str, str], numbers: Mapping[tuple[str, str], float | None]
) -> Argument:
    key, step = str(row["key"]), number(row["step"])
    narrative = key.rsplit(".arg.", 1)[0]
    if step is None and row["on_step"]:
        step = numbers.get((narrative, str(row["target"])))
    return Argument(
        id=names.local(key),
        narrative=names.local(narrative),
        kind=cast("ArgumentKind", str(row["kind"]).lower()),
        step=None if step is None else int(step),
        strength=cast("Strength", text(row["strength"]) or "medium"),
        by=text(row["by"]),
        statement=str(row["statement"]),
        grade=text(row["grade"]) or "F",
        credibility=int(number(row["credibility"]) or 6),
        known_at=cast("datetime | None", row["known_at"]),
        citation=cast_citation(row, origins),
    )


def _by_fact(row: Record, fact: Fact, names: Names) -> Argument:
    kind = str(row["kind"]).lower()
    side = "for" if kind == "supports" else "against"
    narrative = names.local(row["narrative"])
    return Argument(
        id=f"{narrative}.fact.{side}.{fact.id}",
        narrative=narrative,
        kind=cast("ArgumentKind", kind),
        statement=fact.statement,
        fact=fact.id,
        grade=fact.grade,
        credibility=fact.credibility,
        known_at=fact.known_at,
        citation=fact.citation,
    )
