"""The rules of what a description says of the world and of stories: what is named exists, what is told fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from ingest.caserules import before
from ingest.documentformat import DocumentFile, WriterPart
from ingest.documentstories import ArgumentPart, StoryPart
from ingest.documentworld import OneOrMore
from ingest.identifiers import broken_identifiers

Broken = Iterator[tuple[str, str]]
Kinds = Mapping[str, str]  # name -> instrument or actor


def several(names: OneOrMore | None) -> tuple[str, ...]:
    """The names of a value that may be one name, several or none."""
    return () if names is None else (names,) if isinstance(names, str) else names


def unknown_names(file: DocumentFile, kinds: Kinds) -> Broken:
    """Every name in a part of the world or of a story that the file does not explain."""
    for path, names, known, what in _references(file, kinds):
        yield from ((path, f"{name!r} is no {what} of this file") for name in names if name not in known)


def _references(file: DocumentFile, kinds: Kinds) -> Iterator[tuple[str, Sequence[str], Iterable[str], str]]:
    """(path, names, which names there are, what they are)."""
    things, actors = set(kinds), {name for name, kind in kinds.items() if kind == "actor"}
    instruments = things - actors
    yield from _of_the_world(file, things, actors, instruments)
    claims, stories = {one.id for one in file.claims}, {one.id: one for one in file.narratives}
    places = {one.id for one in file.passages} | {one.id for one in file.figures}
    steps = {f"{one.id}.{step.n}" for one in file.narratives for step in one.steps}
    targets = claims | set(stories) | steps | {one.id for one in file.arguments}
    for i, story in enumerate(file.narratives):
        path = f"narratives[{i}]"
        yield f"{path}.in", several(story.in_), places, "passage or figure"
        yield f"{path}.by", several(story.by), actors, "actor"
        yield f"{path}.explains", several(story.explains), {one.id for one in file.moves}, "move"
        yield f"{path}.variant_of", several(story.variant_of), set(stories) - {story.id}, "other narrative"
        yield f"{path}.part_of", several(story.part_of), set(stories) - {story.id}, "other narrative"
        yield f"{path}.supported_by", story.supported_by, claims, "claim"
        yield f"{path}.rebutted_by", story.rebutted_by, claims, "claim"
        for j, step in enumerate(story.steps):
            yield f"{path}.steps[{j}].supported_by", step.supported_by, claims, "claim"
            for k, one in enumerate(step.predicts):
                yield f"{path}.steps[{j}].predicts[{k}].subject", (one.subject,), things, "instrument or actor"
    for i, argument in enumerate(file.arguments):
        path = f"arguments[{i}]"
        yield f"{path}.by", several(argument.by), actors, "actor"
        yield f"{path}.in", several(argument.in_), places, "passage or figure"
        yield f"{path}.rests_on", argument.rests_on, claims, "claim"
        for key in ("supports", "rebuts", "undercuts"):
            yield f"{path}.{key}", getattr(argument, key), targets - {argument.id}, "claim, argument, story or step"
    for i, forecast in enumerate(file.forecasts):
        yield f"forecasts[{i}].by", several(forecast.by), actors, "actor"
        yield f"forecasts[{i}].in", several(forecast.in_), places, "passage or figure"
        yield f"forecasts[{i}].about", several(forecast.about), things, "instrument or actor"
    for i, gap in enumerate(file.gaps):
        yield f"gaps[{i}].about", several(gap.about), things, "instrument or actor"
        yield f"gaps[{i}].would_inform", [one.story for one in gap.would_inform], set(stories), "narrative"
    for i, scenario in enumerate(file.scenarios):
        yield f"scenarios[{i}].about", several(scenario.about), things, "instrument or actor"
        yield f"scenarios[{i}].without", () if scenario.without is None else (scenario.without,), steps, "step"


def _of_the_world(
    file: DocumentFile, things: set[str], actors: set[str], instruments: set[str]
) -> Iterator[tuple[str, Sequence[str], Iterable[str], str]]:
    legs, zones = {one.id for one in file.legs}, {one.id for one in file.zones}
    positions, moves = {one.id for one in file.positions}, {one.id for one in file.moves}
    events = {one.id for one in file.events}
    for i, actor in enumerate(file.actors):
        yield f"actors[{i}].resolved_to", several(actor.resolved_to), actors - {actor.id}, "other actor"
    for i, role in enumerate(file.roles):
        yield f"roles[{i}].actor", (role.actor,), actors, "actor"
        yield f"roles[{i}].for", (role.for_,), things, "instrument or actor"
    for i, venue in enumerate(file.venues):
        yield f"venues[{i}].lists", venue.lists, instruments, "instrument"
    for i, leg in enumerate(file.legs):
        yield f"legs[{i}].of", (leg.of,), instruments, "instrument"
    for i, strategy in enumerate(file.strategies):
        yield f"strategies[{i}].legs", strategy.legs, legs, "leg"
        yield f"strategies[{i}].used_by", strategy.used_by, actors, "actor"
    for i, zone in enumerate(file.zones):
        yield f"zones[{i}].about", (zone.about,), things, "instrument or actor"
        yield f"zones[{i}].binds", zone.binds, actors | positions, "actor or position"
        yield f"zones[{i}].forces", zone.forces, legs, "leg"
    for i, position in enumerate(file.positions):
        yield f"positions[{i}].holder", (position.holder,), actors, "actor"
        yield f"positions[{i}].legs", position.legs, legs, "leg"
        yield f"positions[{i}].zones", position.zones, zones, "zone"
    for i, event in enumerate(file.events):
        yield f"events[{i}].about", several(event.about), things, "instrument or actor"
        yield f"events[{i}].by", several(event.by), actors, "actor"
        yield f"events[{i}].binds", event.binds, actors | positions, "actor or position"
        yield f"events[{i}].forces", event.forces, legs, "leg"
        yield f"events[{i}].then", event.then, (events - {event.id}) | moves, "other event or move"
    for i, move in enumerate(file.moves):
        yield f"moves[{i}].instrument", (move.instrument,), instruments, "instrument"
        yield f"moves[{i}].then", move.then, moves - {move.id}, "other move"


def broken_world(file: DocumentFile) -> Broken:
    """What of venues, zones, positions, times and moves cannot be right."""
    writers = {one.id: one for one in file.actors}
    for i, venue in enumerate(file.venues):
        yield from ((f"venues[{i}].{key}", why) for key, why in broken_identifiers({"mic": venue.mic}))
    for i, zone in enumerate(file.zones):
        if zone.high < zone.low:
            yield f"zones[{i}].high", f"{zone.high:g} lies below the low {zone.low:g}"
    for i, position in enumerate(file.positions):
        holder = writers.get(position.holder)
        if holder is not None and not _may_hold(holder):
            yield (
                f"positions[{i}].holder",
                f"{position.holder!r} is named: what a text says that it holds is a claim with `sensitive: true`; "
                "give a class of actors (sort: ActorClass) or an actor with `named: false`",
            )
    for i, move in enumerate(file.moves):
        if move.return_ < -1:
            yield f"moves[{i}].return", f"{move.return_} is no fraction: a fall of 13.2 percent is -0.132"
    for path, start, end in _spans(file):
        if start is not None and end is not None and before(end, start):
            yield path, f"the end {end} lies before the start {start}"


def _may_hold(holder: WriterPart) -> bool:
    return holder.named is False or holder.sort == "ActorClass"


def _spans(file: DocumentFile) -> Iterator[tuple[str, date | datetime | None, date | datetime | None]]:
    """(path of the end, start, end) of whatever has a time."""
    for i, role in enumerate(file.roles):
        yield f"roles[{i}].end", role.start, role.end
    for i, position in enumerate(file.positions):
        yield f"positions[{i}].at_end", position.at, position.at_end
    for i, event in enumerate(file.events):
        yield f"events[{i}].at_end", event.at, event.at_end
    for i, move in enumerate(file.moves):
        yield f"moves[{i}].end", move.start, move.end
    for i, series in enumerate(file.series):
        yield f"series[{i}].last", series.first, series.last


def broken_stories(file: DocumentFile) -> Broken:
    """What of stories and arguments cannot be right: numbers of steps, steps of other stories, circles."""
    earlier: set[str] = set()
    for i, story in enumerate(file.narratives):
        for j, step in enumerate(story.steps):
            path = f"narratives[{i}].steps[{j}]"
            if step.n != j + 1:
                yield f"{path}.n", f"steps count from 1 without gaps; {j + 1} is expected"
            if step.same_as is not None and step.same_as not in earlier:
                yield f"{path}.same_as", f"{step.same_as!r} is no step of an earlier narrative"
        earlier.update(f"{story.id}.{step.n}" for step in story.steps)
    circle = _circle(file.narratives)
    if circle:
        yield "narratives", f"these steps lead to themselves: {' -> '.join(circle)}; unroll what feeds back by time"
    for i, argument in enumerate(file.arguments):
        yield from ((f"arguments[{i}].{key}", why) for key, why in _attacks(argument, file))


def _circle(stories: Sequence[StoryPart]) -> list[str]:
    """Steps that follow from themselves over several stories."""
    own = {f"{story.id}.{step.n}": step.same_as or f"{story.id}.{step.n}" for story in stories for step in story.steps}
    after: dict[str, set[str]] = {}
    for story in stories:
        names = [own[f"{story.id}.{step.n}"] for step in story.steps]
        for first, second in pairwise(names):
            if first != second:
                after.setdefault(second, set()).add(first)
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _attacks(argument: ArgumentPart, file: DocumentFile) -> Broken:
    if not (argument.supports or argument.rebuts or argument.undercuts):
        yield "supports", "an argument is for or against something: name what it supports, rebuts or undercuts"
    claims, stories = {one.id for one in file.claims}, {one.id for one in file.narratives}
    for name in argument.undercuts:
        if name in claims or name in stories:
            yield "undercuts", f"{name!r} is no step or argument: what is undercut is an inference; rebut it instead"
