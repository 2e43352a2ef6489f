"""What may come in as the parameters of an analyst's query: all that it names, of plain values, not too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from graph.cypherlexer import Token, refusal
from graph.errors import QueryRefusedError

MAX_DEPTH = 8
MAX_VALUES = 10_000
MAX_CHARACTERS = 1_000_000
_LONG = 2**63


def check_params(query: str, named: Sequence[Token], params: Mapping[str, object]) -> None:
    """Check that each that is named is there and none is too large. Raises `QueryRefusedError`, never with a value."""
    for token in named:
        if token.value not in params:
            near = tuple(sorted(params)[:5])
            raise refusal(query, token.offset, "parameter", f"no value was given for {token.text}", near)
    left, characters = MAX_VALUES, MAX_CHARACTERS
    for name, value, depth in _parts(params):
        left -= 1
        characters -= len(value) if isinstance(value, str) else 0
        problem = _problem(value, depth)
        if left < 0:
            problem = f"the parameters hold more than {MAX_VALUES:,} values"
        if characters < 0:
            problem = f"the parameters hold more than {MAX_CHARACTERS:,} characters"
        if problem is not None:
            raise QueryRefusedError(f"parameter {name}: {problem}", rule="parameter")


def keys_of(params: Mapping[str, object]) -> frozenset[str]:
    """Every key of every map in the parameters."""
    found: set[str] = set()
    for _, value, _depth in _parts(params):
        if isinstance(value, Mapping):
            found.update(str(key) for key in value)
    return frozenset(found)


def _parts(params: Mapping[str, object]) -> Iterator[tuple[str, object, int]]:
    """Every value at every depth, with the name of its parameter; nothing is looked into beyond the depth allowed."""
    waiting = [(name, value, 1) for name, value in params.items()]
    while waiting:
        name, value, depth = waiting.pop()
        yield name, value, depth
        inner = list(value.values()) if isinstance(value, Mapping) else value
        if isinstance(inner, Sequence) and not isinstance(inner, str | bytes) and depth <= MAX_DEPTH:
            waiting.extend((name, one, depth + 1) for one in inner)


def _problem(value: object, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return f"lists and maps lie more than {MAX_DEPTH} deep in each other"
    if isinstance(value, int) and not -_LONG <= value < _LONG:
        return "a whole number has at most 64 bits"
    if isinstance(value, float) and not isfinite(value):
        return "a number has to be finite"
    return None
