"""Splits Cypher into words, names, texts, numbers, parameters and symbols, and refuses whatever it is not sure of.

Two servers read what passes here, each with a lexer of its own. Where they could differ (escapes that one of them
replaces before reading, characters that one takes for a line break, case folding of letters outside ASCII), a filter on
words would look at another text than the server, so such text is refused, with its place, instead of interpreted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from graph.errors import QueryRefusedError


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    TEXT = auto()
    INTEGER = auto()
    FLOAT = auto()
    PARAMETER = auto()
    SYMBOL = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token: its text as it stands, and its value.

    The value of a word is upper case, of a quoted name or a parameter the bare name, of a text its unescaped content.
    """

    kind: Kind
    text: str
    value: str
    offset: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these bare words (upper case)."""
        return self.kind is Kind.WORD and self.value in words

    def is_symbol(self, *symbols: str) -> bool:
        """Whether this is one of these symbols."""
        return self.kind is Kind.SYMBOL and self.value in symbols

    @property
    def names(self) -> bool:
        """Whether it can stand for a name."""
        return self.kind in (Kind.WORD, Kind.QUOTED)


_SPACE = re.compile(r"(?:[ \t\n]|\r\n)+")
_LINE_COMMENT = re.compile(r"//[^\n]*")
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"`((?:[^`]|``)+)`")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_FLOAT = re.compile(r"(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+")
_INTEGER = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+")
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_SYMBOL = re.compile(r"\.\.|=~|\+=|::|\|\||<=|>=|<>|!=|[()\[\]{},.:;|+\-*/%^=<>!&]")
_AFTER_NUMBER = re.compile(r"[A-Za-z0-9_$`]|\.(?!\.)")
_UNICODE_ESCAPE = re.compile(r"\\[uU]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "`": "`", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# Controls, and what some reader takes for a line break: NEL, U+2028, U+2029, a CR that stands alone.
_BREAKING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")
_HIDDEN = {"Cf", "Cs", "Co", "Cn"}  # marks without width, halves of pairs, what has no meaning


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def refusal(text: str, offset: int, rule: str, reason: str, near: tuple[str, ...] = ()) -> QueryRefusedError:
    """The error that names the place of an offset."""
    line, column = place(text, offset)
    return QueryRefusedError(reason, rule=rule, line=line, column=column, near=near)


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, without spaces and comments. Raises `QueryRefusedError` at what cannot be read safely."""
    _check_characters(text)
    return tuple(_scan(text))


def _check_characters(text: str) -> None:
    if found := _UNICODE_ESCAPE.search(text):
        reason = "backslash-u escapes are not taken; write the character itself"
        raise refusal(text, found.start(), "unicode-escape", reason)
    if found := _BREAKING.search(text):
        reason = f"the character U+{ord(found[0]):04X} is not taken; use spaces, tabs and line feeds"
        raise refusal(text, found.start(), "control-character", reason)
    for offset, character in enumerate(text):
        if character > "\x7f" and unicodedata.category(character) in _HIDDEN:
            reason = f"the character U+{ord(character):04X} cannot be seen and is not taken"
            raise refusal(text, offset, "control-character", reason)


def _scan(text: str) -> Iterator[Token]:
    offset = 0
    while offset < len(text):
        skipped = _skip(text, offset)
        if skipped > offset:
            offset = skipped
            continue
        token = _next(text, offset)
        offset += len(token.text)
        yield token


def _skip(text: str, offset: int) -> int:
    for pattern in (_SPACE, _LINE_COMMENT, _BLOCK_COMMENT):
        if found := pattern.match(text, offset):
            return found.end()
    if text.startswith("/*", offset):
        raise refusal(text, offset, "unclosed", "this comment is not closed; end it with */")
    return offset


def _next(text: str, offset: int) -> Token:
    first = text[offset]
    if first in "'\"":
        return _text(text, offset)
    if first == "`":
        return _quoted(text, offset)
    if first == "$":
        return _parameter(text, offset)
    if found := _WORD.match(text, offset):
        _check_end(text, found.end())
        return Token(kind=Kind.WORD, text=found[0], value=found[0].upper(), offset=offset)
    for kind, pattern in ((Kind.FLOAT, _FLOAT), (Kind.INTEGER, _INTEGER)):
        if found := pattern.match(text, offset):
            return _number(text, kind, found)
    if found := _SYMBOL.match(text, offset):
        return Token(kind=Kind.SYMBOL, text=found[0], value=found[0], offset=offset)
    name = unicodedata.name(first, f"U+{ord(first):04X}")
    hint = "; put names with such letters in backticks" if first > "\x7f" else ""
    raise refusal(text, offset, "character", f"{name} has no meaning here{hint}")


def _check_end(text: str, end: int) -> None:
    if end < len(text) and text[end] > "\x7f":
        reason = "letters outside ASCII are taken in texts and backticks alone; put this name in backticks"
        raise refusal(text, end, "character", reason)


def _number(text: str, kind: Kind, found: re.Match[str]) -> Token:
    # `1.` and `1abc` are one thing to one reader and two to another
    if _AFTER_NUMBER.match(text, found.end()):
        raise refusal(text, found.start(), "number", "this number is not understood; write 1, 1.5, 1e3 or 0x1F")
    _check_end(text, found.end())
    return Token(kind=kind, text=found[0], value=found[0], offset=found.start())


def _parameter(text: str, offset: int) -> Token:
    found = _PARAMETER.match(text, offset)
    if found is None:
        reason = "a parameter is $ and a name of letters, digits and _; labels by an expression are not taken"
        raise refusal(text, offset, "parameter", reason)
    _check_end(text, found.end())
    return Token(kind=Kind.PARAMETER, text=found[0], value=found[1], offset=offset)


def _quoted(text: str, offset: int) -> Token:
    found = _QUOTED.match(text, offset)
    if found is None:
        raise refusal(text, offset, "unclosed", "this name in backticks is empty or not closed")
    if text.startswith("`", found.end()) or "\\" in found[1] or "\n" in found[1]:
        raise refusal(text, offset, "unclosed", "this name in backticks is not understood")
    return Token(kind=Kind.QUOTED, text=found[0], value=found[1].replace("``", "`"), offset=offset)


def _text(text: str, offset: int) -> Token:
    found = _TEXT.match(text, offset)
    if found is None:
        raise refusal(text, offset, "unclosed", "this text is not closed; end it with the quote that it begins with")
    content = found[1] if found[1] is not None else found[2]
    for escape in _ESCAPE.finditer(content):
        if escape[1] not in _ESCAPES:
            reason = f"the escape \\{escape[1]} is not taken; use one of \\\\ \\' \\\" \\n \\r \\t"
            raise refusal(text, offset + 1 + escape.start(), "escape", reason)
    value = _ESCAPE.sub(lambda escape: _ESCAPES[escape[1]], content)
    return Token(kind=Kind.TEXT, text=found[0], value=value, offset=offset)
