"""Who and what is meant by a name that somebody wrote: authors, subjects, evidence and steps, or the nearest ones.

An author that nobody has heard of becomes one, unless the name is nearly that of somebody who is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from api.errors import InvalidAskError
from graph.errors import NotInGraphError
from graph.model import Batch, Node
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

_NEARLY = 0.8
_NAMED = 3  # of several that may be meant
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What a name means: its label in the graph, its id (of a fact: its key), and what has to be made of it first."""

    label: str
    id: str
    made: Batch = field(default_factory=Batch)


async def author_called(reader: GraphReader, name: str, *, new: bool = False) -> Called:
    """The actor or source of this id, alias or name; else a new one.

    Raises NotInGraphError where the name is nearly that of somebody known and `new` does not say that it is another,
    and InvalidAskError for a name of nothing or of several.
    """
    name = " ".join(name.split())
    if not re.search(r"\w", name) or len(name) > LONGEST_NAME:
        raise InvalidAskError("by", f"write a name of 1 to {LONGEST_NAME} characters")
    rows = [row for row in await _called(reader, name) if row["label"] != "Instrument"]
    actors = [row for row in rows if row["label"] == "Actor"]
    if rows:
        return _one("by", name, actors or rows)
    near = await _near_authors(reader, name)
    if near and not new:
        raise NotInGraphError("author", name, near)
    slug = re.sub(r"\W+", "_", name.casefold()).strip("_")
    node = Node(label="Actor", id=slug, sort="Person", properties={"name": name, "kind": "analyst", "named": True})
    return Called(label="Actor", id=slug, made=Batch(nodes=(node,)))


async def subject_called(reader: GraphReader, name: str, field: str) -> Called:
    """The instrument, else the actor, of this id, alias, symbol or name. Raises NotInGraphError, InvalidAskError."""
    rows = [row for row in await _called(reader, name) if row["label"] != "Source"]
    exact = [row for row in rows if row["id"] == name] or [row for row in rows if row["label"] == "Instrument"] or rows
    if not exact:
        raise NotInGraphError(field, name, await _near_authors(reader, name))
    return _one(field, name, exact)


async def evidence_called(reader: GraphReader, name: str, clocks: Clocks) -> Called:
    """The fact or argument of this key, or of this last part of one. Raises NotInGraphError, InvalidAskError."""
    rows = await ask(reader, "evidence_called", {"name": name, "ending": f":{name}", **clocks.params()})
    exact = [row for row in rows if row["key"] == name] or rows
    if not exact:
        raise NotInGraphError("evidence", name, _near(name, await ask(reader, "names_of_evidence", clocks.params())))
    return _one("evidence", name, [{**row, "id": row["key"]} for row in exact])


async def step_called(reader: GraphReader, name: str) -> Called:
    """The step of this id, or of this last part of one (`story.3`). Raises NotInGraphError, InvalidAskError."""
    rows = await ask(reader, "steps_called", {"name": name, "ending": f":{name}"})
    exact = [row for row in rows if row["id"] == name] or rows
    if not exact:
        raise NotInGraphError("step", name, _near(name, await ask(reader, "names_of_steps")))
    return _one("step", name, [{**row, "label": "Step"} for row in exact])


async def _called(reader: GraphReader, name: str) -> list[Record]:
    return await ask(reader, "things_called", {"name": name, "folded": name.lower()})


async def _near_authors(reader: GraphReader, name: str) -> tuple[str, ...]:
    ids: dict[str, str] = {}
    for row in await ask(reader, "names_of_authors"):
        for word in (row["name"], row["id"]):
            ids.setdefault(str(word).casefold(), str(row["id"]))
    near = get_close_matches(name.casefold(), sorted(ids), n=_NAMED, cutoff=_NEARLY)
    return tuple(dict.fromkeys(ids[word] for word in near))


def _near(name: str, rows: Sequence[Record]) -> tuple[str, ...]:
    """The ids that are nearly this name as a whole or in their last part."""
    ids: dict[str, str] = {}
    for row in rows:
        for word in (str(row["id"]), str(row["id"]).rsplit(":", 1)[-1]):
            ids.setdefault(word, str(row["id"]))
    near = get_close_matches(name, sorted(ids), n=_NAMED, cutoff=_NEARLY)
    return tuple(dict.fromkeys(ids[word] for word in near))


def _one(field: str, name: str, rows: Sequence[Mapping[str, object]]) -> Called:
    ids = list(dict.fromkeys(str(row["id"]) for row in rows))
    if len(ids) > 1:
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        raise InvalidAskError(field, f"{name!r} may be {', '.join(ids[:_NAMED])}{more}; write the whole id")
    return Called(label=str(rows[0]["label"]), id=ids[0])
