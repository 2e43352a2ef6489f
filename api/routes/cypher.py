"""Cypher over REST, for analysts whom nobody vouches for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import StreamingResponse

from api.accepting import csv_type, formulas_kept
from api.cypher import Answered, ask_graph
from api.cypher_question import Question, make_question, names_clock
from api.dates import write_instant
from api.deps import Services
from api.guarding import needs
from api.leaving import while_connected
from api.listforms import ARROW
from api.routes.answers import BAD_BODY, DOWN, Described, failure
from api.routes.explanations import json_only
from api.routes.forms import form_among
from api.schemas_cypher import CYPHER_EXAMPLES, CypherAnswer, CypherRequest
from api.timing import count_part, part
from api.writing_cypher import as_csv, as_object, lines
from graph.analysts import Answer, QueryLimits

router = needs("cypher")(APIRouter(tags=["cypher"]))
_JSON, _CSV = "application/json", "text/csv"
_LINES = ("application/x-ndjson", "application/jsonl")


async def _services(request: Request) -> Services:
    """What `json_only` and `GivenServices` do, but for own templates: a dependency costs as much as a body."""
    await json_only(request)
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


_ANSWERS: Described = {
    200: {
        "model": CypherAnswer,
        "description": "the rows; as lines they come as Header, Records and Summary events",
        "content": {name: {"schema": {"type": "string"}} for name in (*_LINES, _CSV)}
        | {ARROW: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"X-Truncated": {"description": "the limit that cut the answer", "schema": {"type": "string"}}},
    },
    **BAD_BODY,
    **DOWN,
    **failure(400, "the body is not JSON, or the query is not a bounded read: `errors` says at which line and column"),
    **failure(406, "none of the media types of `Accept` is written here"),
    **failure(422, "the body does not fit its schema, or the query passed its time or the server's memory"),
    **failure(429, "too many queries run and wait; `Retry-After` says when to ask again"),
}


@router.post(
    "/v1/cypher",
    operation_id="createCypherAnswer",
    summary="Ask the graph in Cypher",
    response_class=Response,
    responses=_ANSWERS,
)
async def ask_cypher(
    request: Request,
    body: Annotated[CypherRequest, Body(openapi_examples=CYPHER_EXAMPLES)],
    services: Annotated[Services, Depends(_services)],
) -> Response:
    """One statement that reads, answered as JSON, as lines of JSON, as CSV or as an Arrow stream, by `Accept`.

    What writes, calls procedures, reads files or cannot be bounded is refused with its place in the text.
    """
    kind = form_among(request, (_JSON, *_LINES, _CSV, ARROW))
    question = make_question(
        body.query,
        body.params,
        as_of=body.as_of,
        as_at=body.as_at,
        limits=QueryLimits(**body.limits.model_dump()),
        way="rest",
        present=await services.present() if body.as_at is None and names_clock(body.query) else None,
    )
    with part("run"):
        answered = await while_connected(request, ask_graph(services.analysts(), question))
    if answered.answer.plan_ms is not None:
        count_part("plan", answered.answer.plan_ms)
    with part("serialise"):
        return await _write(kind, question, answered, raw=formulas_kept(request.headers.get("accept")))


async def _write(kind: str, question: Question, answered: Answered, *, raw: bool) -> Response:
    answer = answered.answer
    headers = {"Vary": "Accept"} | ({"X-Truncated": answer.truncated} if answer.truncated else {})
    summary = {
        "truncated": answer.truncated,
        "as_of": write_instant(question.as_of),
        "as_at": write_instant(question.as_at),
        "ms": answered.ms,
    }
    if kind == _CSV:
        return Response(as_csv(answer.fields, answer.rows, raw=raw), headers=headers, media_type=csv_type(raw=raw))
    if kind == ARROW:
        return Response(await asyncio.to_thread(_as_arrow, answer, summary), headers=headers, media_type=ARROW)
    if kind in _LINES:
        return StreamingResponse(lines(answer.fields, answer.pieces, summary), headers=headers, media_type=kind)
    return Response(as_object(answer, **summary), headers=headers, media_type=_JSON)


def _as_arrow(answer: Answer, summary: Mapping[str, object]) -> bytes:
    from api.columns import arrow_of  # Arrow takes a tenth of a second to load

    return arrow_of(answer.fields, answer.rows, summary)
