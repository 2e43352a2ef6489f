"""What goes over the pipe comes out as it went in, and a failure as the error that it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.childprocess import HEAD
from graph.endpoint import Endpoint
from graph.errors import GraphError, GraphUnavailableError, QueryOverBudgetError, QueryRefusedError
from graph.queryparts import (
    LENGTHS,
    Failure,
    Order,
    Part,
    QueryLimits,
    framed,
    framed_failure,
    framed_part,
    read_message,
    read_part,
)


def unframed(frame: bytes) -> Part | Failure:
    told, rows = LENGTHS.unpack_from(frame)
    assert len(frame) == LENGTHS.size + told + rows
    return read_part(frame[LENGTHS.size : LENGTHS.size + told], frame[LENGTHS.size + told :])


@pytest.mark.parametrize(
    "message",
    [
        Endpoint(url="bolt://localhost:1", user="reader", password="p", database="d"),
        Order(text="RETURN $a", tag="t", params={"a": [1, {"b": None}]}, limits=QueryLimits(rows=5), typed=True),
        Order(text="", tag="", params={"as_of": datetime(2026, 1, 1, tzinfo=UTC)}, limits=QueryLimits()),
    ],
)
def test_an_order_arrives_as_it_was_sent(message: Endpoint | Order) -> None:
    frame = framed(message)
    assert HEAD.unpack_from(frame)[0] == len(frame) - HEAD.size
    assert read_message(frame[HEAD.size :]) == message


@pytest.mark.parametrize(
    "part",
    [
        Part(over=True),
        Part(fields=("a", "ä"), plan="f00", plan_ms=1.5, rows=b"[1]\n[2]", count=2, cut="rows"),
        Part(rows=b"[null]", count=1, whole=True, over=True),
    ],
)
def test_a_part_arrives_as_it_was_sent(part: Part) -> None:
    assert unframed(framed_part(part)) == part


@pytest.mark.parametrize(
    "error", [QueryRefusedError("no", rule="plan"), QueryOverBudgetError("too much"), GraphUnavailableError("\ud800")]
)
def test_a_failure_arrives_as_its_error(error: GraphError) -> None:
    found = unframed(framed_failure(Failure(error=error, said="so")))
    assert isinstance(found, Failure)
    assert (type(found.error), found.said) == (type(error), "so")
    assert str(found.error) == str(error).replace("\ud800", "?")
    assert getattr(found.error, "rule", None) == getattr(error, "rule", None)
