"""What two readers could understand in two ways is no JSON here; what they could not is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.strictjson import DEEPEST, fault_of


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": 1, "a": 2}', "'a' stands there more than once"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "'b' stands there more than once"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
        (b"\xff\xfe", "not UTF-8, at byte 0"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b"[" * 100_000, f"deeper than {DEEPEST}"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, f"deeper than {DEEPEST}"),
        (b"{", "character 1"),
        (b"{} {}", "Extra data"),
    ],
)
def test_what_is_no_strict_json_says_why(body: bytes, words: str) -> None:
    assert words in str(fault_of(body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"a": "[[[[' + b"[" * 100 + b'"}',
        b'{"a": [' + b"[]," * 99 + b"[]]}",
        b'{"a": {"a": {"a": 1}}}',
        b'{"a": "\\ud83d\\ude00"}',
        b'{"a": 1e308}',
    ],
)
def test_what_is_strict_json_passes(body: bytes) -> None:
    assert fault_of(body) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_every_value_that_json_can_write_passes(value: object) -> None:
    assert fault_of(json.dumps(value).encode()) is None
