"""Which scope each route asks for, said where the route stands.

A router says it once (`router = needs("read")(APIRouter(...))`), a route that asks for another one says so above its
function. A route that says nothing asks for `admin`, and a test refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.scopes import Scope

_MARK = "__scope__"
Marked = TypeVar("Marked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A route with the scope that it asks for: None where it says nothing."""

    route: APIRoute
    scope: str | None


def needs(scope: Scope | Literal["public"]) -> Callable[[Marked], Marked]:
    """Say of a router, or of the function of a route, which scope it asks for."""

    def mark(marked: Marked) -> Marked:
        setattr(marked, _MARK, scope)
        return marked

    return mark


def guarded_routes(routers: Iterable[APIRouter]) -> Iterator[Guarded]:
    """Every route with its scope: its own, else that of its router."""
    for router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            scope = getattr(route.endpoint, _MARK, None) or getattr(router, _MARK, None)
            yield Guarded(route=route, scope=scope)


def scope_table(routers: Iterable[APIRouter]) -> dict[Any, str]:
    """The scope of each route by its function, `admin` where it says nothing."""
    return {one.route.endpoint: one.scope or "admin" for one in guarded_routes(routers)}
