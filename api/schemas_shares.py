"""The shares of a move, what would have been, and checks of their graph, as named wire models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas_section import Section


class NamedByBody(Section):
    """A step of a narrative that names a series."""

    narrative: str
    step: int


class EdgeBody(Section):
    """One arrow of the graph: ends are nodes, or what moved."""

    cause: str
    effect: str


class ShareBody(Section):
    """What one series brought beyond its causes, in the unit of the move, with the 5 to 95 % interval."""

    node: str
    series: str
    subject: str
    indicator: str
    unit: str
    value: float = Field(description="what it did in the move, in its own unit")
    beyond_causes: float = Field(description="the part of that which its causes do not account for, in its own unit")
    effect: float = Field(description="what one unit of it does to what moved, over all paths")
    share: float
    low: float
    high: float
    named_by: list[NamedByBody]


class IntervalBody(Section):
    """A share with its 5 to 95 % interval."""

    share: float
    low: float
    high: float


class PathShareBody(Section):
    """The part that the first node brought along one path."""

    path: list[str]
    share: float
    low: float
    high: float


class StoryShareBody(Section):
    """What the steps of one story brought under its own graph, or why that cannot be told."""

    narrative: str
    nodes: list[str]
    share: float | None
    low: float | None
    high: float | None
    rows: int | None
    not_identifiable: str | None


class SetAsideBody(Section):
    """A series that cannot be a cause here, and why."""

    id: str
    series: str
    why: str
    named_by: list[NamedByBody]


class SharesBody(Section):
    """Where the move came from under a graph: move - mean = shares of nodes + unexplained."""

    target: str
    unit: str | None
    move: float | None
    mean: float | None
    rows: int | None = Field(description="the least that a mechanism was fitted on")
    not_identifiable: str | None = Field(description="why there are no shares")
    nodes: list[ShareBody]
    unexplained: IntervalBody | None
    paths: list[PathShareBody] = Field(description="those that brought most")
    path_count: int
    edges: list[EdgeBody]
    stories: list[StoryShareBody]
    aside: list[SetAsideBody]


class CheckResultBody(Section):
    """One check of the graph, or of the effect of one of its nodes, by DoWhy."""

    name: str
    subject: str = Field(description="a node, or `graph`")
    outcome: Literal["passed", "failed", "open", "not run"]
    words: str
    statistic: float | None
    p: float | None
    low: float | None
    high: float | None
    n: int | None = Field(description="rows that were used")
    seconds: float | None = Field(description="CPU that it took")
    seed: int | None
    parts: dict[str, float]


class ChecksBody(Section):
    """What was checked within a budget of seconds."""

    state: Literal["done", "cut short", "not run"]
    budget_s: float
    why: str | None
    results: list[CheckResultBody]
