"""Adds to the OpenAPI description who may ask what: the ways to say who asks, and what happens where that fails."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from api.guarding import Guarded
from api.problems import MEDIA_TYPE
from api.scopes import MEANING, PUBLIC

_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
_TEXT = {"schema": {"type": "string"}}
_SCOPES = "; ".join(f"`{name}`: {text}" for name, text in MEANING.items())
SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`whymove_live_...`), or an access token of the issuer that is set. Scopes: "
        f"{_SCOPES}. Where the service listens on a loopback address alone it may be set to ask nobody.",
    }
}
_AGAIN = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
_LIMITS = {
    "RateLimit": {"description": "requests left, and seconds until there are more", **_TEXT},
    "RateLimit-Policy": {"description": "requests in a window", **_TEXT},
}
_FAILURES: dict[str, dict[str, Any]] = {
    "401": {
        "description": "nobody who is known",
        "headers": {"WWW-Authenticate": {"description": "how to say who asks", **_TEXT}},
    },
    "403": {"description": "the key or token does not hold the scope that this needs"},
    "429": {"description": "more requests than this caller may make", "headers": _AGAIN | _LIMITS},
}
_OVERLOAD = {"description": "too much is being served at once", "headers": _AGAIN}
_ELSEWHERE = {"description": "asked at a name that is none of this machine, where nobody is asked who they are"}
_SLOW = {"description": "the body did not come to its end"}
_ON_NO_POOL = ("/healthz", "/readyz")


def with_access(description: dict[str, Any], guarded: Iterable[Guarded]) -> dict[str, Any]:
    """The description with the scope of every operation, and the failures of the door."""
    description["components"]["securitySchemes"] = deepcopy(SCHEMES)
    for one in guarded:
        operations = description["paths"].get(one.route.path_format, {})
        for method in one.route.methods or ():
            operation = operations.get(method.lower())
            if operation is not None:
                _describe(one, operation)
    return description


def _describe(one: Guarded, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if one.scope == PUBLIC:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": [one.scope or "admin"]}, {}]
        for status, failure in _FAILURES.items():
            _add(responses, status, failure)
    _add(responses, "421", _ELSEWHERE)
    if "requestBody" in operation:
        _add(responses, "408", _SLOW)
    if one.route.path not in _ON_NO_POOL:
        _add(responses, "503", _OVERLOAD)
    operation["responses"] = dict(sorted(responses.items()))


def _add(responses: dict[str, Any], status: str, failure: dict[str, Any]) -> None:
    kept = responses.setdefault(status, {"content": {MEDIA_TYPE: deepcopy(_PROBLEM)}})
    kept["headers"] = {**deepcopy(failure.get("headers", {})), **kept.get("headers", {})}
    if not kept["headers"]:
        del kept["headers"]
    kept["description"] = kept.get("description") or failure["description"]
