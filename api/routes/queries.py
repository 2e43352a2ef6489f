"""Saved queries over REST, the same thirty that `whymove ask` knows; and the words that a query can use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path

from api.dates import parse_clock, write_instant
from api.deps import GivenServices
from api.guarding import needs
from api.ontology import graph_schema
from api.questions import Question, answer, question_named, questions
from api.routes.answers import BAD_BODY, DOWN, UNREADABLE, failure
from api.routes.explanations import json_only
from api.schemas_queries import QUERY_EXAMPLES, GraphSchema, QueryAnswer, QueryList, QueryRequest, QueryRow
from api.values import as_json
from graph.reading import query_text

router = needs("read")(APIRouter(tags=["queries"]))
GivenQuery = Annotated[QueryRequest, Body(openapi_examples=QUERY_EXAMPLES)]
GivenName = Annotated[str, Path(max_length=100, description="its number or its name")]
_NONE = failure(404, "no query has this name") | UNREADABLE
_CLOCKS = frozenset({"as_of", "as_at"})
_UNKNOWN = failure(404, "no query has this name, or the graph does not hold what is asked about")


@router.get("/v1/queries", operation_id="listQueries", summary="The saved queries")
async def get_queries() -> QueryList:
    """Reviewed questions of analysts, with what each needs, its columns and its Cypher."""
    return QueryList.model_validate({"items": [_row(one) for one in questions()]})


@router.get("/v1/queries/{name}", operation_id="getQuery", summary="One saved query", responses=_NONE)
async def get_query(name: GivenName) -> QueryRow:
    """A question by its number or its name, with what it needs, its columns and its Cypher."""
    return QueryRow.model_validate(_row(question_named(name)))


@router.post(
    "/v1/queries/{name}",
    operation_id="runQuery",
    summary="Ask a saved query",
    responses=_UNKNOWN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
async def run_query(
    name: GivenName,
    body: GivenQuery,
    services: GivenServices,
) -> QueryAnswer:
    """The rows of one saved query, at most 10,000 of them."""
    question, now = question_named(name), datetime.now(UTC)
    as_of, as_at = (
        now if given is None else parse_clock(given, field, now)
        for field, given in (("as_of", body.as_of), ("as_at", body.as_at))
    )
    table = await answer(await services.graph(), question, body.parameters, body.case, as_of, as_at=as_at)
    return QueryAnswer.model_validate(
        {
            "id": question.id,
            "fields": list(question.columns),
            "values": as_json([list(row) for row in table.rows]),
            "truncated": table.truncated,
            "as_of": write_instant(as_of),
            "as_at": write_instant(as_at),
        }
    )


@router.get("/v1/schema", operation_id="getSchema", summary="The words of the graph")
async def get_schema() -> GraphSchema:
    """Every label, property and type of relationship that the graph may hold."""
    return GraphSchema.model_validate(graph_schema())


def _row(one: Question) -> dict[str, object]:
    parameters = [{"name": name, "note": note or None} for name, note in one.parameters.items() if name not in _CLOCKS]
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "question": one.text,
        "parameters": parameters,
        "columns": list(one.columns),
        "cypher": query_text(one.name),
    }
