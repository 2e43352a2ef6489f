"""Why the causal core refuses its input.

CausalError
├── InvalidTemplateError     a template file that does not hold together (stops the start)
├── UnknownTemplateError     a template id that the library does not hold (proposes near ones)
├── NetworkTooWideError      exact inference would need tables larger than the stated width
├── InvalidGraphError        a causal graph that is none: a cycle, a self loop, no edge, a target that it lacks
└── InvalidTableError        a table of series that cannot be read: empty, ragged, not numeric
"""

from __future__ import annotations


class CausalError(Exception):
    """Root of everything this package raises."""


class InvalidTemplateError(CausalError):
    """A template file that does not hold together."""

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file = file
        self.path = path
        self.reason = reason


class UnknownTemplateError(CausalError):
    """A template id that the library does not hold."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"unknown template {name!r}{hint}")
        self.name = name
        self.near = near


class NetworkTooWideError(CausalError):
    """Exact inference would need tables larger than the stated width."""

    def __init__(self, width: int, limit: int) -> None:
        super().__init__(f"the network has tree width {width}, above the limit {limit}")
        self.width = width
        self.limit = limit


class InvalidGraphError(CausalError):
    """A causal graph that is none, or that lacks what is asked of it; the message says what to change."""


class InvalidTableError(CausalError):
    """A table of series that cannot be read; the message names the table, the column and what to change."""
