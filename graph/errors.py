"""Why a graph call could not be done.

GraphError
├── GraphUnavailableError   the server cannot be reached or does not answer (try again later)
├── NotInGraphError         a name that the graph does not hold (proposes near ones)
├── LostEndError            ends of links that another process writes just now (try again)
├── OntologyError           a write that the ontology does not allow (names the nearest known word)
├── QueryRefusedError       Cypher that is not a bounded read (names the rule, line and column)
├── QueryOverBudgetError    a read that passed its rows, bytes or time
├── TooManyQueriesError     more queries at once than are run and queued (try again soon)
└── BackupError             a backup that cannot be made, trusted or restored; what was there is still there
"""

from __future__ import annotations


class GraphError(Exception):
    """Root of everything this package raises."""


class GraphUnavailableError(GraphError):
    """The graph server cannot be reached or does not answer."""

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotInGraphError(GraphError):
    """A name that the graph does not hold; `near` proposes names that it does hold."""

    def __init__(self, kind: str, name: str, near: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"unknown {kind} {name!r}{hint}")
        self.kind = kind
        self.name = name
        self.near = near


class LostEndError(GraphError):
    """Ends of links that were found and are not seen a moment later, as another process writes them; try again."""

    def __init__(self, count: int) -> None:
        ends = "one end of a link was" if count == 1 else f"{count} ends of links were"
        super().__init__(f"{ends} found and not seen a moment later: another process writes there; try again")


class OntologyError(GraphError):
    """A node or link that the ontology does not allow; `near` is the nearest known word."""

    def __init__(
        self, kind: str, name: str, where: str, near: tuple[str, ...] = (), *, problem: str = "unknown"
    ) -> None:
        hint = f"; the nearest known is {', '.join(near)}" if near else ""
        super().__init__(f"{problem} {kind} {name!r} in {where}{hint}")
        self.kind = kind
        self.name = name
        self.where = where
        self.near = near


class QueryRefusedError(GraphError):
    """Cypher that is not a bounded read; where it is known, `rule`, `line` and `column` say why and where."""

    def __init__(
        self,
        reason: str,
        *,
        rule: str | None = None,
        line: int | None = None,
        column: int | None = None,
        near: tuple[str, ...] = (),
    ) -> None:
        where = f"line {line}, column {column}: " if line is not None else ""
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"{where}{reason}{hint}")
        self.rule = rule
        self.line = line
        self.column = column
        self.near = near


class QueryOverBudgetError(GraphError):
    """A read that passed its limit of rows, bytes or time."""


class TooManyQueriesError(GraphError):
    """More queries at once than are run and queued; ask again after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BackupError(GraphError):
    """A backup that cannot be made, trusted or restored; the message says what to do, and nothing has changed."""
