"""A timeline in a terminal: the course of each story, then date by date what became public and what it moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.text import Text

from api.charts_belief import CELL, axis, course
from api.dates import write_instant
from api.pictures_belief import courses
from api.rendering_blocks import hanging, line, title
from api.terminal import print_plainly
from api.timeline import CHANGES, Change, Entry, Timeline
from api.wording import clock, clocks, headline, probability, shorten, signed_bits
from api.wording_values import Part

_NUMBERS = 14  # columns of the posteriors beside a course
_STORIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is drawn: facts of one date, and letters of what each says."""

    facts: int = 6
    letters: int = 150

    @classmethod
    def whole(cls) -> Amount:
        """Everything."""
        return cls(facts=100_000, letters=100_000)


def print_timeline(explanation: Part, timeline: Timeline, console: Console, amount: Amount) -> None:
    """Print the timeline of an explanation to `console`."""
    print_plainly(console, Group(*_parts(explanation, timeline, console, amount)))


def _parts(explanation: Part, timeline: Timeline, console: Console, amount: Amount) -> Iterator[RenderableType]:
    rich = console.is_terminal
    yield Text(headline(explanation["move"]), style="bold")
    yield Text(f"{clocks(explanation)}.", style="dim")
    yield title("Belief over time, as evidence became public", rich)
    yield from _chart(explanation, console)
    yield title("What was knowable when, and what it moved", rich)
    names = {part["id"]: part["rank"] for part in explanation["narratives"]}
    for date, entries, changes in _by_date(timeline):
        yield line(Text(date, style="bold"), indent=0)
        if changes:
            yield line(_moved(changes, names), style="cyan" if rich else "")
        yield from _entries(entries, names, amount)
    weighed = sum(bool(one.evidence) for one in timeline.entries)
    yield line(f"{len(timeline.entries)} entries, {weighed} of them weighed.", indent=0, style="dim")


def _chart(explanation: Part, console: Console) -> Iterator[RenderableType]:
    """As many of the latest dates as fit beside the numbers; what is above is told."""
    belief = explanation["belief"]
    room = max(1, (console.width - _NUMBERS - 8) // CELL)
    shown = belief[-room:]
    ascii_only = not console.is_terminal or console.options.ascii_only
    rows = []
    drawn = courses(explanation, _STORIES)
    for place, one in enumerate(drawn):
        cells = course(one.values[-len(shown) :], ascii_only=ascii_only)
        numbers = f"{probability(one.values[0])} {probability(one.values[-1])}"
        rank = str(place + 1) if place + 1 < len(drawn) else "-"
        rows.append((rank, Text(f"{numbers}  ").append(cells, style="cyan" if console.is_terminal else "")))
    yield hanging(rows, 3)
    yield line(Text(axis([at["as_of"] for at in shown])), indent=2 + 3 + 1 + _NUMBERS - 1)
    how = "the first digit of the posterior" if ascii_only else "the posterior in eighths"
    dates = f"{len(belief)} dates" if len(shown) == len(belief) else f"the last {len(shown)} of {len(belief)} dates"
    yield line(f"Posterior at the close and now, then {how} at {dates} that brought evidence.", style="dim")
    yield hanging([(str(n) if n < len(drawn) else "-", Text(one.title)) for n, one in enumerate(drawn, start=1)], 3)


def _by_date(timeline: Timeline) -> Iterator[tuple[str, list[Entry], Sequence[Change]]]:
    """The instants in order, each with what became public then and what the belief of that instant changed."""
    entries: dict[datetime, list[Entry]] = {}
    for entry in timeline.entries:
        entries.setdefault(entry.known_at, []).append(entry)
    changes = {moment.as_of: moment.changes for moment in timeline.moments if moment.changes}
    for instant in sorted({*entries, *changes}):
        yield clock(write_instant(instant)), entries.get(instant, []), changes.get(instant, ())


def _moved(changes: Sequence[Change], names: dict[str, int]) -> str:
    parts = [
        f"{_story(one.narrative, names)} {probability(one.before)} > {probability(one.after)}"
        for one in changes[:CHANGES]
    ]
    more = f" and {len(changes) - CHANGES} more" if len(changes) > CHANGES else ""
    return f"belief: {'; '.join(parts)}{more}"


def _story(name: str, names: dict[str, int]) -> str:
    return f"{name} (rank {names[name]})" if name in names else "something else"


def _entries(entries: list[Entry], names: dict[str, int], amount: Amount) -> Iterator[RenderableType]:
    heavy = sorted(entries, key=lambda one: (-abs(one.bits or 0.0), not one.evidence, one.facts))
    rows = []
    for one in heavy[: amount.facts]:
        weight = f"{signed_bits(one.bits)} on {one.story}" if one.bits else (one.why or "of no weight")
        text = Text(shorten(one.what, amount.letters))
        text.append(f"\n{one.publisher} | {', '.join(one.evidence) or ', '.join(one.facts)} | {weight}", style="dim")
        rows.append(("-", text))
    if rows:
        yield hanging(rows, 1)
    if len(entries) > amount.facts:
        yield line(f"and {len(entries) - amount.facts} more (--full shows them)", indent=4, style="dim")
