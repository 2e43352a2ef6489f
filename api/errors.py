"""Why a request could not be served, as far as the ways in themselves are concerned.

ApiError
├── InvalidAskError        a question that cannot be asked so: which field, why, and what to write instead
├── UnknownCursorError     a page marker that this list did not hand out
├── UnknownResourceError   an id under which nothing is kept (proposes near ones)
└── InvalidSettingsError   an environment variable that does not hold together (stops the start)
"""

from __future__ import annotations


class ApiError(Exception):
    """Root of everything this package raises."""


class InvalidAskError(ApiError):
    """A question that cannot be asked so; `field` is the name of the field at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnknownCursorError(ApiError):
    """A page marker that this list did not hand out; ask again without a cursor."""


class UnknownResourceError(ApiError):
    """An id under which nothing is kept; `near` proposes ids that are kept."""

    def __init__(self, kind: str, name: str, near: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"unknown {kind} {name!r}{hint}")
        self.kind = kind
        self.name = name
        self.near = near


class InvalidSettingsError(ApiError):
    """An environment variable that does not hold together; `name` is the variable."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
