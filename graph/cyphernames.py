"""Checks the labels, relationship types and properties of a query against the ontology, and proposes near ones.

Nothing is ever written that the ontology does not hold, so a name that it does not know can only be a slip: without
this check the answer would be no rows, and the analyst would take that for a fact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from graph.cypherlexer import Kind, Token, refusal
from graph.cyphershape import Shape
from graph.cypherwords import DOTTED, FIELDS, PROCEDURES
from graph.errors import QueryRefusedError
from graph.schema import KEPT_BY_THE_STORE, LABELS, RELATIONSHIPS, SECOND_LABELS

_LABELS = frozenset(LABELS) | SECOND_LABELS
_TYPES = frozenset(RELATIONSHIPS)
PROPERTIES: frozenset[str] = frozenset(
    name for table in (LABELS, RELATIONSHIPS) for row in table.values() for name in row.properties
) | frozenset(KEPT_BY_THE_STORE)
_FIRST_PARTS = frozenset(name.split(".")[0] for name in (*DOTTED, *(one.lower() for one in PROCEDURES)))


def check_names(shape: Shape) -> tuple[Token, ...]:
    """Check every name; those of properties that only a map among the parameters can have are given back.

    Raises `QueryRefusedError` with near names.
    """
    for index in range(len(shape.tokens)):
        if shape.label_colon(index):
            for at in _label_expression(shape, index):
                _check_label(shape, at)
    made = frozenset(_keys_made(shape))
    unknown = []
    for index, token in enumerate(shape.tokens):
        if token.is_symbol(".") and shape.at(index + 1).names:
            if not _is_property(shape, index + 1, made):
                unknown.append(shape.at(index + 1))
        elif shape.key_colon(index) and _of_pattern(shape, index) and not _is_property(shape, index - 1, frozenset()):
            raise _no_property(shape.text, shape.at(index - 1))
    return tuple(unknown)


def check_keys(query: str, unknown: Sequence[Token], keys: Collection[str]) -> None:
    """Check names that nothing has against the keys of the maps in the parameters. Raises `QueryRefusedError`."""
    for token in unknown:
        if _name_of(token) not in keys:
            raise _no_property(query, token)


def _check_label(shape: Shape, index: int) -> None:
    name = _name(shape, index)
    link = shape.in_relationship(index)
    if name in (_TYPES if link else _LABELS | _TYPES):
        return
    kind, rule, known = ("relationship type", "unknown-type", _TYPES) if link else ("label", "unknown-label", _LABELS)
    raise shape.refuse(index, rule, f"the graph has no {kind} {name!r}", _near(name, known))


def _is_property(shape: Shape, index: int, made: Collection[str]) -> bool:
    name = _name(shape, index)
    if name in PROPERTIES or name in FIELDS or name in made or shape.at(index + 1).is_symbol("("):
        return True
    return shape.at(index + 1).is_symbol(".") and name.lower() in _FIRST_PARTS


def _no_property(query: str, token: Token) -> QueryRefusedError:
    name = _name_of(token)
    reason = f"nothing in the graph has a property {name!r}"
    return refusal(query, token.offset, "unknown-property", reason, _near(name, PROPERTIES))


def _near(name: str, known: Collection[str]) -> tuple[str, ...]:
    by_low = {one.lower(): one for one in sorted(known)}
    return tuple(by_low[low] for low in get_close_matches(name.lower(), by_low, n=3, cutoff=0.6))


def _name(shape: Shape, index: int) -> str:
    return _name_of(shape.at(index))


def _name_of(token: Token) -> str:
    return token.value if token.kind is Kind.QUOTED else token.text


def _label_expression(shape: Shape, colon: int) -> Iterator[int]:
    """The names of the label expression behind a colon; a `|` in a list ends it there, as it begins what is listed."""
    index, depth = colon + 1, 0
    outer = shape.around[colon]
    in_list = outer is not None and shape.at(outer).is_symbol("[") and not shape.in_relationship(colon)
    while True:
        while shape.at(index).is_symbol("!", "(", ":"):
            depth += shape.at(index).is_symbol("(")
            index += 1
        if shape.at(index).names:
            yield index
        index += 1
        while depth and shape.at(index).is_symbol(")"):
            depth, index = depth - 1, index + 1
        joins = shape.at(index).is_symbol("&") or (shape.at(index).is_symbol("|") and (depth > 0 or not in_list))
        if not joins or index >= len(shape.tokens):
            return
        index += 1


def _of_pattern(shape: Shape, colon: int) -> bool:
    """Whether the map of a key stands behind the label of a node or the type of a relationship."""
    brace = shape.around[colon]
    if brace is None or not shape.at(brace - 1).names:
        return False
    return shape.at(brace - 2).is_symbol(":", "|", "&", "!") and not shape.key_colon(brace - 2)


def _keys_made(shape: Shape) -> Iterator[str]:
    """The keys of the maps that the query itself makes."""
    for index, token in enumerate(shape.tokens):
        if token.names and shape.key_colon(index + 1) and not _of_pattern(shape, index + 1):
            yield _name(shape, index)
        outer = shape.around[index]
        if (
            token.names
            and outer in shape.maps
            and shape.at(index - 1).is_symbol("{", ",")
            and not _is_key(shape, index)
        ):
            yield _name(shape, index)


def _is_key(shape: Shape, index: int) -> bool:
    return shape.at(index + 1).is_symbol(":")
