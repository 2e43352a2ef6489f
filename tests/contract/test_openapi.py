"""The committed description is the one that the service gives, and it names everything that a client needs."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from api.openapi import FILE, description_text


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return yaml.safe_load(description_text())


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_description_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == description_text(), "run `make openapi` and commit the result"


def test_it_is_openapi_31(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")


def test_operation_ids_are_verb_and_noun_and_unique(description: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(ids) == len(set(ids))
    verbs = "get|list|create|explain|run|cancel|resolve|replace|delete|validate|decide"
    assert all(re.fullmatch(rf"({verbs})[A-Z][A-Za-z]+", name) for name in ids)


def test_every_operation_says_what_it_does_and_where_it_belongs(description: dict[str, Any]) -> None:
    known = {tag["name"] for tag in description["tags"]}
    for _, path, operation in operations(description):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= known, path


def test_every_failure_has_the_problem_body(description: dict[str, Any]) -> None:
    for method, path, operation in operations(description):
        failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert "500" in failures, (method, path)
        for status, answer in failures.items():
            if path == "/readyz" and status == "503":
                continue
            schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
            assert answer["content"] == {"application/problem+json": schema}, (method, path, status)


def test_requests_refuse_what_they_do_not_know(description: dict[str, Any]) -> None:
    assert description["components"]["schemas"]["ExplanationRequest"]["additionalProperties"] is False


def test_the_explanation_is_described_by_named_models(description: dict[str, Any]) -> None:
    answers = description["paths"]["/v1/explanations"]["post"]["responses"]
    for status in ("200", "201"):
        schema = answers[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ExplanationBody"}
    body = description["components"]["schemas"]["ExplanationBody"]
    assert body["properties"]["narratives"]["items"] == {"$ref": "#/components/schemas/NarrativeBody"}


def test_a_request_has_examples(description: dict[str, Any]) -> None:
    content = description["paths"]["/v1/explanations"]["post"]["requestBody"]["content"]["application/json"]
    assert {"dates", "day", "case"} <= set(content["examples"])


def test_nothing_of_the_framework_is_left(description: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in str(description)
