"""What goes over the wire for analysts' Cypher."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas import When
from graph.analysts import QueryLimits

_MOST = QueryLimits()
CYPHER_EXAMPLES: dict[str, Example] = {
    "leading": Example(
        summary="which narratives lead",
        value={
            "query": "MATCH (e:Explanation)-[s:SCORED]->(n:Narrative) WHERE s.rank = $rank "
            "RETURN e.id AS explanation, n.title AS narrative, s.posterior AS posterior",
            "params": {"rank": 1},
        },
    ),
    "known": Example(
        summary="what was known by an instant",
        value={
            "query": "MATCH (o:Observation) WHERE o.known_at <= $as_of "
            "RETURN o.statement AS statement, o.known_at AS known_at ORDER BY known_at DESC LIMIT 20",
            "as_of": "2026-02-05T21:00:00Z",
            "limits": {"seconds": 5},
        },
    ),
}


class CypherLimits(BaseModel):
    """Bounds of one query; what passes them is cut, and `truncated` says so."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rows: Annotated[int, Field(ge=1, le=_MOST.rows)] = _MOST.rows
    bytes: Annotated[int, Field(ge=1, le=_MOST.bytes, description="about the size of the answer as JSON")] = _MOST.bytes
    seconds: Annotated[float, Field(gt=0, le=_MOST.seconds, allow_inf_nan=False)] = _MOST.seconds


class CypherRequest(BaseModel):
    """One statement that reads, with its parameters; the clocks arrive in it as `$as_of` and `$as_at`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    query: Annotated[str, Field(min_length=1, max_length=20_000, description="one Cypher statement that reads")]
    params: dict[str, JsonValue] = Field(default_factory=dict, description="values of its parameters, by name")
    as_of: When | None = Field(default=None, description="the value of `$as_of`; now when left out")
    as_at: When | None = Field(default=None, description="the value of `$as_at`; now when left out")
    limits: CypherLimits = Field(default_factory=CypherLimits)


class CypherAnswer(BaseModel):
    """The rows of one query: nodes and relationships with labels, type and properties, instants as ISO text."""

    fields: list[str]
    values: list[list[JsonValue]] = Field(description="one list a row, in the order of `fields`")
    truncated: Literal["rows", "bytes", "time"] | None = Field(description="the limit that cut the answer")
    as_of: str
    as_at: str
    ms: float = Field(description="milliseconds that it took")
