"""Questions of the graph as it stands now, as at one instant before every write that is under way."""

from __future__ import annotations

from dataclasses import replace

from api.ask import Ask
from graph.store import GraphReader


async def at_present(ask: Ask, reader: GraphReader, given: object = None) -> Ask:
    """The same question, which reads one state of the graph in all of its statements.

    It stays as it is where an `as_at` was `given`. What is asked by all that is known by now is so asked of that
    instant too. Raises `GraphUnavailableError`.
    """
    if given is not None:
        return ask
    present = await reader.present()
    by_now = ask.as_of == ask.as_at  # neither was given
    return replace(ask, as_at=present, as_of=max(ask.as_of, present) if by_now else ask.as_of)
