"""What the routes receive: the services of this process, made once when it starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request

from api.graphs import create_schema_once, open_series
from api.knowledge import Knowledge
from api.paging import DEFAULT_LIMIT, MOST, Page, page_of
from api.settings import Settings
from graph.analysts import Analysts
from graph.errors import GraphUnavailableError
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore


@dataclass(slots=True, kw_only=True)
class Services:
    """The graph and the library; `schema_ready` turns true once, as the graph may come up after this process.

    `queries` is the way of analysts' Cypher, None where none was opened; `graph_said` and `asked_at` keep the last
    answer to the readiness check.
    """

    settings: Settings
    knowledge: Knowledge
    store: GraphStore
    queries: Analysts | None = None
    schema_ready: bool = False
    asked_at: float | None = None
    graph_said: str = ""
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _series: SeriesStore | None = None

    def series(self) -> SeriesStore | None:
        """The numeric series, kept open from the first time that there are any."""
        if self._series is None:
            self._series = open_series(self.settings)
        return self._series

    async def graph(self) -> GraphStore:
        """The store, with its schema made. Raises GraphUnavailableError."""
        async with self._one:
            if not self.schema_ready:
                await create_schema_once(self.store, self.settings)
                self.schema_ready = True
        return self.store

    def analysts(self) -> Analysts:
        """The way of analysts' Cypher. Raises GraphUnavailableError where there is none."""
        if self.queries is None:
            raise GraphUnavailableError("this service was started without a graph for analysts")
        return self.queries


def _services(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


_AS_OF = "use only what was known by then: an instant with its zone, or a date; now when left out"
_AS_AT = "use the graph as it stood then; now when left out"
GivenServices = Annotated[Services, Depends(_services)]


def paged(resource: str) -> Any:
    """A dependency that reads the part of the list `resource` that a request asks for, as a `Page`."""

    def page(
        limit: Annotated[int, Query(ge=1, le=MOST, description="rows of a page")] = DEFAULT_LIMIT,
        cursor: Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before")] = None,
        as_of: Annotated[str | None, Query(max_length=40, description=_AS_OF)] = None,
        as_at: Annotated[str | None, Query(max_length=40, description=_AS_AT)] = None,
    ) -> Page:
        return page_of(resource, limit=limit, cursor=cursor, as_of=as_of, as_at=as_at)

    return Depends(page)
