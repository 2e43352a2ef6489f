"""The answers that routes have in common: how failures stand in the API's description, and bytes as they are."""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA_TYPE
from api.schemas import ProblemBody

Described = dict[int | str, dict[str, Any]]


def failure(status: int, text: str) -> Described:
    """One failure as the description of a route lists it."""
    return {status: {"model": ProblemBody, "description": text, "content": {MEDIA_TYPE: {}}}}


NOT_FOUND = failure(404, "nothing is kept under this name")
BAD_QUERY = failure(400, "a cursor that this list did not hand out") | failure(422, "a parameter cannot be read")
DOWN = failure(503, "the graph does not answer; `Retry-After` says when to ask again")
BAD_BODY = (
    failure(400, "the body is not JSON")
    | failure(413, "the body is too large")
    | failure(415, "the body is not `application/json`")
    | failure(422, "the body does not fit its schema, or the question cannot be asked so")
)
