"""Routes and what they depend on run in the event loop: a plain function hops through a thread for each request."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant

from api.app import ROUTERS
from api.guarding import guarded_routes


def called(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """The function of a route, or of a dependency, and those of all that it depends on."""
    if dependant.call is not None:
        yield dependant.call
    for inner in dependant.dependencies:
        yield from called(inner)


def test_no_route_nor_anything_that_one_depends_on_runs_in_a_thread() -> None:
    functions = {one for guarded in guarded_routes(ROUTERS) for one in called(guarded.route.dependant)}
    assert len(functions) > 50
    plain = [
        one.__qualname__
        for one in functions
        if not inspect.iscoroutinefunction(one) and not inspect.isasyncgenfunction(one)
    ]
    assert plain == []
