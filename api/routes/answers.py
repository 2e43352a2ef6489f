"""The answers that routes have in common: how failures stand in the API's description, and pages of lists."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from api.catalog import Listed, Row
from api.dates import write_instant
from api.facts import Kind, one_of
from api.forecasts import Kept
from api.paging import Page
from api.problems import MEDIA_TYPE
from api.schemas import ProblemBody
from graph.reading import Clocks
from graph.store import GraphReader

Described = dict[int | str, dict[str, Any]]


def failure(status: int, text: str) -> Described:
    """One failure as the description of a route lists it."""
    return {status: {"model": ProblemBody, "description": text, "content": {MEDIA_TYPE: {}}}}


NOT_FOUND = failure(404, "nothing is kept under this name")
UNREADABLE = failure(422, "a parameter cannot be read")
BAD_QUERY = failure(400, "a cursor that this list did not hand out") | UNREADABLE
NOT_WRITTEN = failure(406, "none of the media types of `Accept` is written here")
DOWN = failure(503, "the graph does not answer; `Retry-After` says when to ask again")
BAD_BODY = (
    failure(400, "the body is not JSON")
    | failure(413, "the body is too large")
    | failure(415, "the body is not `application/json`")
    | failure(422, "the body does not fit its schema, or the question cannot be asked so")
)


KEPT: Described = {
    201: {
        "description": "kept",
        "headers": {"Location": {"description": "where it is kept", "schema": {"type": "string"}}},
    }
}


def accepted(model: type[BaseModel], what: str) -> Described:
    """How long work that was taken in, a job or a run, stands in the description of a route."""
    return {
        202: {
            "model": model,
            "description": f"taken in: the {what}, and where it is",
            "headers": {
                "Location": {"description": f"where the {what} is", "schema": {"type": "string"}},
                "Retry-After": {
                    "description": "seconds until it is worth while to look",
                    "schema": {"type": "integer"},
                },
            },
        },
        **failure(429, "too many jobs wait; `Retry-After` says when to ask again"),
    }


async def kept_row(kind: Kind, kept: Kept, reader: GraphReader, response: Response) -> Row:
    """What has just been kept, as it is read from now on; where it is goes into the `Location` header of `response`."""
    response.headers["Location"] = f"/v1/{kind.list.name}/{kept.key}"
    return await one_of(kind, reader, kept.key, Clocks.now())


def link_next(request: Request, response: Response, cursor: str | None, limit: int) -> None:
    """Puts the address of the next page into the `Link` header of `response`, where there is one."""
    if cursor is not None:
        there = request.url.include_query_params(cursor=cursor, limit=limit)
        response.headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'


def listing(request: Request, response: Response, listed: Listed, page: Page) -> Row:
    """The body of one page of a list; the address of the next one goes into the `Link` header of `response`."""
    link_next(request, response, listed.next_cursor, page.limit)
    return {
        "items": list(listed.items),
        "next_cursor": listed.next_cursor,
        "as_of": write_instant(page.as_of),
        "as_at": write_instant(page.as_at),
    }
