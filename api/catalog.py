"""What the graph and the library hold, as lists: the rows that `GET /v1/...` pages through and the command prints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.dates import write_instant
from api.paging import FIRST_TIME, Page
from causal.model import Template
from graph.model import Limits
from graph.reading import query_text
from graph.store import GraphReader

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of rows, and the cursor of the next one (None on the last)."""

    items: tuple[Row, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A list that the graph holds: its name, its query, and how a record of it becomes a row."""

    name: str
    query: str
    shape: Callable[[Mapping[str, object]], Row]


async def list_page(
    resource: Resource, page: Page, reader: GraphReader, filters: Mapping[str, object] | None = None
) -> Listed:
    """One page of a list of the graph, narrowed by the filters of its query. Raises GraphUnavailableError."""
    params = {**page.params(), **(filters or {})}
    table = await reader.read(query_text(resource.query), params, Limits(rows=page.limit + 1))
    records = table.records()
    shown = records[: page.limit]
    more = len(records) > page.limit
    cursor = page.cursor_after(_time(shown[-1].get("time")), str(shown[-1]["id"])) if more else None
    return Listed(items=tuple(resource.shape(record) for record in shown), next_cursor=cursor)


def list_templates(library: Sequence[Template], page: Page, own: Collection[str] = ()) -> Listed:
    """One page of the library, in order of the templates' ids; `own` are the ids of the user's own."""
    rest = sorted((part for part in library if part.id > page.after_id), key=lambda part: part.id)
    shown, more = rest[: page.limit], len(rest) > page.limit
    cursor = page.cursor_after(FIRST_TIME, shown[-1].id) if more else None
    return Listed(items=tuple(template_row(part, own) for part in shown), next_cursor=cursor)


def template_row(template: Template, own: Collection[str] = ()) -> Row:
    """One template as a row; `own` are the ids of the user's own."""
    return {
        "origin": "own" if template.id in own else "bundled",
        "id": template.id,
        "version": template.version,
        "title": template.title,
        "summary": template.summary,
        "slots": list(template.slots),
        "move_direction": template.move_direction,
        "roles": [role.name for role in template.roles],
        "steps": [step.text for step in template.steps],
        "references": list(template.references),
    }


def _time(value: object) -> str:
    return write_instant(value) if isinstance(value, datetime) else FIRST_TIME


def plain_row(record: Mapping[str, object]) -> Row:
    """A record as JSON can hold it, without the time that orders it: days and instants as text."""
    return {name: _plain_value(value) for name, value in record.items() if name != "time"}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return write_instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _instrument(record: Mapping[str, object]) -> Row:
    aliases = record["aliases"]
    return {**plain_row(record), "aliases": sorted(map(str, aliases)) if isinstance(aliases, Sequence) else []}


NARRATIVES = Resource(name="narratives", query="list_narratives", shape=plain_row)
INSTRUMENTS = Resource(name="instruments", query="list_instruments", shape=_instrument)
EVENTS = Resource(name="events", query="list_events", shape=plain_row)
CASES = Resource(name="cases", query="list_cases", shape=plain_row)
