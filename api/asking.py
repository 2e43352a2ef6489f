"""Questions of the graph as it stands now, as at one instant before every write that is under way."""

from __future__ import annotations

from dataclasses import replace

from api.ask import Ask
from graph.store import GraphReader


async def at_present(ask: Ask, reader: GraphReader, given: object = None) -> Ask:
    """The same question, which reads one state of the graph in all of its statements.

    It stays as it is where an `as_at` was `given`. Raises `GraphUnavailableError`.
    """
    return ask if given is not None else replace(ask, as_at=await reader.present())
