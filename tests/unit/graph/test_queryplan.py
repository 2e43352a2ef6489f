"""A server's plan is taken where it only reads within budget; its fingerprint tells plans apart."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graph.errors import QueryOverBudgetError, QueryRefusedError
from graph.queryplan import MOST_ROWS, OPERATORS, judged


def step(operator: str, *below: dict[str, Any], rows: float = 10.0, details: str = "") -> dict[str, Any]:
    args = {"EstimatedRows": rows, "Details": details}
    return {"operatorType": f"{operator}@neo4j", "args": args, "children": list(below)}


READ = step("ProduceResults", step("Filter", step("NodeByLabelScan", details="n:Move")))


def test_a_plan_that_reads_has_a_fingerprint() -> None:
    found = judged(READ, "r")
    assert re.fullmatch("[0-9a-f]{16}", found)
    assert judged(READ, "r") == found
    more = step("ProduceResults", step("Filter", step("NodeByLabelScan", details="n:Move", rows=99.0)))
    assert judged(more, "r") == found  # the same plan over a graph that grew
    assert judged(step("ProduceResults", step("NodeByLabelScan", details="n:Move")), "r") != found


@pytest.mark.parametrize("kind", ["w", "rw", "s", None, "R"])
def test_what_the_server_calls_no_read_is_refused(kind: str | None) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        judged(READ, kind)
    assert caught.value.rule == "plan"


@pytest.mark.parametrize("operator", ["LoadCSV", "Create", "TransactionApply", "ShowSettings", "OfTomorrow", "Foreach"])
def test_an_operator_that_is_not_on_the_list_is_refused_wherever_it_stands(operator: str) -> None:
    with pytest.raises(QueryRefusedError, match=operator):
        judged(step("ProduceResults", step("Apply", step("Argument"), step(operator))), "r")


@pytest.mark.parametrize(
    ("details", "taken"),
    [
        ("db.labels() :: (label :: STRING)", True),
        ("apoc.load.json($url) :: (value)", False),
        ("db.labelsOfMine() :: (x)", False),
        ("", False),
    ],
)
def test_procedures_are_those_of_the_list(details: str, taken: bool) -> None:
    plan = step("ProduceResults", step("ProcedureCall", details=details))
    if taken:
        assert judged(plan, "r")
    else:
        with pytest.raises(QueryRefusedError, match="procedure"):
            judged(plan, "r")


@pytest.mark.parametrize("rows", [MOST_ROWS, float("inf"), float("nan")])
def test_too_many_rows_on_the_way_are_refused(rows: float) -> None:
    with pytest.raises(QueryOverBudgetError, match="tie the patterns together"):
        judged(step("ProduceResults", step("CartesianProduct", rows=rows), rows=1.0), "r")


def test_rows_count_over_all_operators() -> None:
    half = MOST_ROWS / 2
    assert judged(step("ProduceResults", rows=half), "r")
    with pytest.raises(QueryOverBudgetError):
        judged(step("ProduceResults", step("Sort", step("AllNodesScan", rows=half), rows=half), rows=half), "r")


def test_no_operator_that_writes_is_on_the_list() -> None:
    words = (
        "create",
        "delete",
        "set",
        "remove",
        "merge",
        "load",
        "show",
        "terminate",
        "command",
        "transaction",
        "lock",
    )
    writing = {name for name in OPERATORS for word in words if re.search(word, name, re.IGNORECASE)}
    assert writing == set()
