"""Makes the framework's OpenAPI description say what the service does: every failure is `application/problem+json`.

And what `api.conditional` adds to every GET of one resource: its tag, and 304 where the client has it already.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from api.conditional import VERSIONED
from api.eventstream import MEDIA_TYPE as EVENTS
from api.problems import MEDIA_TYPE

_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


_TAG = {"ETag": {"description": "strong tag of these bytes", "schema": {"type": "string"}}}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "tags that the client has; where one of them is that of the resource, the answer is 304",
}


def tidy(description: dict[str, Any]) -> dict[str, Any]:
    """The description with problem bodies where a request fails and an unexpected fault on every route."""
    for path, operations in description["paths"].items():
        if path.startswith(VERSIONED) and "{" in path and "get" in operations:
            _conditional(operations["get"])
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                _only_events(response)
                if status >= "400" and _is_problem(response):
                    response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
            responses["500"] = {
                "description": "a fault of ours; the log holds it under the request id",
                "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
            }
    for name in _FRAMEWORKS_OWN:
        description["components"]["schemas"].pop(name, None)
    return description


def _only_events(response: dict[str, Any]) -> None:
    """A stream of events is no JSON document: the model that the framework lists as one is that of each event."""
    content = response.get("content", {})
    if EVENTS in content and content[EVENTS] == {}:
        content[EVENTS] = content.pop("application/json")


def _conditional(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(deepcopy(_IF_NONE_MATCH))
    answer = operation["responses"]["200"]
    answer["headers"] = {**answer.get("headers", {}), **deepcopy(_TAG)}
    operation["responses"]["304"] = {"description": "unchanged: the client has it already", "headers": deepcopy(_TAG)}


def _is_problem(response: dict[str, Any]) -> bool:
    text = str(response.get("content", ""))
    return any(f"/{name}'" in text for name in ("ProblemBody", *_FRAMEWORKS_OWN))
