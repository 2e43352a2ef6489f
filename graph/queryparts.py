"""What goes over the pipe between the service and a process that runs queries: orders out, parts of answers back."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from graph.cyphervalues import Rich
from graph.errors import GraphError

HEAD = struct.Struct(">I")  # before each message: its length in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """Bounds of one query: rows, bytes of the answer as JSON (about), and seconds until it is ended."""

    rows: int = 10_000
    bytes: int = 10_000_000
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One query to run; `tag` stands in its text and its metadata, so that the server can be told to end it."""

    text: str
    tag: str
    params: Mapping[str, object]
    limits: QueryLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of an answer: its fields with the plan (once, first), rows and their size, what cuts it, the end."""

    fields: tuple[str, ...] = ()
    plan: str | None = None
    rows: tuple[list[Rich], ...] = ()
    bytes: int = 0
    cut: str | None = None
    whole: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a query could not be answered: the error, and what the server said where it said something."""

    error: GraphError
    said: str | None


def framed(message: object) -> bytes:
    """A message as it goes over the pipe: its length, then itself."""
    content = pickle.dumps(message)
    return HEAD.pack(len(content)) + content
