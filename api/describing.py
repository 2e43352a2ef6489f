"""Makes the framework's OpenAPI description say what the service does: every failure is `application/problem+json`."""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA_TYPE

_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def tidy(description: dict[str, Any]) -> dict[str, Any]:
    """The description with problem bodies where a request fails and an unexpected fault on every route."""
    for operations in description["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                if status >= "400" and _is_problem(response):
                    response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
            responses["500"] = {
                "description": "a fault of ours; the log holds it under the request id",
                "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
            }
    for name in _FRAMEWORKS_OWN:
        description["components"]["schemas"].pop(name, None)
    return description


def _is_problem(response: dict[str, Any]) -> bool:
    text = str(response.get("content", ""))
    return any(f"/{name}'" in text for name in ("ProblemBody", *_FRAMEWORKS_OWN))
