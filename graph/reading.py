"""The typed questions that the product asks of a graph, so that no caller writes Cypher or forgets a clock.

Every question is one file of `graph/queries/`. Rows come as records; what they mean is for the caller to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from graph.errors import NotInGraphError, QueryOverBudgetError
from graph.model import Limits
from graph.store import GraphReader

Record = dict[str, object]

FAR = datetime(9999, 12, 31, tzinfo=UTC)
_WHOLE = Limits(rows=50_000, seconds=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """By which clocks is read: what the public knew by `as_of`, what was recorded by `as_at` (both aware UTC)."""

    as_of: datetime
    as_at: datetime

    @classmethod
    def now(cls) -> Clocks:
        """What is known and recorded now."""
        now = datetime.now(UTC)
        return cls(as_of=now, as_at=now)

    def params(self) -> dict[str, object]:
        """The two as parameters of a query."""
        return {"as_of": self.as_of, "as_at": self.as_at}

    def with_hindsight(self) -> Clocks:
        """The same record, read without asking what the public knew."""
        return Clocks(as_of=FAR, as_at=self.as_at)


@cache
def query_text(name: str) -> str:
    """The text of `graph/queries/<name>.cypher`."""
    return (files("graph") / "queries" / f"{name}.cypher").read_text(encoding="utf-8")


async def ask(reader: GraphReader, name: str, params: Mapping[str, object] | None = None) -> list[Record]:
    """All rows of a query file. Raises `QueryOverBudgetError` rather than answer in part."""
    table = await reader.read(query_text(name), params, _WHOLE)
    if table.truncated:
        raise QueryOverBudgetError(f"the query {name} has more than {_WHOLE.rows} rows")
    return table.records()


_DERIVATIVES = frozenset({"futures", "perpetual futures", "listed options", "OTC options", "structured product"})


async def find_instrument(reader: GraphReader, name: str) -> Record:
    """The instrument of this id, alias, symbol or name: an exact id, else what is no derivative, else the first by id.

    Raises `NotInGraphError` with near names where there is none.
    """
    rows = await ask(reader, "instrument", {"name": name, "folded": name.casefold()})
    if rows:
        return min(rows, key=lambda row: (row["id"] != name, row["kind"] in _DERIVATIVES, str(row["id"])))
    raise NotInGraphError("instrument", name, await _near_instruments(reader, name))


async def _near_instruments(reader: GraphReader, name: str) -> tuple[str, ...]:
    ids: dict[str, str] = {}
    for row in await ask(reader, "instrument_names"):
        aliases = row["aliases"] if isinstance(row["aliases"], list) else []
        for word in (row["id"], row["symbol"], row["name"], *aliases):
            if word:
                ids.setdefault(str(word).casefold(), str(row["id"]))
    close = get_close_matches(name.casefold(), sorted(ids), n=5, cutoff=0.5)
    inside = [word for word in sorted(ids) if len(name) > 2 and name.casefold() in word]
    return tuple(dict.fromkeys(ids[word] for word in [*close, *inside]))[:5]


async def moves_of_case(reader: GraphReader, case: str, clocks: Clocks) -> list[Record]:
    """The moves of a case, one row each. Raises `NotInGraphError` where the graph has no such case."""
    rows = await ask(reader, "moves_of_case", {"case": case, **clocks.params()})
    if rows:
        return _firsts(rows, "key")
    names = [str(row["id"]) for row in await ask(reader, "case_names")]
    if case in names:
        return []
    raise NotInGraphError("case", case, tuple(get_close_matches(case, names, n=3, cutoff=0.4)))


async def moves_of_instrument(reader: GraphReader, instrument: str, clocks: Clocks) -> list[Record]:
    """The moves of an instrument, one row for each case that holds it (`case` is null where none does)."""
    rows = await ask(reader, "moves_of_instrument", {"instrument": instrument, **clocks.params()})
    return _firsts(rows, "key", "case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Instruments and actors around a move, and what ties them to one another (`roles` of actors apart)."""

    things: Sequence[Record]
    relations: Sequence[Record]
    roles: Sequence[Record]


async def surroundings(
    reader: GraphReader, case: str | None, instrument: str, clocks: Clocks, *, with_series: bool = False
) -> Surroundings:
    """What a case holds or, without one, what lies within two relations of the instrument; with their ties.

    `with_series` adds everything about which a series is stored.
    """
    if case is not None:
        things = await ask(reader, "things_of_case", {"case": case})
    else:
        things = await ask(reader, "things_near", {"instrument": instrument, **clocks.params()})
    if with_series:
        things += await ask(reader, "things_with_series")
    things = sorted(_firsts(things, "id"), key=lambda row: str(row["id"]))
    ids = [str(row["id"]) for row in things]
    relations, roles = await asyncio.gather(
        ask(reader, "relations", {"ids": ids}), ask(reader, "roles", {"ids": ids, **clocks.params()})
    )
    return Surroundings(things=things, relations=relations, roles=roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which facts are meant: those of a case, and those about `ids` between `from_` and `until` that no case holds.

    Without a case: those about `ids` in that time, whoever holds them, or with `outside` those that no case holds.
    """

    case: str | None
    ids: Sequence[str]
    from_: datetime
    until: datetime
    outside: bool = False

    def names(self, kind: str) -> tuple[str, ...]:
        """The query files that this means, for `facts` or `count`."""
        if self.case is not None:
            return (f"{kind}_of_case", f"{kind}_outside_cases")
        return (f"{kind}_outside_cases" if self.outside else f"{kind}_about",)

    def params(self) -> dict[str, object]:
        """As parameters of a query."""
        return {"case": self.case, "ids": list(self.ids), "from": self.from_, "until": self.until}


async def facts(reader: GraphReader, reach: Reach, clocks: Clocks) -> list[Record]:
    """Readings and claims with subject, indicator and source, one row each, in order of their key."""
    params = {**reach.params(), **clocks.params()}
    found = await asyncio.gather(*(ask(reader, name, params) for name in reach.names("facts")))
    rows = _firsts([row for rows in found for row in rows], "id")
    return sorted(rows, key=lambda row: (str(row["key"]), str(row["id"])))


async def count_facts(reader: GraphReader, reach: Reach, clocks: Clocks) -> int:
    """How many facts `reach` means, without reading them."""
    params = {**reach.params(), **clocks.params()}
    found = await asyncio.gather(*(ask(reader, name, params) for name in reach.names("count")))
    return sum(int(str(row["facts"])) for rows in found for row in rows)


async def origins(reader: GraphReader, documents: Sequence[str], clocks: Clocks) -> list[Record]:
    """`document` is a copy or translation of `origin`, for those of the documents that are."""
    return await ask(reader, "origins", {"documents": list(documents), **clocks.params()})


async def disputes(reader: GraphReader, facts: Sequence[str], clocks: Clocks) -> list[Record]:
    """The disputes of facts (ids of recorded versions), one row a side."""
    return await ask(reader, "disputes_of_facts", {"facts": list(facts), **clocks.params()})


async def series_about(reader: GraphReader, ids: Sequence[str]) -> list[Record]:
    """The stored series about these things, one row each, by id."""
    return _firsts(await ask(reader, "series_about", {"ids": list(ids)}), "id")


async def tracked_with_prices(reader: GraphReader, instrument: str) -> list[str]:
    """The ids of what an instrument tracks, as far as a series of its price is stored."""
    return [str(row["id"]) for row in await ask(reader, "tracked_with_prices", {"instrument": instrument})]


async def data_gaps(reader: GraphReader, case: str, clocks: Clocks) -> list[Record]:
    """What was missing or watched in a case, one row for each narrative that it would inform."""
    return await ask(reader, "gaps_of_case", {"case": case, **clocks.params()})


async def searches(reader: GraphReader, case: str | None, move: str, clocks: Clocks) -> list[Record]:
    """Searches for what was missing in a case or about a move (its key), the latest last."""
    return await ask(reader, "searches_for_move", {"case": case, "move": move, **clocks.params()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """The narratives of a case with their steps, the steps' predictions, and what is said for and against them.

    `attacks` are what is said against arguments, of this case or of others: one row an attack.
    """

    narratives: Sequence[Record]
    steps: Sequence[Record]
    predictions: Sequence[Record]
    arguments: Sequence[Record]
    fact_arguments: Sequence[Record]
    attacks: Sequence[Record] = ()


async def stories(reader: GraphReader, case: str, clocks: Clocks) -> Stories:
    """The stories of a case; hindsight about them is not among what is read."""
    params = {"case": case, **clocks.params()}
    names = (
        "narratives_of_case",
        "steps_of_case",
        "predictions_of_case",
        "arguments_of_case",
        "fact_arguments_of_case",
    )
    narratives, steps, predictions, arguments, by_fact, attacks = await asyncio.gather(
        *(ask(reader, name, params) for name in names),
        ask(reader, "attacks_between_arguments", clocks.params()),
    )
    return Stories(
        narratives=_firsts(narratives, "id"),
        steps=steps,
        predictions=_firsts(predictions, "step", "id"),
        arguments=_firsts(arguments, "key", "target"),
        fact_arguments=by_fact,
        attacks=_firsts(attacks, "key", "target", "attack"),
    )


async def explanations_of_move(reader: GraphReader, move: str) -> list[Record]:
    """The stored explanations of a move (its key), in order of their clocks."""
    return await ask(reader, "explanations_of_move", {"move": move})


async def scenario(reader: GraphReader, id_: str) -> Record | None:
    """A kept scenario, None where there is none of this id."""
    rows = await ask(reader, "scenario", {"id": id_})
    return rows[0] if rows else None


async def explanation_body(reader: GraphReader, id_: str) -> str:
    """The text of a stored explanation. Raises `NotInGraphError` where there is none of this id."""
    for row in await ask(reader, "explanation", {"id": id_}):
        if isinstance(row["body"], str):
            return row["body"]
    raise NotInGraphError("explanation", id_)


def _firsts(rows: Sequence[Record], *names: str) -> list[Record]:
    """The first row for each value of the named fields."""
    found: dict[tuple[object, ...], Record] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), row)
    return list(found.values())
