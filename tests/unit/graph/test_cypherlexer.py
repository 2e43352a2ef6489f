"""The lexer takes Cypher apart as both servers do, and refuses what either might read in another way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.cypherlexer import Kind, place, tokens
from graph.errors import QueryRefusedError

PIECES = [
    "'",
    '"',
    "`",
    "``",
    "\\",
    "\\'",
    "/*",
    "*/",
    "//",
    "\n",
    "\r\n",
    " ",
    "$",
    "$a",
    "a",
    "1",
    ".",
    "..",
    "é",
    "{",
    ";",
]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind.name, token.value) for token in tokens(text)]


def refused(text: str) -> QueryRefusedError:
    with pytest.raises(QueryRefusedError) as caught:
        tokens(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Match", [("WORD", "MATCH")]),
        ("`a``b`", [("QUOTED", "a`b")]),
        ("'it\\'s'", [("TEXT", "it's")]),
        ('"a\\\\"', [("TEXT", "a\\")]),
        ("'// no /* comment'", [("TEXT", "// no /* comment")]),
        ("'a''b'", [("TEXT", "a"), ("TEXT", "b")]),
        ("*1..3", [("SYMBOL", "*"), ("INTEGER", "1"), ("SYMBOL", ".."), ("INTEGER", "3")]),
        ("1.5e-3 .5 0x1F 0o17", [("FLOAT", "1.5e-3"), ("FLOAT", ".5"), ("INTEGER", "0x1F"), ("INTEGER", "0o17")]),
        ("$as_of", [("PARAMETER", "as_of")]),
        ("a/**/b", [("WORD", "A"), ("WORD", "B")]),
        ("a//b\nc", [("WORD", "A"), ("WORD", "C")]),
        ("a /*/ b */ c", [("WORD", "A"), ("WORD", "C")]),
        ("a=~b", [("WORD", "A"), ("SYMBOL", "=~"), ("WORD", "B")]),
        ("'é 日本' `été`", [("TEXT", "é 日本"), ("QUOTED", "été")]),
        ("'\"' \"'\" '`' `'`", [("TEXT", '"'), ("TEXT", "'"), ("TEXT", "`"), ("QUOTED", "'")]),
    ],
)
def test_text_becomes_tokens(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("RETURN 1 // \\u000aCREATE (n)", "unicode-escape"),
        ("\\U0043REATE", "unicode-escape"),
        ("RETURN '\\\\u0041'", "unicode-escape"),
        ("RETURN 1\rCREATE", "control-character"),
        ("// a\u2028CREATE (n)", "control-character"),
        ("RETURN\x001", "control-character"),
        ("RETURN\x0b1", "control-character"),
        ("\ufeffRETURN 1", "control-character"),
        ("RETURN '\u202ea'", "control-character"),
        ("RETURN '\ud800'", "control-character"),
        ("RETURN\u00a01", "character"),
        ("RETURN 1 AS \u017fET", "character"),
        ("RETURN 1 AS x\u0131", "character"),
        ("RETURN 1 ? 2", "character"),
        ("RETURN 'a", "unclosed"),
        ("RETURN 'a\\'", "unclosed"),
        ("RETURN `a", "unclosed"),
        ("RETURN ``", "unclosed"),
        ("RETURN `a\\`", "unclosed"),
        ("RETURN 1 /* a", "unclosed"),
        ("RETURN 1 /*/", "unclosed"),
        ("RETURN '\\x'", "escape"),
        ("RETURN 1.", "number"),
        ("RETURN 1a", "number"),
        ("RETURN 1_000", "number"),
        ("RETURN $", "parameter"),
        ("MATCH (n:$('A'))", "parameter"),
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(text: str, rule: str) -> None:
    assert refused(text).rule == rule


def test_a_refusal_names_line_and_column_from_one() -> None:
    error = refused("MATCH (n)\n  RETURN n ? 1")
    assert (error.line, error.column) == (2, 12)
    assert str(error).startswith("line 2, column 12: ")
    assert place("a\r\nb", 3) == (2, 1)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_any_text_is_taken_apart_whole_or_refused_with_its_place(text: str) -> None:
    try:
        found = tokens(text)
    except QueryRefusedError as error:
        assert error.rule
        assert error.line is not None
        assert error.column is not None
        assert 1 <= error.line <= text.count("\n") + 1
        return
    end = 0
    for token in found:
        assert text.startswith(token.text, token.offset)
        assert is_space(text[end : token.offset])
        end = token.offset + len(token.text)
    assert is_space(text[end:])


def is_space(text: str) -> bool:
    return re.fullmatch(r"(?:[ \t\n]|\r\n|//[^\n]*(?:\n|\Z)|/\*(?:(?!\*/).)*\*/)*", text, re.DOTALL) is not None


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=40))
def test_a_text_that_is_escaped_comes_back_as_it_was(content: str) -> None:
    escaped = content.replace("\\", "\\\\").replace("'", "\\'")
    if "\\u" in escaped.lower():
        return
    (token,) = tokens(f"'{escaped}'")
    assert (token.kind, token.value) == (Kind.TEXT, content)
