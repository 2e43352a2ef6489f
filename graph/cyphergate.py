"""The first look at an analyst's Cypher: what is not plainly a bounded read is refused before any server sees it.

A pure function over the text. It is no guarantee (a user without rights and a transaction that is rolled back are);
it keeps out what a server cannot be stopped in, and tells an analyst early, by line and column, what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from graph.cypherbounds import check_bounds, check_ranges
from graph.cyphergrowth import check_growth
from graph.cypherlexer import Kind, Token, refusal, tokens
from graph.cyphernames import check_keys, check_names
from graph.cypherparams import check_params, keys_of
from graph.cyphershape import Shape, shape_of
from graph.cypherwords import BEFORE_BRACKET, DOTTED, FIRST, FUNCTIONS, PROCEDURES, REASONS, REFUSED

MAX_BYTES = 8_192
MAX_TOKENS = 1_500
REMEMBERED, REMEMBERED_CHARACTERS = 64, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passed:
    """A text that passed, and what of it has to be looked at with the parameters of each time.

    `unknown` are the names that a map among the parameters may have; `ranged` is there where they may bound a range.
    """

    text: str
    parameters: tuple[Token, ...]
    unknown: tuple[Token, ...]
    ranged: Shape | None


def check(query: str, params: Mapping[str, object]) -> str:
    """The query as it may be sent: without a semicolon at its end. Raises `QueryRefusedError` with rule and place.

    What depends on the text alone is remembered of short texts that passed, as analysts ask the same again and again.
    """
    passed = _passed_lately(query) if len(query) <= REMEMBERED_CHARACTERS else _passed(query)
    check_params(query, passed.parameters, params)
    if passed.ranged is not None:
        check_ranges(passed.ranged, params)
    if passed.unknown:
        check_keys(query, passed.unknown, keys_of(params))
    return passed.text


def _passed(query: str) -> _Passed:
    if len(query.encode("utf-8", errors="surrogatepass")) > MAX_BYTES:
        raise refusal(query, 0, "size", f"the query is larger than {MAX_BYTES} bytes; pass long values as parameters")
    found = tokens(query)
    if len(found) > MAX_TOKENS:
        offset = found[MAX_TOKENS].offset
        raise refusal(query, offset, "size", f"the query has more than {MAX_TOKENS} words and symbols")
    shape = shape_of(query, found)
    text = _one_statement(shape)
    _check_first(shape)
    _check_words(shape)
    calls = _check_calls(shape)
    _check_functions(shape, calls)
    check_bounds(shape)
    check_growth(shape)
    parameters = tuple(token for token in found if token.kind is Kind.PARAMETER)
    if not parameters:
        check_ranges(shape, {})
    return _Passed(
        text=text,
        parameters=parameters,
        unknown=check_names(shape),
        ranged=shape if parameters and any(token.value == "RANGE" for token in found) else None,
    )


_passed_lately = lru_cache(maxsize=REMEMBERED)(_passed)


def _one_statement(shape: Shape) -> str:
    for index, token in enumerate(shape.tokens):
        if token.is_symbol(";"):
            if index + 1 < len(shape.tokens):
                raise shape.refuse(index, "statements", "one statement at a time")
            return shape.text[: token.offset]
    return shape.text


def _check_first(shape: Shape) -> None:
    first = shape.at(0)
    if not shape.tokens or first.is_symbol(";"):
        raise refusal(shape.text, 0, "empty", "the query is empty")
    if first.is_word(*FIRST):
        return
    rule = REFUSED.get(first.value)
    if first.kind is Kind.WORD and rule is not None:
        raise shape.refuse(0, rule, REASONS[rule].format(word=first.value))
    raise shape.refuse(0, "first-word", f"a query begins with one of {', '.join(sorted(FIRST))}, not {first.text!r}")


def _check_words(shape: Shape) -> None:
    for index, token in shape.words():
        rule = REFUSED.get(token.value)
        if rule is not None:
            reason = f"{REASONS[rule].format(word=token.value)}; a name that is called so goes in backticks"
            raise shape.refuse(index, rule, reason)


def _check_calls(shape: Shape) -> frozenset[int]:
    """Where the names of procedures end; every other CALL has to open a subquery."""
    ends = set()
    for index, token in shape.words():
        if token.value != "CALL":
            continue
        after = index + 1
        if shape.at(after).is_symbol("("):
            after = shape.closing[after] + 1
        if shape.at(after).is_symbol("{"):
            continue
        name, end = _dotted_from(shape, index + 1)
        if name not in PROCEDURES:
            allowed = ", ".join(sorted(PROCEDURES))
            raise shape.refuse(index, "procedure", f"the procedure {name or '?'} is not among those taken: {allowed}")
        ends.add(end)
    return frozenset(ends)


def _dotted_from(shape: Shape, start: int) -> tuple[str, int]:
    """The dotted name that begins at a token, and the index of its last part."""
    name, index = shape.at(start).text, start
    while shape.at(index + 1).is_symbol(".") and shape.at(index + 2).names:
        name, index = f"{name}.{shape.at(index + 2).text}", index + 2
    return name, index


def _check_functions(shape: Shape, calls: frozenset[int]) -> None:
    for opening in shape.closing:
        index = opening - 1
        token = shape.at(index)
        if not shape.at(opening).is_symbol("(") or index in calls:
            continue
        if token.kind in (Kind.QUOTED, Kind.PARAMETER):
            raise shape.refuse(index, "function", f"{token.text} before a bracket is not taken")
        if token.kind is Kind.WORD:
            _check_function(shape, index)


def _check_function(shape: Shape, index: int) -> None:
    name = shape.at(index).text
    start = index
    while shape.at(start - 1).is_symbol(".") and shape.at(start - 2).names:
        start -= 2
        name = f"{shape.at(start).text}.{name}"
    low = name.lower()
    if start == index and not shape.at(index - 1).is_symbol("."):
        known = low in FUNCTIONS or low.upper() in BEFORE_BRACKET
    else:
        known = low in DOTTED
    if not known:
        near = tuple(FUNCTIONS.get(one, one) for one in get_close_matches(low, [*FUNCTIONS, *DOTTED], n=3))
        raise shape.refuse(start, "function", f"{name}() is not among the functions taken", near)
