"""The thirty questions of analysts: one reviewed query file each, asked by its number with what it needs filled in.

Title, parameters and columns stand in the head of its file (`// title: ...`). Of a case its move, the instrument and
the latest explanation of it follow; everything else is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from api.dates import parse_when
from api.errors import InvalidAskError, UnknownResourceError
from graph.errors import NotInGraphError
from graph.model import Limits, Table
from graph.reading import Clocks, ask, explanations_of_move, moves_of_case, query_text
from graph.store import GraphReader

_NUMBER = re.compile(r"^q(\d\d)_\w+\.cypher$")
_PARAMETER = re.compile(r"(\w+)(?: \(([^)]*)\))?")
_INSTANTS = frozenset({"since"})
_LIMITS = Limits(rows=10_000, seconds=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: its number, its query file, title, words, parameters with an example of each, and columns."""

    id: str
    name: str
    title: str
    text: str
    parameters: Mapping[str, str]
    columns: tuple[str, ...]


@cache
def questions() -> tuple[Question, ...]:
    """All questions, by number."""
    names = sorted(entry.name for entry in (files("graph") / "queries").iterdir() if _NUMBER.match(entry.name))
    return tuple(_question(name) for name in names)


def _question(file: str) -> Question:
    name = file.removesuffix(".cypher")
    head = [line.removeprefix("// ") for line in query_text(name).splitlines() if line.startswith("//")]
    parameters = {match[1]: match[2] or "" for match in _PARAMETER.finditer(_named(head, "parameters"))}
    id_, _, text = head[0].partition(". ")
    columns = tuple(_named(head, "columns").split(", "))
    return Question(id=id_, name=name, title=_named(head, "title"), text=text, parameters=parameters, columns=columns)


def _named(head: Sequence[str], what: str) -> str:
    return next((line.removeprefix(f"{what}: ") for line in head if line.startswith(f"{what}: ")), "")


def question_of(id_: str) -> Question:
    """The question of this number (`Q2`, `q02` or `2`). Raises InvalidAskError."""
    match = re.fullmatch(r"[Qq]?0*(\d+)", id_.strip())
    found = next((one for one in questions() if match is not None and one.id == f"Q{match[1]}"), None)
    if found is None:
        raise InvalidAskError("question", f"{id_!r} is none of the questions; they are Q1 to Q{len(questions())}")
    return found


def question_named(name: str) -> Question:
    """The question of this number, or of the file of its query. Raises UnknownResourceError."""
    found = next((one for one in questions() if one.name == name), None)
    if found is not None:
        return found
    try:
        return question_of(name)
    except InvalidAskError:
        raise UnknownResourceError("query", name, tuple(one.name for one in questions()[:3])) from None


async def answer(
    reader: GraphReader,
    question: Question,
    given: Mapping[str, str],
    case: str | None,
    as_of: datetime,
    *,
    as_at: datetime | None = None,
) -> Table:
    """The rows of a question, by the graph as it is now where `as_at` is not given.

    Raises InvalidAskError for what is missing, is not asked for, or is no instant.
    """
    unknown = sorted(set(given) - set(question.parameters))
    if unknown:
        near = get_close_matches(unknown[0], list(question.parameters), n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidAskError(unknown[0], f"{question.id} has no such parameter{hint}")
    clocks = Clocks(as_of=as_of, as_at=as_at or await reader.present())
    filled: dict[str, object] = {name: _value(name, text) for name, text in given.items()}
    wanted = [name for name in question.parameters if name not in filled and name not in {"as_of", "as_at"}]
    if case is not None and wanted:
        filled |= {name: value for name, value in (await _of_case(reader, case, clocks)).items() if name in wanted}
    if isinstance(filled.get("document"), str):
        filled["document"] = await _document(reader, str(filled["document"]))
    missing = [name for name in wanted if name not in filled]
    if missing:
        raise InvalidAskError(missing[0], _how_to_give(question, missing[0], case))
    return await reader.read(query_text(question.name), {**filled, **clocks.params()}, _LIMITS)


def _how_to_give(question: Question, name: str, case: str | None) -> str:
    example = question.parameters[name].removeprefix("such as ").split(" ")[0]
    way = f"{question.id} needs it; write {name}={example or '...'}"
    if name == "explanation" and case is not None:
        return f"{way}, or keep one first: whymove explain --case {case}"
    return way if case is not None or name not in {"move", "explanation", "instrument"} else f"{way}, or give --case"


def _value(name: str, text: str) -> object:
    if name not in _INSTANTS:
        return text
    when = parse_when(text, name)
    return when if isinstance(when, datetime) else _midnight(when)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


async def _of_case(reader: GraphReader, case: str, clocks: Clocks) -> dict[str, object]:
    """What follows from a case: its move, the instrument, and the latest explanation where one is kept."""
    rows = await moves_of_case(reader, case, clocks.with_hindsight())
    own = next((row for row in rows if row["key"] == f"{case}:move"), None)
    if own is None:
        return {}
    found: dict[str, object] = {"move": own["key"], "instrument": own["instrument"]}
    kept = await explanations_of_move(reader, str(own["key"]))
    if kept:
        found["explanation"] = kept[-1]["id"]
    return found


async def _document(reader: GraphReader, name: str) -> str:
    """The key of a document by its key, another name of it, or its title. Raises NotInGraphError with near titles."""
    rows = await ask(reader, "documents_named")
    for row in rows:
        aliases = row["aliases"] if isinstance(row["aliases"], list) else []
        if name in {row["key"], row["title"], *aliases}:
            return str(row["key"])
    titles = [str(row["title"]) for row in rows]
    raise NotInGraphError("document", name, tuple(get_close_matches(name, titles, n=3, cutoff=0.4)))
