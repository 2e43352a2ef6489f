"""What the routes receive: the services of this process, made once when it starts.

What gives it to them is async throughout, though it waits for nothing: the framework runs a plain function in a thread,
which costs as much as the rest of a small request.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from api.clocks import chosen, chosen_of, instant_of
from api.computations import Result, Tell, Work, quietly
from api.computing import Computing
from api.dates import write_instant
from api.freshness import Freshness, is_of_library
from api.graphs import create_schema_once, open_series
from api.knowledge import Knowledge
from api.lasting import ARRIVED
from api.own_templates import OwnTemplates
from api.paging import DEFAULT_LIMIT, MOST, Page, page_of
from api.settings import Settings
from graph.analysts import Analysts
from graph.errors import GraphUnavailableError
from graph.reading import Clocks
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore


@dataclass(slots=True, kw_only=True)
class Services:
    """The graph and the library; `schema_ready` turns true once, as the graph may come up after this process.

    `queries` is the way of analysts' Cypher, None where none was opened; `graph_said` and `asked_at` keep the last
    answer to the readiness check. Without `computing` what is heavy is computed in this process.
    """

    settings: Settings
    knowledge: Knowledge
    store: GraphStore
    queries: Analysts | None = None
    schema_ready: bool = False
    asked_at: float | None = None
    graph_said: str = ""
    own: OwnTemplates | None = None
    computing: Computing | None = None
    freshness: Freshness = field(default_factory=Freshness)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _series: SeriesStore | None = None

    def __post_init__(self) -> None:
        """The state that is looked at is that of these services."""
        self.freshness.services = self

    async def present(self, arrived: float | None = None) -> datetime:
        """The instant to read the graph as at where none is asked for: see `GraphStore.present`; now where it is down.

        `arrived`: when whoever asks came, by the clock of `freshness`; now where nothing is given.
        """
        return await self.freshness.present(self.freshness.clock() if arrived is None else arrived)

    def series(self) -> SeriesStore | None:
        """The numeric series, kept open from the first time that there are any."""
        if self._series is None:
            self._series = open_series(self.settings)
        return self._series

    def own_ids(self) -> frozenset[str]:
        """The ids of the user's own templates."""
        return frozenset() if self.own is None else self.own.ids

    def look(self) -> None:
        """Take in what another process changed in the folder of own templates; one look at the folder."""
        if self.own is not None:
            self.knowledge = self.own.looked_into(self.knowledge)

    async def graph(self) -> GraphStore:
        """The store, with its schema made. Raises GraphUnavailableError."""
        async with self._one:
            if not self.schema_ready:
                await create_schema_once(self.store, self.settings)
                self.schema_ready = True
        return self.store

    async def compute(self, work: Work[Result], tell: Tell = quietly, *, patient: bool = False) -> Result:
        """Have work done, where the processes for it are; a `patient` caller waits however much waits already.

        Raises what the work and `Computing.do` raise.
        """
        if self.computing is None:
            return await work.run(self, tell)
        if work.reads:
            await self.graph()
        return await self.computing.do(work, tell, patient=patient)

    def analysts(self) -> Analysts:
        """The way of analysts' Cypher. Raises GraphUnavailableError where there is none."""
        if self.queries is None:
            raise GraphUnavailableError("this service was started without a graph for analysts")
        return self.queries


async def _services(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    services.look()
    return services


AS_OF = "use only what was known by then: an instant with its zone, or a date; now when left out"
AS_AT = "use the graph as it stood then; now when left out"
GivenServices = Annotated[Services, Depends(_services)]


async def _present(request: Request) -> datetime:
    services: Services = request.app.state.services
    return await services.present(request.scope.get(ARRIVED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocked:
    """The two clocks of a read of one resource; `as_of` as it was asked for, None where it was left out."""

    clocks: Clocks
    asked_as_of: str | None

    def headers(self) -> dict[str, str]:
        """The echo of the clocks; the body has none, so that it stays the same as long as the resource does."""
        return {"X-As-Of": write_instant(self.clocks.as_of), "X-As-At": write_instant(self.clocks.as_at)}


async def _clocked(
    request: Request,
    as_of: Annotated[str | None, Query(max_length=40, description=AS_OF)] = None,
    as_at: Annotated[str | None, Query(max_length=40, description=AS_AT)] = None,
) -> Clocked:
    clocks = (
        chosen(as_of, as_at)
        if is_of_library(request.scope.get("endpoint"))
        else await chosen_of(as_of, as_at, partial(_present, request))
    )
    return Clocked(clocks=clocks, asked_as_of=None if as_of is None else write_instant(clocks.as_of))


GivenClocks = Annotated[Clocked, Depends(_clocked)]


UPDATED_SINCE = "only what was recorded after this instant, or date"


def paged(resource: str, *filters: str, updates: bool = False, recorded: bool = True) -> Any:
    """A dependency that reads the part of the list `resource` that a request asks for, as a `Page`.

    `filters` are the query parameters that narrow the list; its cursors are bound to them. With `updates` the list can
    be narrowed to what was recorded after an instant, too; one that is not `recorded` is none of the graph.
    """

    async def page(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MOST, description="rows of a page")] = DEFAULT_LIMIT,
        cursor: Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before")] = None,
        as_of: Annotated[str | None, Query(max_length=40, description=AS_OF)] = None,
        as_at: Annotated[str | None, Query(max_length=40, description=AS_AT)] = None,
    ) -> Page:
        names = (*filters, "updated_since")
        asked = sorted((name, request.query_params[name]) for name in names if name in request.query_params)
        asks = recorded and as_at is None and cursor is None
        present = await _present(request) if asks else None
        name = f"{resource}?{urlencode(asked)}"
        return page_of(name, limit=limit, cursor=cursor, as_of=as_of, as_at=as_at, present=present)

    inner = Depends(page)

    async def updated(
        found: Page = inner,
        updated_since: Annotated[str | None, Query(max_length=40, description=UPDATED_SINCE)] = None,
    ) -> Page:
        return replace(found, updated_since=instant_of("updated_since", updated_since))

    return Depends(updated if updates else page)
