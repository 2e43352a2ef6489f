"""What goes over the wire of attributions, counterfactuals and root causes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Listing, Name, When
from api.schemas_section import Section
from api.schemas_shares import ChecksBody, EdgeBody, SharesBody

MOST_EDGES, MOST_CHANGES = 2_000, 20
Arrow = Annotated[tuple[Name, Name], Field(description="a cause and its effect")]
_MOVE: dict[str, Any] = {"instrument": "btcusd", "on": "2026-02-05"}
ATTRIBUTION_EXAMPLES: dict[str, Example] = {
    "joint": Example(summary="under the graph that joins all stories", value=_MOVE),
    "story": Example(summary="under the graph of one story", value={**_MOVE, "narrative": "T12", "checks": "fast"}),
    "given": Example(
        summary="under a graph of one's own", value={**_MOVE, "graph": [["ndx", "igv"], ["igv", "btcusd"]]}
    ),
}
COUNTERFACTUAL_EXAMPLES: dict[str, Example] = {
    "value": Example(summary="had software shares not moved", value={**_MOVE, "changes": [{"node": "igv", "to": 0}]}),
    "step": Example(summary="without a step of a story", value={**_MOVE, "narrative": "T12", "step": 2}),
}
ROOT_CAUSE_EXAMPLES: dict[str, Example] = {
    "chain": Example(
        summary="three series",
        value={
            "graph": [["load", "latency"], ["latency", "errors"]],
            "target": "errors",
            "normal": {"load": [1, 2, 1, 2], "latency": [5, 6, 5, 7], "errors": [0, 1, 0, 0]},
            "anomalous": {"load": [1, 2], "latency": [50, 60], "errors": [9, 8]},
        },
    )
}


class MoveAsk(BaseModel):
    """Which move, and by which clocks: an instrument with its dates, or a case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instrument: Name | None = Field(default=None, description="id, symbol or name of the instrument that moved")
    start: When | None = Field(default=None, description="the close from which the move runs")
    end: When | None = Field(default=None, description="the close to which it runs")
    on: When | None = Field(default=None, description="one day instead: from the close before to the close of it")
    case: Name | None = Field(default=None, description="id of a case; alone it means the case's own move")
    no_case: bool = Field(default=False, description="leave cases out: their moves, stories and facts")
    as_of: When | None = Field(default=None, description="use only what was known by then; now when left out")
    as_at: When | None = Field(default=None, description="use the graph as it stood then; now when left out")


class AttributionRequest(MoveAsk):
    """A move whose shares are wanted, under the joint graph, one narrative's, or a given one."""

    narrative: Name | None = Field(default=None, description="under the graph of this narrative alone")
    graph: list[Arrow] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_EDGES,
        description="under these arrows; ends are nodes, subjects or series, and what moved",
    )
    checks: Literal["none", "fast", "all"] = Field(
        default="none", description="check the graph by DoWhy: what takes a second (`fast`), or everything"
    )


class AttributedMove(Section):
    """The move that was shared out."""

    id: str
    instrument: str
    start: str
    end: str
    return_: float | None = Field(alias="return", description="a fraction, as `return_is` says")
    return_is: Literal["relative", "difference"] = Field(
        description="`relative` to the value before; `difference`: by what a yield or a spread rose, .01 is one point"
    )


class AttributionBody(Section):
    """The shares of a move under a graph."""

    move: AttributedMove
    as_of: str
    as_at: str
    shares: SharesBody
    checks: ChecksBody | None


class ChangeBody(BaseModel):
    """A series at another value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: Name = Field(description="node, subject or series")
    to: float | None = Field(
        default=None,
        allow_inf_nan=False,
        ge=-1e12,
        le=1e12,
        description="its value, in its own unit; as on a usual day when left out",
    )


class CounterfactualRequest(MoveAsk):
    """What is supposed of a move: values that are changed, or a step of a narrative left out."""

    changes: list[ChangeBody] = Field(default_factory=list, max_length=MOST_CHANGES)
    narrative: Name | None = Field(default=None, description="the narrative whose step is left out")
    step: int | None = Field(default=None, ge=1, le=1000, description="the number of that step")
    outcome: Name | None = Field(default=None, description="the series that is asked after; the move when left out")
    store: bool = Field(default=True, description="keep it as a scenario (201), or only answer (200)")


class CounterfactualBody(Section):
    """An estimate with its 5 to 95 % interval under the graph of `edges`, or why it is not identifiable."""

    id: str | None = Field(description="of the scenario, where it was kept")
    move: AttributedMove
    as_of: str
    as_at: str
    kind: Literal["without_step", "changed_values"]
    narrative: str | None
    step: int | None
    changes: list[str]
    outcome: str
    unit: str | None
    identifiable: bool
    actual: float | None
    estimate: float | None
    low: float | None
    high: float | None
    rows: int | None
    not_identifiable: str | None
    edges: list[EdgeBody]


class ScenarioBody(Section):
    """A scenario as it was kept."""

    id: str
    kind: str
    changes: list[str]
    estimate: float | None
    low: float | None
    high: float | None
    identifiable: bool | None


class ScenarioRow(ScenarioBody):
    """A scenario in the list of them."""

    explanation: str | None = Field(description="id of the explanation that it hangs on")


class ScenarioList(Listing):
    """A page of scenarios."""

    items: list[ScenarioRow]


Columns = Annotated[
    dict[Name, list[Annotated[float, Field(allow_inf_nan=False)] | None]],
    Field(min_length=1, max_length=2_000, description="series by node; null is a missing value"),
]


class RootCauseRequest(BaseModel):
    """A causal graph, its series in normal and in anomalous time, and the node whose anomaly is asked after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    graph: list[Arrow] = Field(min_length=1, max_length=MOST_EDGES)
    normal: Columns
    anomalous: Columns
    target: Name


class NodeEvidenceBody(Section):
    """What the series of a node showed, as surprises (about 1 where nothing happened)."""

    kind: str
    sign: int
    before: float
    during: float
    scale: float
    surprise: float
    unexplained: float | None
    onset: int | None
    prepared: str


class RootCauseBody(Section):
    """A node with its posterior of being a root cause."""

    node: str
    rank: int
    posterior: float
    prior: float
    changed: float
    reach: float
    own_bits: float
    evidence: NodeEvidenceBody | None
    note: str | None


class EdgeVerdictBody(Section):
    """Whether the anomaly travelled along an arrow."""

    cause: str
    effect: str
    posterior: float
    verdict: Literal["travelled", "did not travel", "open", "untested"]
    lag: int | None
    slope: float | None


class RootCausesBody(Section):
    """Every node, the likeliest root cause first, and every arrow."""

    target: str
    target_surprise: float
    nodes: list[RootCauseBody]
    edges: list[EdgeVerdictBody]
    unseen: list[str]
    ignored_columns: list[str]
    taken_as_certain: list[str]
    normal_rows: int
    anomalous_rows: int
    tree_width: int
