"""How the brackets of a query lie in each other, which every rule about it needs to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from graph.cypherlexer import Kind, Token, refusal
from graph.cypherwords import BEFORE_QUERY
from graph.errors import QueryRefusedError

MAX_DEPTH = 24
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_NOTHING = Token(kind=Kind.SYMBOL, text="", value="", offset=0)


@dataclass(frozen=True)
class Shape:
    """A query as tokens, with the bracket around each and the end of each bracket."""

    text: str
    tokens: tuple[Token, ...]
    around: tuple[int | None, ...]
    closing: dict[int, int]

    def at(self, index: int) -> Token:
        """The token at an index, an empty symbol beyond either end."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else _NOTHING

    def refuse(self, index: int, rule: str, reason: str, near: tuple[str, ...] = ()) -> QueryRefusedError:
        """The error at the place of a token."""
        return refusal(self.text, self.at(index).offset, rule, reason, near)

    def words(self) -> Iterator[tuple[int, Token]]:
        """The bare words, except those that a dot or the colon of a label makes a name."""
        for index, token in enumerate(self.tokens):
            before = self.at(index - 1)
            if token.kind is Kind.WORD and not before.is_symbol(".") and not self.label_colon(index - 1):
                yield index, token

    def label_colon(self, index: int) -> bool:
        """Whether a colon stands before a label or type, and not behind the key of a map."""
        return self.at(index).is_symbol(":") and not self.key_colon(index)

    def key_colon(self, index: int) -> bool:
        """Whether a colon stands behind the key of a map."""
        outer = self.around[index] if self.at(index).is_symbol(":") else None
        if outer is None or outer not in self.maps:
            return False
        return self.at(index - 1).names and (index - 2 == outer or self.at(index - 2).is_symbol(","))

    def in_relationship(self, index: int) -> bool:
        """Whether the bracket around a token is that of a relationship: `-[` and not the `[` of a list."""
        outer = self.around[index]
        return outer is not None and self.at(outer).is_symbol("[") and self.at(outer - 1).is_symbol("-")

    def starts_link(self, index: int) -> bool:
        """Whether a relationship of a pattern begins here: `-[`, `--`, `<-` or, without brackets, `-->`."""
        token, after = self.at(index), self.at(index + 1)
        if token.is_symbol("<"):
            return after.is_symbol("-")
        return token.is_symbol("-") and after.is_symbol("[", "-") and not self.at(index - 1).is_symbol("<", "-", "]")

    def brackets_around(self, index: int) -> Iterator[int]:
        """The opening brackets around a token, from the nearest."""
        outer = self.around[index]
        while outer is not None:
            yield outer
            outer = self.around[outer]

    @cached_property
    def maps(self) -> frozenset[int]:
        """The opening braces of maps and map projections."""
        opened = (index for index in self.closing if self.at(index).is_symbol("{"))
        return frozenset(index for index in opened if not self._opens_query(index) and not self._quantifies(index))

    def _opens_query(self, index: int) -> bool:
        if self.at(index - 1).is_word(*BEFORE_QUERY):
            return True
        start = self.opening.get(index - 1)
        return start is not None and self.at(start - 1).is_word("CALL")

    def _quantifies(self, index: int) -> bool:
        return self.at(index - 1).is_symbol(")", ">", "-")

    @cached_property
    def opening(self) -> dict[int, int]:
        """The start of each bracket by its end."""
        return {end: start for start, end in self.closing.items()}


def shape_of(text: str, tokens: tuple[Token, ...]) -> Shape:
    """The shape of a query. Raises `QueryRefusedError` where brackets do not pair or lie too deep in each other."""
    around: list[int | None] = []
    closing: dict[int, int] = {}
    open_: list[int] = []
    for index, token in enumerate(tokens):
        closes = token.is_symbol(")", "]", "}")
        if closes:
            if not open_ or _PAIRS[tokens[open_[-1]].value] != token.value:
                raise refusal(text, token.offset, "bracket", f"this {token.value} closes no bracket")
            closing[open_.pop()] = index
        around.append(open_[-1] if open_ else None)
        if token.is_symbol("(", "[", "{"):
            open_.append(index)
            if len(open_) > MAX_DEPTH:
                reason = f"brackets lie more than {MAX_DEPTH} deep in each other"
                raise refusal(text, token.offset, "depth", reason)
    if open_:
        token = tokens[open_[-1]]
        raise refusal(text, token.offset, "bracket", f"this {token.value} is not closed")
    return Shape(text=text, tokens=tokens, around=tuple(around), closing=closing)
