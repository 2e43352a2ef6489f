"""Leads a request straight to the few routes that its address can mean.

The framework asks one included router after another, and each of its routes, whether an address is theirs; most of a
small request went into that. Whatever no signpost leads to goes the framework's way: what is not found, methods that a
route does not have, and redirects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.params import Depends
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.parameters import check, names_of

Led = tuple[BaseRoute, frozenset[str] | None]  # a route, and the query parameters that it takes
Signs = Mapping[tuple[str, str, int], Sequence[Led]]


def put_up(app: FastAPI, routers: Iterable[APIRouter], dependencies: Sequence[Depends]) -> None:
    """Include every route of the routers in the application, in order, and lead to them."""
    signs: dict[tuple[str, str, int], list[Led]] = {}
    for router in routers:
        for route in router.routes:
            before = len(app.router.routes)
            app.include_router(APIRouter(routes=[route]), dependencies=dependencies)
            path = getattr(route, "path", "{")
            sign = _sign(path)
            if not any("{" in str(part) for part in sign) and ":path}" not in path:
                signs.setdefault(sign, []).extend((one, names_of(route)) for one in app.router.routes[before:])
    # where the framework puts the middleware of a router
    app.router.middleware_stack = Signposts(app.router.middleware_stack, signs)


class Signposts:
    """ASGI middleware of a router: hands a request to the route that is found by its sign.

    Parameters that the route does not take are refused.
    """

    def __init__(self, app: ASGIApp, signs: Signs) -> None:
        self.app = app
        self._signs = signs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not scope.get("root_path"):
            for route, known in self.candidates(scope["path"]):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    if known is not None and scope.get("query_string"):
                        check(scope["query_string"], known)
                    await route.handle(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    def candidates(self, path: str) -> Sequence[Led]:
        """The routes that an address may mean, in their order; none where no sign is up for it."""
        return self._signs.get(_sign(path), ())


def _sign(path: str) -> tuple[str, str, int]:
    """The first two parts of an address, and how many it has."""
    parts = path.split("/", 3)
    return (parts[1] if len(parts) > 1 else "", parts[2] if len(parts) > 2 else "", path.count("/"))
