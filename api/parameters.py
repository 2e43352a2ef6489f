"""Refuses query parameters that an address does not take, as bodies refuse fields that they do not know.

A filter or a clock that is misspelt and passed over would give another answer than the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.errors import InvalidAskError

PREFIX = "/v1/"


def names_of(route: object) -> frozenset[str] | None:
    """The query parameters that a route takes, those of its dependencies included; None where it may take any."""
    if not isinstance(route, APIRoute) or not route.path.startswith(PREFIX):
        return None
    return frozenset(_names(route.dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (str(one.alias) for one in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)


def check(query: bytes, known: frozenset[str]) -> None:
    """Raises InvalidAskError for the first parameter of a query string that is not known."""
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            near = get_close_matches(name, sorted(known), n=3)
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            hint = f"did you mean {', '.join(near)}?" if near else takes
            raise InvalidAskError(name[:100], f"this address takes no such parameter; {hint}")
