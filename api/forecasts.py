"""Dated statements about the future: kept with who made them, when they are due, and by what they are to be judged.

Nothing is deleted: the same author's same statement with another day, criterion or probability corrects the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches

from api.calling import author_called, subject_called
from api.catalog import Resource, Row, plain_row
from api.errors import InvalidAskError
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node, Value, Written
from graph.reading import Clocks, ask
from graph.store import GraphReader, GraphStore
from ingest.catalog import indicator_id, load_indicators
from ingest.criteria import Criterion, InvalidCriterionError, parse_criterion, quantities

LONGEST = 2_000  # characters of a statement
STATES = ("open", "due", "undated", "resolved", "void")
_LISTS = ("by", "subjects", "documents", "sources", "aliases", "found")
_MOST_INDICATORS = 10_000
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForecast:
    """A statement to be kept, as it was written; `document` is the key of what it stands in, `id` a key of its own."""

    by: str
    statement: str
    due: date | datetime | None = None
    criterion: str | None = None
    probability: float | None = None
    about: str | None = None
    document: str | None = None
    known_at: datetime | None = None
    id: str | None = None
    new_author: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was kept: its key, and whether that changed the graph."""

    key: str
    written: Written


def forecast_row(record: Mapping[str, object]) -> Row:
    """A record as a row: lists in order, and empty rather than missing."""
    row = plain_row(record)
    for name in _LISTS:
        held = row[name]
        words = [str(one) for one in held if one is not None] if isinstance(held, list | tuple) else []
        row[name] = words if name == "found" else sorted(words)
    return row


FORECASTS = Resource(name="forecasts", query="list_forecasts", shape=forecast_row)


def list_filters(as_of: datetime, *, by: str | None, due_before: date | None, state: str | None) -> dict[str, object]:
    """The filters of the list; a forecast is due at `as_of` once its day is over."""
    day = None if due_before is None else due_before.isoformat()
    return {"by": by, "due_before": day, "state": state, "day": today(as_of)}


def today(as_of: datetime) -> str:
    """The day of an instant in UTC, as the queries compare it."""
    return as_of.astimezone(UTC).date().isoformat()


async def one_forecast(reader: GraphReader, name: str, clocks: Clocks) -> Row:
    """A forecast as it was known by the clocks: by key, id of a version, or alias. Raises NotInGraphError."""
    day = {"day": today(min(clocks.as_of, datetime.now(UTC)))}
    rows = await ask(reader, "one_forecast", {"id": name, **day, **clocks.params()})
    if not rows:
        names = await ask(reader, "forecast_names", clocks.params())
        keys = {str(row["key"]): row["aliases"] for row in names}
        key = next((key for key, words in keys.items() if isinstance(words, list) and name in words), None)
        if key is None:
            raise NotInGraphError("forecast", name, tuple(get_close_matches(name, keys, n=3, cutoff=0.4)))
        rows = await ask(reader, "one_forecast", {"id": key, **day, **clocks.params()})
    return forecast_row(rows[0])


async def add_forecast(new: NewForecast, store: GraphStore) -> Kept:
    """Keep a forecast; said again without a time, it was known since the first time.

    Raises InvalidAskError for what cannot be so, NotInGraphError for a name nobody knows.
    """
    now = datetime.now(UTC)
    statement = " ".join(new.statement.split())
    _check_words(new, statement)
    author = await author_called(store, new.by, new=new.new_author)
    digest = hashlib.sha256(f"{author.id}\x1f{statement}".encode()).hexdigest()
    key = new.id or f"forecast:{digest[:12]}"
    known_at = new.known_at or await _known_before(store, key, now) or now
    _check_times(new.due, known_at, now)
    properties: dict[str, Value] = {
        "statement": statement,
        "criterion": None if new.criterion is None else str(await checked_criterion(store, new.criterion, new.about)),
        "due_at": new.due,
        "probability": new.probability,
        "status": "open",
        "known_at": known_at,
        "known_at_precision": "instant",
    }
    node = Node(label="Forecast", id=key, properties={name: v for name, v in properties.items() if v is not None})
    links = [Link(type="MADE", from_label=author.label, from_id=author.id, to_label="Forecast", to_id=key)]
    if new.about is not None:
        subject = await subject_called(store, new.about, "about")
        links.append(_link("ABOUT", key, subject.label, subject.id))
    if new.document is not None:
        links.append(_link("ASSERTED_IN", key, "Document", new.document))
    written = await store.upsert(author.made + Batch(nodes=(node,), links=tuple(links)))
    return Kept(key=key, written=written)


def _link(kind: str, key: str, label: str, id_: str) -> Link:
    return Link(type=kind, from_label="Forecast", from_id=key, to_label=label, to_id=id_)


async def _known_before(reader: GraphReader, key: str, now: datetime) -> datetime | None:
    rows = await ask(reader, "one_forecast", {"id": key, "day": today(now), "as_of": now, "as_at": now})
    known = rows[0]["known_at"] if rows else None
    return known if isinstance(known, datetime) else None


def _check_words(new: NewForecast, statement: str) -> None:
    if not statement or len(statement) > LONGEST:
        raise InvalidAskError("statement", f"write a statement of 1 to {LONGEST} characters")
    if new.probability is not None and not 0.0 < new.probability < 1.0:
        raise InvalidAskError(
            "probability",
            f"{new.probability:g} is not between 0 and 1; of what is as good as sure say 0.99, as a forecast of"
            " certainty that fails has no finite score",
        )
    if new.id is not None and not _ID.fullmatch(new.id):
        raise InvalidAskError("id", "an id has letters, digits and . : _ - alone, as it stands in addresses")


def _check_times(due: date | datetime | None, known_at: datetime, now: datetime) -> None:
    if known_at > now:
        raise InvalidAskError("known_at", "a forecast cannot become known in the future; give when it was made public")
    day = due.date() if isinstance(due, datetime) else due
    if day is not None and day < known_at.date():
        raise InvalidAskError("due", f"{day} lies before the forecast was made ({known_at.date()}); set known_at")


async def indicator_names(reader: GraphReader) -> dict[str, str]:
    """The names of all indicators by id: those of the catalogue, and what only the graph holds."""
    params = {"as_at": datetime.now(UTC), "after_id": "", "limit": _MOST_INDICATORS}
    held = {str(row["id"]): str(row["name"]) for row in await ask(reader, "list_indicators", params)}
    return {**{indicator_id(one.name): one.name for one in load_indicators()}, **held}


async def checked_criterion(reader: GraphReader, text: str, about: str | None) -> Criterion:
    """The criterion of a text, with what it names looked up. Raises InvalidAskError, NotInGraphError."""
    try:
        criterion = parse_criterion(text)
    except InvalidCriterionError as error:
        raise InvalidAskError("criterion", f"{error} (leave it out to judge by hand)") from error
    names = await indicator_names(reader)
    for one in quantities(criterion):
        if one.indicator not in names:
            near = get_close_matches(one.indicator, names, n=3, cutoff=0.5)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise InvalidAskError("criterion", f"unknown indicator {one.indicator!r}{hint}")
        if one.subject is not None:
            await subject_called(reader, one.subject, "criterion")
        elif about is None:
            raise InvalidAskError(
                "criterion", f"of what is {one.indicator}? write {one.indicator}(ibit), or give about"
            )
    return criterion
