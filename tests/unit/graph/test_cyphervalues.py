"""Rows of analysts as JSON: what JSON has no word for, and what must not be lost where it is written fast."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.cyphervalues import plain_line, typed_line
from graph.driver import neo4j

DEEPER_THAN_JSON = 300


def plain(*row: object) -> Any:
    return orjson.loads(plain_line(list(row)))


def typed(*row: object) -> Any:
    return [(value["$type"], value["_value"]) for value in orjson.loads(typed_line(list(row)))]


def test_what_is_no_number_is_its_text_wherever_it_lies() -> None:
    assert plain(float("nan"), None, [float("inf"), 1.5], {"a": {"b": -float("inf")}}) == [
        "NaN",
        None,
        ["Infinity", 1.5],
        {"a": {"b": "-Infinity"}},
    ]
    assert typed(float("nan"), None) == [("Float", "NaN"), ("Null", None)]


def test_times_points_and_bytes_are_written_beside_nulls_and_without() -> None:
    day, point = neo4j.time.Date(2026, 2, 5), neo4j.spatial.WGS84Point((1.5, 2))
    instant = neo4j.time.DateTime(2026, 2, 5, 21, 0, 0, 500_000_000)
    told = ["2026-02-05", "2026-02-05T21:00:00.5", "P1DT2S", "SRID=4326;POINT (1.5 2.0)", "AAE="]
    row = (day, instant, neo4j.time.Duration(days=1, seconds=2), point, b"\x00\x01")
    assert plain(*row) == told
    assert plain(*row, None, [None, day]) == [*told, None, [None, "2026-02-05"]]
    assert [type_ for type_, _ in typed(*row)] == ["Date", "LocalDateTime", "Duration", "Point", "Base64"]


def test_a_row_is_one_line() -> None:
    assert b"\n" not in plain_line(["a\nb", {"c\n": None}]) + typed_line(["a\nb", {"c\n": None}])


SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.lists(VALUES, max_size=5))
def test_what_json_knows_comes_back_as_it_was(row: list[Any]) -> None:
    assert plain(*row) == row


@pytest.mark.parametrize("line", [plain_line, typed_line])
def test_lists_deeper_than_json_is_written_are_an_error(line: Any) -> None:
    deep: list[Any] = []
    for _ in range(DEEPER_THAN_JSON):
        deep = [deep]
    with pytest.raises((orjson.JSONEncodeError, RecursionError)):
        line([deep])
