"""Explains again after fetching what the first answer lacked, and says what that changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from api.dates import parse_when
from api.fetching_for import Tell, fetch_wanted, sources_for
from api.knowledge import Knowledge
from api.settings import Settings
from graph.store import GraphStore

LEAST = 0.005  # a change of a posterior that is told


async def explain_again(
    first: dict[str, Any],
    explain: Callable[[], Awaitable[dict[str, Any]]],
    *,
    settings: Settings,
    store: GraphStore,
    knowledge: Knowledge,
    now: datetime,
    tell: Tell,
) -> dict[str, Any]:
    """The answer of `explain` once more, after fetching what `look_next` of the first names, where a source has it.

    Where nothing could be fetched the first is given back.
    """
    wanted = sources_for(first["look_next"], knowledge, settings)
    if not wanted:
        tell("no source has what this explanation lacks")
        return first
    around = (_instant(str(first["move"]["start"])), _instant(str(first["move"]["end"])))
    if not await fetch_wanted(wanted, settings, store, around=around, now=now, tell=tell):
        return first
    again = await explain()
    for line in difference(first, again):
        tell(line)
    return again


def difference(first: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[str]:
    """What is another one in the second of two explanations of a move, a line each."""
    before = {one["id"]: one for one in first["narratives"]}
    told = 0
    for one in again["narratives"]:
        old = before.get(one["id"])
        if old is None:
            yield f"new: {one['title']}, {_percent(one)}"
        elif abs(old["posterior"] - one["posterior"]) >= LEAST or old["rank"] != one["rank"]:
            yield f"{one['title']}: {_percent(old)} -> {_percent(one)}, rank {old['rank']} -> {one['rank']}"
        else:
            continue
        told += 1
    gone = {one["id"]: one for one in again["narratives"]}
    yield from (f"no longer there: {one['title']}" for id_, one in before.items() if id_ not in gone)
    lacking = [_lacked(one) for one in first["look_next"]]
    still = {_lacked(one) for one in again["look_next"]}
    answered = [one for one in dict.fromkeys(lacking) if one not in still]
    if answered:
        yield f"no longer lacking: {', '.join(answered)}"
    if not told and not answered:
        yield "what was fetched changed nothing"


def _percent(narrative: Mapping[str, Any]) -> str:
    return f"{100.0 * narrative['posterior']:.0f} %"


def _lacked(part: Mapping[str, Any]) -> str:
    return part["indicator"] if part["subject"] is None else f"{part['indicator']} of {part['subject']}"


def _instant(text: str) -> datetime:
    when = parse_when(text, "start")
    return datetime.combine(when, time(), UTC) if isinstance(when, date) and not isinstance(when, datetime) else when
