"""The comparison of two descriptions names what breaks a client, and nothing that does not."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from tools.openapi_compat import CURRENT, RELEASED, breaks

Change = Callable[[dict[str, Any]], object]
OLD: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 500}},
                    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["up", "down"]}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                            "text/csv": {},
                        },
                        "headers": {"ETag": {}},
                    },
                    "422": {"content": {"application/problem+json": {}}},
                },
            },
            "post": {
                "operationId": "createThing",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "state": {"type": "string", "enum": ["new", "old"]},
                    "size": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                    "below": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            },
            "Wish": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 20},
                    "size": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                },
            },
        }
    },
}


def get(new: dict[str, Any]) -> Any:
    return new["paths"]["/things"]["get"]


def post(new: dict[str, Any]) -> Any:
    return new["paths"]["/things"]["post"]


def thing(new: dict[str, Any]) -> Any:
    return new["components"]["schemas"]["Thing"]


def wish(new: dict[str, Any]) -> Any:
    return new["components"]["schemas"]["Wish"]


NUMBER_OR_NULL = [{"type": "number"}, {"type": "null"}]
BREAKING: list[tuple[Change, str]] = [
    (lambda d: d["paths"].pop("/things"), "/things: the path is gone"),
    (lambda d: d["paths"]["/things"].pop("post"), "the operation is gone"),
    (lambda d: get(d).update(operationId="getThings"), "operationId"),
    (lambda d: get(d)["parameters"].pop(), "parameter sort: is gone"),
    (lambda d: get(d)["parameters"][0].update(required=True), "limit: is required now"),
    (lambda d: get(d)["parameters"].append({"name": "n", "in": "query", "required": True, "schema": {}}), "n: is req"),
    (lambda d: get(d)["parameters"][0]["schema"].update(maximum=100), "maximum went from 500 to 100"),
    (lambda d: get(d)["parameters"][0]["schema"].update(minimum=1), "minimum went from None to 1"),
    (lambda d: get(d)["parameters"][1]["schema"]["enum"].remove("up"), "['up'] is not taken now"),
    (lambda d: get(d)["responses"].pop("200"), "the answer 200 is gone"),
    (lambda d: get(d)["responses"]["200"]["content"].pop("text/csv"), "text/csv is gone"),
    (lambda d: get(d)["responses"]["200"]["headers"].pop("ETag"), "lost the header ETag"),
    (lambda d: thing(d)["properties"].pop("id"), "the field id is gone"),
    (lambda d: thing(d)["required"].remove("id"), "the field id may be missing now"),
    (lambda d: thing(d)["properties"]["id"].update(type="integer"), "the type string became integer"),
    (lambda d: thing(d)["properties"]["state"]["enum"].append("lost"), "may be something else"),
    (lambda d: thing(d)["properties"]["state"].pop("enum"), "may be something else"),
    (lambda d: thing(d)["properties"]["size"]["anyOf"].append({"type": "string"}), ".size: the type"),
    (lambda d: wish(d)["required"].append("kind"), "the field kind is required now"),
    (
        lambda d: wish(d)["properties"].update(more={"type": "string"}) or wish(d)["required"].append("more"),
        "more is req",
    ),
    (lambda d: wish(d)["properties"].pop("kind"), "the field kind is gone"),
    (lambda d: wish(d)["properties"]["kind"]["enum"].remove("a"), "['a'] is not taken now"),
    (lambda d: wish(d)["properties"]["name"].update(maxLength=10), "maxLength went from 20 to 10"),
    (lambda d: wish(d)["properties"]["name"].update(pattern="^a"), "has to match ^a now"),
    (lambda d: wish(d)["properties"]["size"].update(anyOf=NUMBER_OR_NULL[:1]), ".size: the type null became"),
    (lambda d: post(d).pop("requestBody"), "takes no body any more"),
    (lambda d: post(d)["requestBody"]["content"].pop("application/json"), "application/json is gone"),
]
HARMLESS: list[Change] = [
    lambda d: d["paths"].update({"/more": {"get": {}}}),
    lambda d: d["paths"]["/things"].update(delete={}),
    lambda d: get(d)["parameters"].append({"name": "n", "in": "query", "schema": {"type": "string"}}),
    lambda d: get(d)["parameters"][0]["schema"].update(maximum=1000),
    lambda d: get(d)["parameters"][1]["schema"]["enum"].append("by_name"),
    lambda d: get(d)["responses"].update({"503": {}}),
    lambda d: get(d)["responses"].pop("422"),
    lambda d: get(d)["responses"]["200"]["content"].update({"application/jsonl": {}}),
    lambda d: thing(d)["properties"].update(more={"type": "string"}),
    lambda d: thing(d)["properties"]["state"]["enum"].remove("old"),
    lambda d: thing(d)["properties"]["size"].update(anyOf=NUMBER_OR_NULL[:1]),
    lambda d: thing(d)["required"].append("state"),
    lambda d: wish(d)["properties"].update(more={"type": "string"}),
    lambda d: wish(d)["properties"]["kind"]["enum"].append("c"),
    lambda d: wish(d)["properties"]["size"]["anyOf"].append({"type": "string"}),
    lambda d: wish(d)["required"].remove("name"),
    lambda d: wish(d)["properties"]["name"].update(maxLength=200, description="new words"),
]


@pytest.mark.parametrize(("change", "said"), BREAKING, ids=[said for _, said in BREAKING])
def test_what_breaks_a_client_is_named(change: Change, said: str) -> None:
    new = deepcopy(OLD)
    change(new)
    assert any(said in line for line in breaks(OLD, new)), breaks(OLD, new)


@pytest.mark.parametrize("change", HARMLESS, ids=range(len(HARMLESS)))
def test_what_adds_is_no_break(change: Change) -> None:
    new = deepcopy(OLD)
    change(new)
    assert new != OLD
    assert breaks(OLD, new) == []


def test_nothing_breaks_against_itself() -> None:
    assert breaks(OLD, deepcopy(OLD)) == []


def test_the_current_description_keeps_the_promises_of_the_released_one() -> None:
    old, new = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in (RELEASED, CURRENT))
    assert breaks(old, new) == []
