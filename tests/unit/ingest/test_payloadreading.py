"""What stands in payloads is read strictly: texts in the encoding that they name, numbers that are nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.bodies import Held
from ingest.connecting import Payload
from ingest.errors import SourceChangedError
from ingest.payloadreading import json_of, lines_of, number_of, table_of, text_of
from ingest.payloads import content_hash


def payload(content: bytes = b"", content_type: str = "text/csv") -> Payload:
    return Payload(
        source="made",
        url="https://made.example/x",
        params=(),
        fetched_at=datetime(2026, 2, 10, tzinfo=UTC),
        status=200,
        content_type=content_type,
        body=Held(content),
        content_hash=content_hash(content),
    )


@pytest.mark.parametrize(
    "text", ["", " ", ".", "-", "--", "NA", "n/a", "N/A", "ND", "nd", "NaN", "nan", "null", "None"]
)
def test_each_spelling_of_nothing_is_no_number(text: str) -> None:
    assert number_of(payload(), text) is None


@pytest.mark.parametrize(
    ("value", "number"), [("1.5", 1.5), (" -0.25 ", -0.25), ("1e-3", 0.001), (".5", 0.5), ("7.", 7.0), (3, 3.0)]
)
def test_a_number_is_read_also_as_text(value: object, number: float) -> None:
    assert number_of(payload(), value) == number


@pytest.mark.parametrize(
    "value",
    ["1,234.5", "(1.5)", "1_000", "٣", "１２", "0x10", "inf", "-Infinity", "1 000", "1.5%", "$1", "1e999", True, []],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(SourceChangedError, match="where a number was agreed"):
        number_of(payload(), value)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("é,b\r\n1,2\r\n".encode(), "text/csv"),
        (b"\xef\xbb\xbf" + "é,b\r\n1,2\r\n".encode(), "text/csv; charset=utf-8"),
        ("é,b\r\n1,2\r\n".encode("latin-1"), 'text/csv; charset="ISO-8859-1"'),
        ("é,b\r\n1,2\r\n".encode("utf-16"), "text/csv;charset=UTF-16"),
        ("é,b\r\n1,2\r\n".encode(), "text/csv; charset=klingon"),
        ("é,b\r\n1,2\r\n".encode(), "text/csv; charset=zip"),
        ("é,b\r\n1,2\r\n".encode(), "text/csv; charset=us-ascii"),
    ],
)
def test_a_text_is_read_in_the_encoding_that_its_answer_names(content: bytes, content_type: str) -> None:
    found = payload(content, content_type)
    assert text_of(found) == "é,b\r\n1,2\r\n"
    assert list(lines_of(found)) == ["é,b\r\n", "1,2\r\n"]
    assert list(table_of(found, ("é", "b"), ())) == [{"é": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,\xff\n", "is no UTF-8"),
        (b"a\n1\n", "has no b"),
        (b"a,b,c\n1,2,3\n", "has c, which is not known"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells, its header 2"),
        (b'a,b\n1,"2\n', "is no CSV"),
        (b"a,b\n1," + b"2" * 200_000, "is no CSV"),
    ],
)
def test_a_table_that_is_not_as_agreed_is_refused_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        list(table_of(payload(content), ("a", "b"), ()))


def test_a_mark_before_json_is_left_out_and_numbers_that_json_does_not_know_are_refused() -> None:
    assert json_of(payload(b"\xef\xbb\xbf[1]")) == [1]
    for broken in (b"[NaN]", b"[1", b"", b"<html>"):
        with pytest.raises(SourceChangedError, match="is no JSON"):
            json_of(payload(broken))
