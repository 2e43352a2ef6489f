"""Values on their way in and out: zones, days, and statements of bounded size."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from neo4j.time import Date, DateTime, Duration

from graph.chunking import CHUNK_BYTES, CHUNK_ROWS, chunks
from graph.endpoint import Endpoint
from graph.values import decode, encode, iso


def test_instants_and_days_are_sent_as_text_apart_from_the_rest() -> None:
    row = encode({"a": 1.5, "b": datetime(2026, 2, 5, 16, tzinfo=timezone(timedelta(hours=-5))), "c": date(2026, 2, 5)})
    assert row.plain == {"a": 1.5}
    assert row.instants == {"b": "2026-02-05T21:00:00.000000Z"}
    assert row.days == {"c": "2026-02-05"}


def test_nulls_are_left_out_and_tuples_become_lists() -> None:
    assert encode({"a": None, "b": ("x", "y")}).plain == {"b": ["x", "y"]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DateTime(2026, 2, 5, 21, 0, 0, 123456000, tzinfo=UTC), datetime(2026, 2, 5, 21, 0, 0, 123456, tzinfo=UTC)),
        (DateTime(2026, 2, 5, 21, 0), datetime(2026, 2, 5, 21, 0, tzinfo=UTC)),
        (DateTime(2026, 2, 5, 16, tzinfo=timezone(timedelta(hours=-5))), datetime(2026, 2, 5, 21, tzinfo=UTC)),
        (Date(2026, 2, 5), date(2026, 2, 5)),
        (Duration(days=1, hours=2), "P1DT2H"),
        ({"a": [DateTime(2026, 2, 5)]}, {"a": [datetime(2026, 2, 5, tzinfo=UTC)]}),
        ("text", "text"),
        (None, None),
    ],
)
def test_what_the_driver_gives_becomes_plain(value: object, expected: object) -> None:
    found = decode(value)
    assert found == expected
    if isinstance(found, datetime):
        assert found.tzinfo is UTC


def test_an_instant_is_written_in_utc_to_the_microsecond() -> None:
    assert iso(datetime(2026, 2, 5, 16, 0, 0, 7, tzinfo=timezone(timedelta(hours=-5)))) == "2026-02-05T21:00:00.000007Z"


def test_rows_are_sent_in_order_in_chunks_of_bounded_count() -> None:
    found = list(chunks(range(2 * CHUNK_ROWS + 1)))
    assert [len(chunk) for chunk in found] == [CHUNK_ROWS, CHUNK_ROWS, 1]
    assert [row for chunk in found for row in chunk] == list(range(2 * CHUNK_ROWS + 1))


def test_rows_are_sent_in_chunks_of_bounded_size() -> None:
    rows = [{"id": str(n), "text": "ü" * 300_000} for n in range(20)]
    found = list(chunks(rows))
    assert [row for chunk in found for row in chunk] == rows
    assert len(found) > 1
    assert max(len(json.dumps(chunk, ensure_ascii=False).encode()) for chunk in found) <= CHUNK_BYTES + 100


def test_nothing_is_sent_for_no_rows() -> None:
    assert list(chunks([])) == []


def test_an_endpoint_does_not_show_its_password() -> None:
    assert "s3cret" not in repr(Endpoint(url="bolt://127.0.0.1:1", user="u", password="s3cret", database="d"))
