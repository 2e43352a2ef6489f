"""Refuses what lets a value grow with each step: neither server counts the memory of texts, and one dies of it.

A name can be bound again and again (`WITH s + s AS s`), so that ten short lines make a text of gigabytes. Each stage of
a query (what stands between two places that bind names) can make a value at most as many times larger as it adds
values up; the product over all stages is bounded. Lists that are made for every element of a list multiply likewise.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.cypherlexer import Kind
from graph.cyphershape import Shape

MAX_GROWTH = 256
MAX_CASES = 20
MAX_PATTERN_HOPS = 3
_LITERALS = (Kind.TEXT, Kind.INTEGER, Kind.FLOAT)
_BINDING = ("WITH", "UNWIND", "CALL", "RETURN")
_PREDICATES = ("ALL", "ANY", "NONE", "SINGLE")


def check_growth(shape: Shape) -> None:
    """Check what could multiply a value. Raises `QueryRefusedError`."""
    _check_sums(shape)
    _check_reduces(shape)
    _check_nested_lists(shape)
    _check_pattern_lists(shape)
    cases = [index for index, token in shape.words() if token.value == "CASE"]
    if len(cases) > MAX_CASES:
        raise shape.refuse(cases[MAX_CASES], "case", f"a query has at most {MAX_CASES} CASEs; use a map or a list")


def _check_sums(shape: Shape) -> None:
    growth, added = 1, 0
    for index, token in enumerate(shape.tokens):
        binds = token.is_symbol("|") or (token.is_word(*_BINDING) and not shape.at(index - 1).is_symbol("."))
        if binds:
            growth, added = growth * (1 + added), 0
        added += _adds(shape, index)
        if growth * (1 + added) > MAX_GROWTH:
            reason = "values are added up and bound again so often that they could grow without end"
            raise shape.refuse(index, "doubling", reason)


def _adds(shape: Shape, index: int) -> bool:
    """Whether a value other than a literal is joined here to what stands before it."""
    token = shape.at(index)
    if token.is_symbol("+", "||"):
        return shape.at(index + 1).kind not in _LITERALS
    outer = shape.around[index]
    if not token.is_symbol(",") or outer is None:
        return False
    if outer in shape.maps:
        value = index + 3 if shape.at(index + 2).is_symbol(":") else index + 1
        return shape.at(value).kind not in _LITERALS and not shape.at(value).is_symbol(".")
    listed = shape.at(outer).is_symbol("[") and not shape.in_relationship(index)
    return listed and shape.at(index + 1).kind not in _LITERALS


def _check_reduces(shape: Shape) -> None:
    """What reduce() repeats may multiply numbers, but not lengthen its accumulator by a piece each time."""
    for index, token in shape.words():
        if token.value != "REDUCE" or not shape.at(index + 1).is_symbol("("):
            continue
        opening, name = index + 1, shape.at(index + 2).value
        bar = next((at for at in _within(shape, opening) if shape.at(at).is_symbol("|")), opening)
        for at in range(bar + 1, shape.closing[opening]):
            if shape.at(at).names and shape.at(at).value == name and _lengthened(shape, at, opening, bar):
                reason = f"reduce() may not add to {shape.at(at).text}; use sum(), collect() or a list"
                raise shape.refuse(at, "doubling", reason)


def _lengthened(shape: Shape, at: int, opening: int, bar: int) -> bool:
    """Whether something is added in a bracket around a token, up to that of the reduce itself, or a list is made."""
    outer = shape.around[at]
    while outer is not None and outer >= opening:
        if any(shape.at(one).is_symbol("+", "||") for one in _within(shape, outer) if one > bar):
            return True
        if shape.at(outer).is_symbol("[", "{"):
            return True
        outer = shape.around[outer]
    return False


def _within(shape: Shape, opening: int) -> Iterator[int]:
    """The tokens of a bracket, without those of brackets inside it."""
    return (at for at in range(opening + 1, shape.closing[opening]) if shape.around[at] == opening)


def _iterates(shape: Shape, opening: int) -> str:
    """What a bracket does with every element of a list: make a `list`, `test` it, or nothing."""
    before, inside = shape.at(opening - 1), shape.at(opening + 1)
    if shape.at(opening).is_symbol("[") and not before.is_symbol("-"):
        makes = inside.names and shape.at(opening + 2).is_word("IN")
        bars = any(shape.at(at).is_symbol("|") for at in _within(shape, opening))
        return "list" if makes or bars else ""
    if before.is_word("REDUCE"):
        return "list"
    return "test" if before.is_word(*_PREDICATES) and shape.at(opening + 2).is_word("IN") else ""


def _check_nested_lists(shape: Shape) -> None:
    for opening in shape.closing:
        kind = _iterates(shape, opening)
        if not kind:
            continue
        around = [one for one in shape.brackets_around(opening) if _iterates(shape, one)]
        if len(around) > 1 or (around and kind == "list"):
            reason = "for every element of a list another list is made; use UNWIND and collect()"
            raise shape.refuse(opening, "nested-lists", reason)


def _check_pattern_lists(shape: Shape) -> None:
    """`[(a)--()--() | x]` is worked through in one go, in which a server cannot be stopped."""
    for opening, closing in shape.closing.items():
        if not shape.at(opening).is_symbol("[") or _iterates(shape, opening) != "list":
            continue
        inside = range(opening, closing)
        hops = sum(shape.starts_link(at) for at in inside)
        open_ended = any(shape.at(at).is_symbol("*") and shape.in_relationship(at) for at in inside)
        if hops > MAX_PATTERN_HOPS or open_ended:
            reason = (
                f"a pattern in a list has at most {MAX_PATTERN_HOPS} relationships, each of one hop; use COLLECT {{}}"
            )
            raise shape.refuse(opening, "path", reason)
