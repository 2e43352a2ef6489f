"""A question in Cypher as every way in puts it: the query, its parameters, both clocks and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.clocks import chosen
from api.errors import InvalidAskError
from graph.analysts import QueryLimits

CLOCKS = ("as_of", "as_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One query with its parameters, both clocks (aware UTC) and its limits.

    `way` is the way in, for the log; `typed` asks for rows as typed JSON.
    """

    query: str
    params: Mapping[str, object]
    as_of: datetime
    as_at: datetime
    limits: QueryLimits
    way: str
    typed: bool = False

    @property
    def values(self) -> dict[str, object]:
        """The parameters as they are sent, with the clocks that the query names: to write an instant takes long."""
        clocks = {"as_of": self.as_of, "as_at": self.as_at}
        return {**self.params, **{name: when for name, when in clocks.items() if name in self.query}}


def names_clock(query: str) -> bool:
    """Whether a query may use one of the clocks: its text has to hold the name, as escapes in it are refused."""
    return any(name in query for name in CLOCKS)


def make_question(
    query: str,
    params: Mapping[str, object],
    *,
    as_of: str | None,
    as_at: str | None,
    limits: QueryLimits,
    way: str,
    typed: bool = False,
    present: datetime | None = None,
) -> Question:
    """A question from what was written, as at `present` (now) where it names no instant.

    Raises `InvalidAskError` for a clock that cannot be read or is given twice.
    """
    for name in CLOCKS:
        if name in params:
            raise InvalidAskError(
                f"params/{name}", f"the clocks are fields of their own: give `{name}` beside `params`"
            )
    clocks = chosen(as_of, as_at, present)
    return Question(
        query=query,
        params=params,
        as_of=clocks.as_of,
        as_at=clocks.as_at,
        limits=limits,
        way=way,
        typed=typed,
    )
