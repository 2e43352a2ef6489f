"""What goes in and out is described by named models, and what goes in comes with an example and refuses the unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import create_app
from api.settings import Settings

Node = dict[str, Any]


@pytest.fixture(scope="module")
def description() -> Node:
    return create_app(Settings()).openapi()


def operations(description: Node) -> Iterator[tuple[str, Node]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def bodies(description: Node) -> Iterator[tuple[str, Node]]:
    for name, operation in operations(description):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield name, content


def below(description: Node, schema: object, seen: set[str]) -> Iterator[tuple[str, Node]]:
    """Every named model that a schema leads to."""
    if isinstance(schema, list):
        for part in schema:
            yield from below(description, part, seen)
    if not isinstance(schema, dict):
        return
    name = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    if name and name not in seen:
        seen.add(name)
        found = description["components"]["schemas"][name]
        yield name, found
        yield from below(description, found, seen)
    for key, part in schema.items():
        if key != "$ref":
            yield from below(description, part, seen)


def test_every_request_is_a_named_model_that_refuses_the_unknown(description: Node) -> None:
    assert len(list(bodies(description))) > 5
    for name, content in bodies(description):
        assert "$ref" in content["schema"], name
        for model, schema in below(description, content["schema"], set()):
            if schema.get("type") == "object":
                assert schema.get("additionalProperties") is False, (name, model)


def test_every_request_has_an_example(description: Node) -> None:
    bare = {name for name, content in bodies(description) if not content.get("examples") and "example" not in content}
    assert bare == set()


def test_every_answer_in_json_is_a_named_model(description: Node) -> None:
    bare = set()
    for name, operation in operations(description):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if content is not None and "$ref" not in content.get("schema", {}):
                bare.add(f"{name} {status}")
    assert bare == set()


def test_whoever_creates_may_send_a_key(description: Node) -> None:
    for name, operation in operations(description):
        if name.startswith("POST /v1/") and not name.startswith(("POST /v1/cypher", "POST /v1/queries")):
            assert "Idempotency-Key" in [part["name"] for part in operation["parameters"]], name
            assert "409" in operation["responses"], name


def test_every_list_is_described_in_all_its_forms(description: Node) -> None:
    for plural in ("templates", "events", "moves", "explanations", "jobs"):
        answer = description["paths"][f"/v1/{plural}"]["get"]["responses"]
        kinds = set(answer["200"]["content"])
        assert {"application/json", "application/jsonl", "text/csv", "application/vnd.apache.arrow.stream"} <= kinds
        assert "406" in answer


def test_most_operations_show_an_answer_that_fits_its_model(description: Node) -> None:
    shown, all_ = 0, 0
    for name, operation in operations(description):
        for answer in operation["responses"].values():
            content = answer.get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                shown += 1
                schema = content["schema"] | {"components": description["components"]}
                faults = list(Draft202012Validator(schema).iter_errors(example["value"]))
                assert not faults, (name, faults[0].message[:200])
        all_ += any("application/json" in one.get("content", {}) for one in operation["responses"].values())
    assert shown >= 0.8 * all_, "record them anew: python -m tools.openapi_examples"
