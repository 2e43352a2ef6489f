"""Which explanations were recorded, and which of them say something else of their move than the one before did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.catalog import Resource, Row, plain_row
from api.dates import parse_instant, write_instant
from api.errors import InvalidAskError
from graph.reading import Record, ask
from graph.store import GraphReader

SETTLED = timedelta(seconds=2)  # a stream that begins now begins so long ago: longer than most writes take
AT_A_TIME = 100
_SAME = 1e-6  # posteriors that differ by less are the same one, computed elsewhere


def explanation_row(record: Mapping[str, object]) -> Row:
    """A record of `list_explanations` as a row, its narratives in order of rank, that without a rank last."""
    return {**plain_row(record), "narratives": [scored.row() for scored in _scored(record["narratives"])]}


EXPLANATIONS = Resource(name="explanations", query="list_explanations", shape=explanation_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A narrative as an explanation scored it; the unknown cause has no rank."""

    narrative: str
    rank: int | None
    posterior: float

    def row(self) -> Row:
        """Its form in a body."""
        return {"narrative": self.narrative, "rank": self.rank, "posterior": self.posterior}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in the order of recording: after the explanation `id`, recorded at `recorded`."""

    recorded: datetime
    id: str = ""

    def text(self) -> str:
        """The id of an event; from it a client goes on."""
        return f"{write_instant(self.recorded)}~{self.id}"


def mark_of(text: str) -> Mark:
    """The place that the id of an event stands for. Raises InvalidAskError."""
    time, _, id_ = text.partition("~")
    return Mark(recorded=parse_instant(time, "last_event_id"), id=id_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An explanation; `data` tells how it differs from the one before of its move, None where it does not."""

    mark: Mark
    data: Row | None


async def changes_after(reader: GraphReader, mark: Mark) -> list[Change]:
    """What was recorded after a mark, in the order of recording, and before every write that is under way.

    Nothing is passed over: what is recorded later carries a later instant. Raises GraphUnavailableError.
    """
    params = {
        "as_at": await reader.settled(),
        "after_time": write_instant(mark.recorded),
        "after_id": mark.id,
        "limit": AT_A_TIME,
        "updated_since": None,
        "instrument": None,
        "move": None,
        "variants": False,
    }
    return [await _change(reader, row) for row in await ask(reader, "list_explanations", params)]


async def _change(reader: GraphReader, row: Record) -> Change:
    recorded, id_ = row["recorded_from"], str(row["id"])
    assert isinstance(recorded, datetime)
    mark = Mark(recorded=recorded.astimezone(UTC), id=id_)
    earlier = await ask(reader, "explanation_before", {"move": row["move"], "recorded": recorded, "id": id_})
    now = _scored(row["narratives"])
    before = _scored(earlier[0]["narratives"]) if earlier else []
    told = {name: plain_row(row)[name] for name in ("move", "instrument", "as_of", "answer", "narratives")}
    changed = differences(before, now)
    data: Row = {
        "explanation": id_,
        **told,
        "narratives": [one.row() for one in now],
        "before": str(earlier[0]["id"]) if earlier else None,
        "before_as_of": plain_row(earlier[0])["as_of"] if earlier else None,
        "changed": changed,
    }
    return Change(mark=mark, data=data if changed or not earlier else None)


def differences(before: Sequence[Scored], now: Sequence[Scored]) -> list[str]:
    """The narratives whose rank or posterior is another one, or that came or went, in order of their ids."""
    old, new = ({one.narrative: one for one in scored} for scored in (before, now))
    return sorted(name for name in old.keys() | new.keys() if _differs(old.get(name), new.get(name)))


def _differs(one: Scored | None, other: Scored | None) -> bool:
    if one is None or other is None:
        return True
    return one.rank != other.rank or abs(one.posterior - other.posterior) > _SAME


def _scored(value: object) -> list[Scored]:
    rows = value if isinstance(value, list) else []
    found = [Scored(narrative=str(id_), rank=rank, posterior=posterior) for id_, rank, posterior in rows if id_]
    return sorted(found, key=lambda one: (one.rank is None, one.rank or 0, one.narrative))


def start_mark(last_event_id: str | None, since: str | None, now: datetime) -> Mark:
    """Where a stream begins: after the client's last event, at an instant, or now. Raises InvalidAskError."""
    if last_event_id is not None:
        return mark_of(last_event_id)
    if since is None:
        return Mark(recorded=now - SETTLED)
    start = parse_instant(since, "updated_since")
    if start > now:
        raise InvalidAskError("updated_since", f"{since} lies in the future; it is {write_instant(now)} now")
    return Mark(recorded=start)
