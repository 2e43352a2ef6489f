"""What goes over the pipe between the service and a process that computes: work out, steps and answers back."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.computations import Work
from api.errors import ApiError
from api.settings import Settings
from causal.errors import CausalError
from graph.childprocess import frame
from graph.endpoint import Endpoint
from graph.errors import GraphError
from ingest.errors import IngestError

OURS = (ApiError, CausalError, GraphError, IngestError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a process works: the settings of the service, and the graph that it found."""

    settings: Settings
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A piece of work under a number; `bound` stands in each line of its log."""

    number: int
    work: Work[Any]
    bound: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Nobody waits for this number any more."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The process has read what ships, and takes orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step of the work of a number."""

    number: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a number: an answer or a failure, and the milliseconds of its parts."""

    number: int
    answer: Any = None
    failure: Failure | None = None
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error on its way through a pipe: its class, what it holds, and where it was raised.

    Pickling an exception calls its class with the message alone, which ours do not all take.
    """

    kind: type[Exception]
    arguments: tuple[Any, ...]
    state: Mapping[str, Any]
    trace: str

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """An error as it goes over the pipe; one that is not ours goes as its words."""
        trace = "".join(traceback.format_exception(error))
        if isinstance(error, OURS):
            return cls(kind=type(error), arguments=error.args, state=error.__dict__, trace=trace)
        return cls(kind=RuntimeError, arguments=(f"{type(error).__name__}: {error}",), state={}, trace=trace)

    def error(self) -> Exception:
        """The same error, with its trace in the other process as its cause."""
        made = self.kind.__new__(self.kind, *self.arguments)
        made.__dict__.update(self.state)
        made.__cause__ = ElsewhereError(self.trace)
        return made


class ElsewhereError(Exception):
    """What was raised in the process that computes, as text; the cause of what is raised here."""

    def __str__(self) -> str:
        """The trace, on lines of its own."""
        return f"\n{self.args[0]}"


def framed(message: object) -> bytes:
    """A message as it goes over the pipe: its length, then itself."""
    return frame(pickle.dumps(message))
