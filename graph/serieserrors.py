"""Why a series could not be stored or read.

They stand apart from graph/errors.py only because the store does without the graph server.
"""

from __future__ import annotations

from graph.errors import GraphError


class InvalidSeriesError(GraphError):
    """A series, or rows of one, that the store does not take; the message says what to change."""

    def __init__(self, series: str, message: str) -> None:
        super().__init__(f"series {series!r}: {message}")
        self.series = series


class BrokenSeriesError(GraphError):
    """A stored series whose files are missing or unreadable; to be imported again."""

    def __init__(self, series: str, message: str) -> None:
        super().__init__(f"series {series!r} is broken: {message}; import it again")
        self.series = series
