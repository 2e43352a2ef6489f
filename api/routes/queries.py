"""Saved queries over REST, the same thirty that `whymove ask` knows; and the words that a query can use."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Request, Response

from api.accepting import formulas_kept
from api.clocks import chosen_of
from api.dates import write_instant
from api.deps import GivenServices
from api.guarding import needs
from api.listforms import ARROW, CSV, JSON, LINES, OF_LISTS, rows_as, type_of
from api.ontology import graph_schema
from api.questions import Question, answer, question_named, questions
from api.routes.answers import BAD_BODY, DOWN, NOT_WRITTEN, UNREADABLE, Described, failure
from api.routes.explanations import json_only
from api.routes.forms import VARY, offering
from api.schemas_queries import QUERY_EXAMPLES, GraphSchema, QueryAnswer, QueryList, QueryRequest, QueryRow
from api.values import as_json
from graph.reading import query_text

router = needs("read")(APIRouter(tags=["queries"]))
GivenQuery = Annotated[QueryRequest, Body(openapi_examples=QUERY_EXAMPLES)]
GivenName = Annotated[str, Path(max_length=100, description="its number or its name")]
_NONE = failure(404, "no query has this name") | UNREADABLE
_FORM = offering(*OF_LISTS)
_TEXT = {"schema": {"type": "string"}}
_ANSWERS: Described = {
    200: {
        "model": QueryAnswer,
        "description": "the rows; as lines they come as Header, Records and Summary events",
        "content": dict.fromkeys((*LINES, CSV), _TEXT) | {ARROW: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"X-Truncated": {"description": "`rows` where their limit cut the answer", **_TEXT}},
    }
}
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
    response_class=Response,
    responses=_ANSWERS | _UNKNOWN | NOT_WRITTEN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
async def run_query(
    request: Request, name: GivenName, body: GivenQuery, services: GivenServices, kind: Annotated[str, _FORM]
) -> Response:
    """The rows of one saved query, at most 10,000 of them: as JSON, lines, CSV or an Arrow stream, by `Accept`."""
    question = question_named(name)
    clocks = await chosen_of(body.as_of, body.as_at, services.present)
    given = (body.parameters, body.case, clocks.as_of)
    table = await answer(await services.graph(), question, *given, as_at=clocks.as_at)
    rows = [[as_json(value) for value in row] for row in table.rows]
    about = {
        "id": question.id,
        "truncated": table.truncated,
        "as_of": write_instant(clocks.as_of),
        "as_at": write_instant(clocks.as_at),
    }
    headers = VARY | ({"X-Truncated": "rows"} if table.truncated else {})
    if kind == JSON:
        told = QueryAnswer.model_validate({"fields": list(question.columns), "values": rows, **about})
        return Response(told.model_dump_json(), headers=headers, media_type=JSON)
    raw = kind == CSV and formulas_kept(request.headers.get("accept"))
    content = await asyncio.to_thread(rows_as, kind, question.columns, rows, about, raw=raw)
    return Response(content, headers=headers, media_type=type_of(kind, raw=raw))


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
