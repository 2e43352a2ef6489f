"""Adds to the OpenAPI description what layers around the routes do: forms of lists, idempotency keys, what retires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson

from api.deprecation import retiring
from api.guarding import Guarded
from api.idempotency import HEADER, ONLY_READS
from api.listforms import ARROW, CSV, JSON, LINES
from api.problems import MEDIA_TYPE

# recorded by tools/openapi_examples.py
EXAMPLES = Path(__file__).with_name("examples.json")
_CUT = ("lists are cut to one element", "the first lines")
_TEXT = {"schema": {"type": "string"}}
_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}}
_FORMS = dict.fromkeys((*LINES, CSV), _TEXT) | {ARROW: {"schema": {"type": "string", "format": "binary"}}}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 257, "pattern": r'^("[!#-~]{1,255}"|[!#-~]{1,255})$'},
    "description": "a key of the client's own: for a day the same request with it gets the same answer, and creates"
    " nothing twice",
}
_REPLAYED = {"Idempotency-Replayed": {"description": "`true` where the answer was kept from before", **_TEXT}}
_UNKNOWN = {"description": "a parameter is not known", **_PROBLEM}
_IN_USE = {"description": "the first request with this Idempotency-Key is still being served", **_PROBLEM}


def with_forms(description: dict[str, Any], guarded: Iterable[Guarded]) -> dict[str, Any]:
    """The description with all of it."""
    schemas = description["components"]["schemas"]
    _tuples(schemas)
    endpoints = {
        (one.route.path_format, method): one.route.endpoint for one in guarded for method in one.route.methods or ()
    }
    examples = orjson.loads(EXAMPLES.read_bytes()) if EXAMPLES.exists() else {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for answer in operation["responses"].values():
                _json_first(answer)
            _example(operation, examples.get(operation["operationId"]))
            if path.startswith("/v1/"):
                operation["responses"].setdefault("422", deepcopy(_UNKNOWN))
            if path.startswith("/v1/") and method == "get":
                _forms(operation, schemas)
            if path.startswith("/v1/") and method == "post" and not path.startswith(ONLY_READS):
                _idempotent(operation)
            if retiring(endpoints.get((path, method.upper()))) is not None:
                _retires(operation)
    return description


def _tuples(schema: Any) -> None:
    """Say of every place of a tuple of one type what stands in any of its places, which older readers look for."""
    if isinstance(schema, dict):
        places = schema.get("prefixItems")
        if isinstance(places, list) and "items" not in schema and all(one == places[0] for one in places):
            schema["items"] = deepcopy(places[0])
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _tuples(part)


def _json_first(answer: dict[str, Any]) -> None:
    """Generated clients take the first form of an answer that they can read, and the richest is JSON."""
    content = answer.get("content", {})
    if JSON in content:
        answer["content"] = {JSON: content[JSON], **content}


def _example(operation: dict[str, Any], kept: Mapping[str, Any] | None) -> None:
    """What the operation answered when the examples were recorded."""
    if kept is None:
        return
    content = operation["responses"].get(kept["status"], {}).get("content", {}).get(kept.get("type", JSON))
    if content is not None:
        content["examples"] = {"recorded": {"summary": _CUT[isinstance(kept["body"], str)], "value": kept["body"]}}


def _forms(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    answer = operation["responses"]["200"]
    content = answer.get("content", {})
    if JSON not in content:
        return
    refusal = {"description": "none of the media types of `Accept` is written here", **deepcopy(_PROBLEM)}
    operation["responses"].setdefault("406", refusal)
    name = content[JSON].get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    properties = schemas.get(name, {}).get("properties", {}).keys()
    if "items" in properties:
        content.update(deepcopy(_FORMS))
    if "next_cursor" in properties:
        answer.setdefault("headers", {})["Link"] = {"description": 'the next page, as rel="next"', **_TEXT}


def _idempotent(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(deepcopy(_KEY))
    operation["responses"].setdefault("409", deepcopy(_IN_USE))
    for status in ("400", "422", "503"):
        operation["responses"].setdefault(status, {"description": "the key, or the request", **deepcopy(_PROBLEM)})
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer.setdefault("headers", {}).update(deepcopy(_REPLAYED))


def _retires(operation: dict[str, Any]) -> None:
    operation["deprecated"] = True
    said = (("Deprecation", "since when, as @seconds"), ("Sunset", "until when it answers"))
    for answer in operation["responses"].values():
        headers = answer.setdefault("headers", {})
        headers.update({name: {"description": text, **_TEXT} for name, text in said})
