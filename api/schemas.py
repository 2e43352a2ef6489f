"""What goes over the wire beside the explanation itself: the request, the lists, the problems.

Requests refuse fields that they do not know; every model has a name, so that generated clients read well.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=200)]
When = Annotated[
    str,
    Field(min_length=1, max_length=40, description="a date (2026-02-05), or an instant with its zone"),
]
ASK_EXAMPLES: dict[str, Example] = {
    "dates": Example(
        summary="an instrument and its dates",
        value={"instrument": "btcusd", "start": "2026-02-04", "end": "2026-02-05"},
    ),
    "day": Example(summary="an instrument and a day", value={"instrument": "btcusd", "on": "2026-02-05"}),
    "case": Example(
        summary="a case by what was known a week later, not stored",
        value={"case": "2026-02-05-bitcoin-flash-crash", "as_of": "2026-02-12T00:00:00Z", "store": False},
    ),
    "checked": Example(
        summary="with the quick checks of the structural model, for ten seconds at most",
        value={"instrument": "btcusd", "on": "2026-02-05", "checks": "fast", "check_seconds": 10},
    ),
}


class ExplanationRequest(BaseModel):
    """Which move to explain, and by which clocks: an instrument with its dates, or a case."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instrument: Name | None = Field(default=None, description="id, symbol or name of the instrument that moved")
    start: When | None = Field(default=None, description="the close from which the move runs")
    end: When | None = Field(default=None, description="the close to which it runs")
    on: When | None = Field(default=None, description="one day instead: from the close before to the close of it")
    case: Name | None = Field(default=None, description="id of a case; alone it means the case's own move")
    no_case: bool = Field(default=False, description="leave cases out: their moves, stories and facts")
    as_of: When | None = Field(default=None, description="use only what was known by then; now when left out")
    as_at: When | None = Field(default=None, description="use the graph as it stood then; now when left out")
    store: bool = Field(default=True, description="keep the explanation in the graph (201), or only answer (200)")
    checks: Literal["none", "fast", "all"] = Field(
        default="none",
        description="check the structural model by DoWhy: what takes a second (`fast`), or all of it, as a job (`all`)",
    )
    check_seconds: float | None = Field(
        default=None, gt=0, le=3600, description="how long checks may take; never longer than the service allows"
    )


class Row(BaseModel):
    """What all rows of lists share: fields that are not listed here are refused by the tests."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TemplateRow(Row):
    """One narrative template of the library."""

    id: str
    origin: Literal["bundled", "own"]
    version: str
    title: str
    summary: str
    slots: list[str]
    move_direction: Literal["down", "up", "any"]
    roles: list[str]
    steps: list[str]
    references: list[str]


class NarrativeRow(Row):
    """One narrative of the graph: a case's own, or a template bound to a move."""

    id: str
    title: str
    summary: str | None
    slot: str | None
    origin: str | None
    case: str | None
    template: str | None
    move: str | None


class InstrumentRow(Row):
    """One instrument of the graph."""

    id: str
    name: str
    kind: str
    symbol: str | None
    asset_class: str | None
    aliases: list[str]


class EventRow(Row):
    """One event of the graph, as it was known by the clocks of the request."""

    id: str
    kind: str | None
    title: str
    summary: str | None
    valid_from: str | None
    valid_to: str | None
    known_at: str
    known_at_precision: str | None
    grade: str | None
    credibility: int | None


class Listing(BaseModel):
    """What all lists share: the clocks they were read by, and the marker of the next page (null on the last)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str
    as_at: str
    next_cursor: str | None


class TemplateList(Listing):
    """One page of templates."""

    items: list[TemplateRow]


class NarrativeList(Listing):
    """One page of narratives."""

    items: list[NarrativeRow]


class InstrumentList(Listing):
    """One page of instruments."""

    items: list[InstrumentRow]


class EventList(Listing):
    """One page of events."""

    items: list[EventRow]


class FaultBody(BaseModel):
    """One place in the request that is at fault."""

    pointer: str = Field(description="JSON pointer into the request")
    detail: str
    near: list[str] | None = Field(default=None, description="names that exist and look alike")
    line: int | None = Field(default=None, description="line in a text such as a query, from 1")
    column: int | None = Field(default=None, description="column in it, from 1")


class ProblemBody(BaseModel):
    """Why a request failed (RFC 9457)."""

    type: str = Field(description="address of a page about this kind of problem")
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="stable name of this kind of problem")
    request_id: str
    errors: list[FaultBody]


class ProblemPage(BaseModel):
    """What one kind of problem means."""

    type: str
    title: str
    status: int
    code: str
    text: str


class Health(BaseModel):
    """That the process is up."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether the service can answer, check by check."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str]
