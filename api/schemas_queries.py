"""What goes over the wire of saved queries, of what a move lacks, and of the graph's own words."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas import Row, When

QUERY_EXAMPLES: dict[str, Example] = {
    "case": Example(
        summary="what follows from a case is filled in",
        value={"case": "2026-02-05-bitcoin-flash-crash", "parameters": {"template": "T02"}},
    ),
    "known": Example(summary="as it was known then", value={"as_of": "2026-02-06T12:00:00Z"}),
}


class QueryParameter(Row):
    """One parameter of a saved query."""

    name: str
    note: str | None = Field(description="what to give, such as an example")


class QueryRow(Row):
    """One saved query: a question of analysts with its reviewed Cypher."""

    id: str = Field(description="its number, such as Q2")
    name: str = Field(description="its file, such as q02_what_contradicts")
    title: str
    question: str
    parameters: list[QueryParameter] = Field(description="beside the clocks")
    columns: list[str]
    cypher: str


class QueryList(BaseModel):
    """All saved queries, by number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: list[QueryRow]


class QueryRequest(BaseModel):
    """What a saved query is asked with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameters: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict, max_length=20, description="values by name, as text; an instant with its zone, or a date"
    )
    case: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="a case, for its move, its instrument and the latest explanation of it"
    )
    as_of: When | None = Field(default=None, description="use only what was known by then; now when left out")
    as_at: When | None = Field(default=None, description="use the graph as it stood then; now when left out")


class QueryAnswer(BaseModel):
    """The rows of a saved query, instants as ISO text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    fields: list[str]
    values: list[list[JsonValue]] = Field(description="one list a row, in the order of `fields`")
    truncated: bool = Field(description="whether the limit of rows cut the answer")
    as_of: str
    as_at: str


class DataGapRow(Row):
    """One thing that was missing, or is to be watched."""

    id: str = Field(description="of this recorded version")
    key: str = Field(description="of the gap over all its versions")
    kind: str = Field(description="`gap` or `watch`")
    item: str
    why: str | None
    direction: str | None
    outcome: str | None
    named_by: str | None = Field(description="`author` of a case, or `system` where an explanation found it missing")
    due_at: str | None
    known_at: str
    indicator: str | None
    subject: str | None
    would_favour: list[str] = Field(description="ids of narratives")
    would_hurt: list[str] = Field(description="ids of narratives")
    explanation: str | None = Field(description="id of the latest explanation that found it missing")
    gain_bits: float | None = Field(description="what that explanation expected it to tell, in bits")


class DataGapList(BaseModel):
    """All gaps of a move, what would tell most first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: list[DataGapRow]


class PropertyRow(Row):
    """One property of a label or relationship."""

    name: str
    type: Literal["text", "number", "integer", "flag", "instant", "day", "moment", "scalar", "texts", "numbers"]
    required: bool


class LabelRow(Row):
    """One label: its nodes are facts with clocks and versions, or things."""

    label: str
    fact: bool
    second_labels: list[str]
    properties: list[PropertyRow]


class EndsRow(Row):
    """Labels that a relationship may join."""

    start: str
    end: str


class RelationshipRow(Row):
    """One type of relationships."""

    type: str
    ends: list[EndsRow]
    properties: list[PropertyRow]


class GraphSchema(BaseModel):
    """All that a node or relationship of the graph may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    property_types: dict[str, str] = Field(description="what each type of property is, in words")
    every_node: list[PropertyRow] = Field(description="beside its own, what the store keeps on every node")
    every_fact: list[PropertyRow] = Field(description="beside these, what the store keeps on every fact")
    labels: list[LabelRow]
    relationships: list[RelationshipRow]
