"""What the description says of every list and of every single resource: clocks, paging, tags and failures."""

from __future__ import annotations

from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings

PAGED = {
    "actors",
    "checks",
    "claims",
    "disputes",
    "documents",
    "events",
    "indicators",
    "instruments",
    "moves",
    "narratives",
    "observations",
    "proposals",
    "series",
    "templates",
}
SINGLE = PAGED - {"templates"}  # the library answers without the graph


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    return create_app(Settings()).openapi()["paths"]


def names(operation: dict[str, Any]) -> set[str]:
    return {part["name"] for part in operation["parameters"]}


@pytest.mark.parametrize("plural", sorted(PAGED))
def test_a_list_is_paged_and_read_by_both_clocks(paths: dict[str, Any], plural: str) -> None:
    operation = paths[f"/v1/{plural}"]["get"]
    assert {"limit", "cursor", "as_of", "as_at"} <= names(operation)
    assert {"400", "422"} <= set(operation["responses"])
    assert "304" not in operation["responses"]


@pytest.mark.parametrize("plural", sorted(SINGLE))
def test_one_of_a_list_is_read_by_both_clocks_and_has_a_tag(paths: dict[str, Any], plural: str) -> None:
    operation = paths[f"/v1/{plural}/{{id}}"]["get"]
    assert {"id", "as_of", "as_at", "If-None-Match"} <= names(operation)
    assert {"200", "304", "404", "422", "503"} <= set(operation["responses"])
    assert "ETag" in operation["responses"]["200"]["headers"]


def test_rows_of_a_list_and_single_ones_are_the_same_model(paths: dict[str, Any]) -> None:
    def schema(path: str) -> str:
        found: str = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        return found.rsplit("/", 1)[1]

    for plural in SINGLE:
        assert schema(f"/v1/{plural}").removesuffix("List") == schema(f"/v1/{plural}/{{id}}").removesuffix("Row")


def test_values_come_in_three_forms_with_their_licence(paths: dict[str, Any]) -> None:
    operation = paths["/v1/series/{id}/values"]["get"]
    answer = operation["responses"]["200"]
    assert set(answer["content"]) == {"application/json", "text/csv", "application/vnd.apache.arrow.stream"}
    assert {"X-Licence", "X-Truncated", "X-Next-Since", "ETag"} <= set(answer["headers"])
    assert {"since", "until", "as_of", "limit"} <= names(operation)
    assert "406" in operation["responses"]
