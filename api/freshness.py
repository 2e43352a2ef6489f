"""Whether what was made of the graph and the library still holds: their state, looked at when somebody wants to know.

The graph has a version that every write changes (`graph.graphversion`). It is asked for at most every `LOOK_SECONDS`,
by one request for all: what another process writes is seen that much later, what this one writes at once. Nothing is
asked while nobody asks. The same look tells the instant before all writes that are under way, as at which requests
read that ask for no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from fastapi import APIRouter

from api.guarding import guarded_routes
from graph.errors import GraphUnavailableError, QueryOverBudgetError, QueryRefusedError

if TYPE_CHECKING:
    from api.deps import Services

LOOK_SECONDS = 0.2
LIFE_SECONDS = 2.0
AGAIN_SECONDS = 2.0  # a graph that does not answer is not asked by every request first
Matter = Literal["graph", "library", "itself"]
_MARK = "__made_of__"
Route = TypeVar("Route", bound=Callable[..., object])


def made_of(matter: Matter) -> Callable[[Route], Route]:
    """Say of the function of a route, below its decorator, that its answer is made of this and of its address alone.

    `graph`: of the graph, with or without the library; `library`: of templates; `itself`: named by what it says.
    Its address has to end in its one parameter.
    """

    def mark(route: Route) -> Route:
        setattr(route, _MARK, matter)
        return route

    return mark


def is_of_library(endpoint: object) -> bool:
    """Whether the function of a route says that its answer is made of templates alone."""
    return getattr(endpoint, _MARK, None) == "library"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where answers of one route lie: their function, and what they are made of."""

    endpoint: object
    matter: Matter


def places_of(routers: Iterable[APIRouter]) -> dict[str, Place]:
    """The routes that say what they are made of, by their address up to the last slash."""
    places = {}
    for one in guarded_routes(routers):
        matter = getattr(one.route.endpoint, _MARK, None)
        if matter is not None:
            before, _, last = one.route.path.rpartition("/")
            assert "{" not in before, f"{one.route.path} has a parameter before its end"
            assert last.startswith("{"), f"{one.route.path} does not end in its parameter"
            places[before] = Place(endpoint=one.route.endpoint, matter=matter)
    return places


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the graph and the library were at one look; the same object as long as they stay the same."""

    version: int | None
    library: object


@dataclass(slots=True, kw_only=True)
class Freshness:
    """The state of graph and library; `services` stands once the application has started."""

    services: Services | None = None
    clock: Callable[[], float] = time.monotonic
    _graph: State | None = None
    _library: State | None = None
    _looked: dict[Matter, float] = field(default_factory=dict)
    _seen: tuple[int, int] = (0, 0)
    _forgotten: int = 0
    _present: datetime | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def forget(self) -> None:
        """Look again before anything is held to be as it was."""
        self._forgotten += 1

    async def look(self, matter: Matter) -> State | None:
        """The state now, at most `LOOK_SECONDS` old; None where it cannot be known."""
        services = self.services
        if services is None:
            return None
        oldest = self.clock() - LOOK_SECONDS
        if matter == "library":
            return self._look_at_library(services, oldest)
        if self._holds(services, oldest):
            return self._graph
        async with self._one:
            if not self._holds(services, oldest):
                await self._ask(services)
        return self._graph

    async def present(self, arrived: float) -> datetime:
        """The instant to read the graph as at, by a look taken since `arrived`, of the clock; now where it is down.

        What was acknowledged to anybody by then is seen.
        """
        services = self.services
        if services is not None and not self._looked_since(services, arrived):
            async with self._one:  # whoever waits here together is answered by one look
                if not self._looked_since(services, arrived):
                    await self._ask(services)
        return self.last_present

    @property
    def last_present(self) -> datetime:
        """The same by the last look that was taken."""
        return self._present or datetime.now(UTC)

    def _looked_since(self, services: Services, instant: float) -> bool:
        return self._looked.get("graph", instant - 1) >= instant and self._seen == self._seen_now(services)

    def _seen_now(self, services: Services) -> tuple[int, int]:
        return self._forgotten, services.store.writes

    def _look_at_library(self, services: Services, oldest: float) -> State:
        if self._looked.get("library", oldest) <= oldest:
            self._looked["library"] = self.clock()
            services.look()
        if self._library is None or self._library.library is not services.knowledge:
            self._library = State(None, services.knowledge)
        return self._library

    def _holds(self, services: Services, oldest: float) -> bool:
        """Whether the state of the graph was looked at since then, and nothing was written or taken in here since."""
        return (
            self._looked.get("graph", oldest) > oldest
            and self._seen == self._seen_now(services)
            and (self._graph is None or self._graph.library is services.knowledge)
        )

    async def _ask(self, services: Services) -> None:
        began, seen, before = self.clock(), self._seen_now(services), self._graph
        services.look()
        library, version, self._present = services.knowledge, None, None
        try:
            moment = await services.store.moment()
            version, self._present = moment.version, services.store.present_of(moment)
        except (GraphUnavailableError, QueryOverBudgetError, QueryRefusedError):
            began += AGAIN_SECONDS - LOOK_SECONDS
        if version is None:
            self._graph = None
        elif before is None or (before.version, before.library) != (version, library):
            self._graph = State(version, library)
        self._looked["graph"], self._seen = began, seen
