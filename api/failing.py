"""Turns whatever a route raises into the problem body, so that no error of a framework reaches a client as it is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.errors import ApiError, MissingScopeError, UnauthenticatedError
from api.problems import (
    MEDIA_TYPE,
    PLAIN,
    Fault,
    Problem,
    body_of,
    faults_of,
    headers_of,
    problem_of,
    problem_of_status,
)
from api.refusals import QUERY_API, challenge_of, refusal_body
from causal.errors import CausalError
from graph.errors import GraphError
from ingest.errors import IngestError
from ingest.knownkeys import in_words

_UNSAID = "internal-error"


def _answer(
    request: Request,
    problem: Problem,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    request_id = getattr(request.state, "request_id", "")
    body = body_of(problem, detail, instance=request.url.path, request_id=request_id, faults=faults)
    return Response(orjson.dumps(body), problem.status, headers=headers, media_type=MEDIA_TYPE)


async def on_our_error(request: Request, error: Exception) -> Response:
    """An error of one of our packages, by its row."""
    problem = problem_of(error)
    detail = PLAIN[_UNSAID].text if problem.slug == _UNSAID else str(error)
    return _answer(request, problem, detail, faults=faults_of(error), headers=headers_of(error))


async def on_bad_request(request: Request, error: Exception) -> Response:
    """A request that does not fit its schema, or whose body is no JSON."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(part["type"] == "json_invalid" for part in found):
        part = found[0]
        reason = part.get("ctx", {}).get("error", part["msg"])
        faults = [Fault(pointer="", detail=f"{reason}, at character {part['loc'][-1]}")]
        return _answer(request, PLAIN["malformed-json"], f"the body is not JSON: {reason}", faults=faults)
    body = getattr(request.scope.get("route"), "body_field", None)
    kind = None if body is None else body.field_info.annotation
    faults = [Fault(pointer=_pointer(part["loc"]), detail=in_words(part, kind, part["loc"][1:])) for part in found]
    detail = "; ".join(f"{fault.pointer or 'body'}: {fault.detail}" for fault in faults)
    return _answer(request, PLAIN["invalid-request"], detail, faults=faults)


def _pointer(place: Sequence[Any]) -> str:
    # the first part says where it stood: body, query, path
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place[1:])


async def on_http_error(request: Request, error: Exception) -> Response:
    """A bare HTTP status of the framework: 404, 405, 413, 415."""
    assert isinstance(error, HTTPException)
    problem = problem_of_status(error.status_code)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request)) or headers.get("Allow", "")
    return _answer(request, problem, problem.text, headers=headers)


def _methods(request: Request) -> list[str]:
    """The methods of the address that was asked for; the framework names those of its first route alone."""
    routes: list[APIRoute] = [
        one for one in request.app.state.routes if one.matches(request.scope)[0] is not Match.NONE
    ]
    named = [one for one in routes if one.path == request.scope["path"]]
    paths = {one.path for one in named or routes[:1]}
    found = {method for one in routes if one.path in paths for method in one.methods or ()}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def on_refused(request: Request, error: Exception) -> Response:
    """A caller who is not known or may not do this, in the words of the path that was asked for."""
    path, problem = request.url.path, problem_of(error)
    body = refusal_body(path, problem, str(error), getattr(request.state, "request_id", ""), error)
    kind = "application/json" if path.startswith(QUERY_API) else MEDIA_TYPE
    return Response(body, problem.status, headers=challenge_of(error, path), media_type=kind)


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    RequestValidationError: on_bad_request,
    HTTPException: on_http_error,
    **dict.fromkeys((UnauthenticatedError, MissingScopeError), on_refused),
    **dict.fromkeys((ApiError, CausalError, GraphError, IngestError), on_our_error),
}
