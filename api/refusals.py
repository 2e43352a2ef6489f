"""Writes a refusal before any route is reached, in the words of the path that was asked for.

Everywhere it is a problem (RFC 9457); below `/db/` it is the error body of Neo4j's Query API, whose clients read no
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from starlette.types import Scope, Send

from api.errors import MissingScopeError, TooManyRequestsError, UnauthenticatedError
from api.problems import MEDIA_TYPE, Fault, Problem, body_of, headers_of, problem_of

QUERY_API = "/db/"
REALM = "whymove"
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (UnauthenticatedError, "Neo.ClientError.Security.Unauthorized"),
    (MissingScopeError, "Neo.ClientError.Security.Forbidden"),
    (TooManyRequestsError, "Neo.TransientError.Request.NoThreadsAvailable"),
)
Headers = Iterable[tuple[bytes, bytes]]


def challenge_of(error: Exception, path: str) -> dict[str, str]:
    """`WWW-Authenticate` of a 401 or 403 (RFC 6750, section 3)."""
    if isinstance(error, UnauthenticatedError):
        said = ', error="invalid_token"' if error.given else ""
        basic = f'Basic realm="{REALM}", charset="UTF-8"' if path.startswith(QUERY_API) else ""
        return {"WWW-Authenticate": ", ".join(filter(None, [f'Bearer realm="{REALM}"{said}', basic]))}
    if isinstance(error, MissingScopeError):
        return {"WWW-Authenticate": f'Bearer realm="{REALM}", error="insufficient_scope", scope="{error.scope}"'}
    return {}


def refusal_body(path: str, problem: Problem, detail: str, request_id: str, error: Exception | None = None) -> bytes:
    """The body of a refusal, as the clients of that path read it."""
    if path.startswith(QUERY_API):
        temporary = "Neo.TransientError.General.DatabaseUnavailable"
        plain = temporary if problem.status >= 500 else "Neo.ClientError.Request.Invalid"
        code = next((code for kind, code in _CODES if isinstance(error, kind)), plain)
        return orjson.dumps({"errors": [{"code": code, "message": detail}]})
    return orjson.dumps(body_of(problem, detail, instance=path, request_id=request_id))


async def send_error(scope: Scope, send: Send, error: Exception, extra: Headers = ()) -> None:
    """Answer a request with an error of ours."""
    path = scope["path"]
    headers = headers_of(error) | challenge_of(error, path)
    fields = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send_problem(scope, send, problem_of(error), str(error), (*fields, *extra), error=error)


async def send_problem(
    scope: Scope,
    send: Send,
    problem: Problem,
    detail: str,
    extra: Headers = (),
    *,
    error: Exception | None = None,
    faults: Sequence[Fault] = (),
) -> None:
    """Answer a request with a problem."""
    path, request_id = scope["path"], scope.get("state", {}).get("request_id", "")
    if faults and not path.startswith(QUERY_API):
        body = orjson.dumps(body_of(problem, detail, instance=path, request_id=request_id, faults=faults))
    else:
        body = refusal_body(path, problem, detail, request_id, error)
    kind = b"application/json" if path.startswith(QUERY_API) else MEDIA_TYPE.encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
