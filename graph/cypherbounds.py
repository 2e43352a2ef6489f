"""Refuses what makes a short query endless: open paths and ranges, regular expressions, long runs and chains.

What stays possible (products of many matches, say) is ended by its deadline; what stands here would make a server hang
or fill its memory faster than it can be told to stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from graph.cypherlexer import Kind
from graph.cyphershape import Shape

MAX_HOPS = 8
MAX_RANGE = 10_000
MAX_RANGES = 1_000_000  # all ranges of a query multiplied, as they may stand in each other
MAX_UNIONS = 8
MAX_RUN = 8
MAX_CHAIN = 64
_RUNS = frozenset({"NOT", "-", "+", "!"})
_CHAINS = frozenset({"AND", "OR", "XOR", "+", "*", "/", "%", "^", "||", "<>", "<=", ">="})


def check_bounds(shape: Shape) -> None:
    """Check what decides how much work a text may mean, but for its ranges. Raises `QueryRefusedError`."""
    _check_operators(shape)
    _check_runs(shape)
    _check_chains(shape)
    for index in range(len(shape.tokens)):
        _check_path(shape, index)
        _check_quantifier(shape, index)


def _check_operators(shape: Shape) -> None:
    unions = [index for index, token in shape.words() if token.value == "UNION"]
    if len(unions) > MAX_UNIONS:
        raise shape.refuse(unions[MAX_UNIONS], "union", f"a query has at most {MAX_UNIONS} UNIONs")
    for index, token in enumerate(shape.tokens):
        if token.is_symbol("=~"):
            reason = "regular expressions are not taken; use CONTAINS, STARTS WITH or ENDS WITH"
            raise shape.refuse(index, "regular-expression", reason)
        if token.is_symbol("+="):
            raise shape.refuse(index, "write", "+= writes, and only reads are taken")


def _check_runs(shape: Shape) -> None:
    run = 0
    for index, token in enumerate(shape.tokens):
        run = run + 1 if token.value in _RUNS and token.kind in (Kind.WORD, Kind.SYMBOL) else 0
        if run > MAX_RUN:
            raise shape.refuse(index, "run", f"more than {MAX_RUN} signs in a row")


def _check_chains(shape: Shape) -> None:
    """Operators side by side in one bracket: parsers call themselves for each, and planners multiply them out."""
    counts: dict[tuple[int | None, str], int] = {}
    for index, token in enumerate(shape.tokens):
        if not (token.value in _CHAINS and (token.is_word(token.value) or token.is_symbol(token.value))):
            continue
        key = (shape.around[index], token.value)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] > MAX_CHAIN:
            reason = f"more than {MAX_CHAIN} times {token.text} in one bracket; compare with a list by IN instead"
            raise shape.refuse(index, "chain", reason)


def _check_path(shape: Shape, index: int) -> None:
    if not shape.at(index).is_symbol("*") or not shape.in_relationship(index):
        return
    after = index + 1
    low = high = _number(shape, after)
    after += low is not None
    if shape.at(after).is_symbol(".."):
        high = _number(shape, after + 1)
    if high is None or high > MAX_HOPS:
        reason = f"a path of variable length needs an upper bound of at most {MAX_HOPS}: write *1..{MAX_HOPS}"
        raise shape.refuse(index, "path", reason)


def _number(shape: Shape, index: int) -> int | None:
    text = shape.at(index).text
    return int(text) if text.isdigit() and len(text) < 10 else None


def _check_quantifier(shape: Shape, index: int) -> None:
    """`(...)+`, `->*` and `(...){1,}` repeat a part of a pattern: the last alone can have a bound."""
    token, before = shape.at(index), shape.at(index - 1)
    reason = f"a repeated pattern needs an upper bound of at most {MAX_HOPS}: write {{1,{MAX_HOPS}}}"
    if token.is_symbol("+", "*") and (_ends_link(shape, index - 1) or _ends_pattern(shape, index - 1)):
        raise shape.refuse(index, "path", reason)
    if token.is_symbol("{") and index not in shape.maps and before.is_symbol(")", ">", "-"):
        start = shape.opening.get(index - 1)
        if start is not None and shape.at(start - 1).is_word("CALL"):
            return
        high = _number(shape, shape.closing[index] - 1)
        if high is None or high > MAX_HOPS:
            raise shape.refuse(index, "path", reason)


def _ends_link(shape: Shape, index: int) -> bool:
    """Whether `->` or `]-` or `--` ends here, as it does in patterns alone."""
    token, before = shape.at(index), shape.at(index - 1)
    if token.is_symbol(">"):
        return before.is_symbol("-")
    return token.is_symbol("-") and before.is_symbol("]", "-")


def _ends_pattern(shape: Shape, index: int) -> bool:
    start = shape.opening.get(index)
    if start is None or not shape.at(start).is_symbol("(") or not shape.at(start + 1).is_symbol("("):
        return False
    inside = shape.tokens[start:index]
    return any(
        (one.is_symbol("-") and two.is_symbol("[", "-", ">")) or (one.is_symbol("<") and two.is_symbol("-"))
        for one, two in pairwise(inside)
    )


def check_ranges(shape: Shape, params: Mapping[str, object]) -> None:
    """Check how long the ranges of a query are, with these parameters. Raises `QueryRefusedError`."""
    product = 1
    for index, token in shape.words():
        if token.value != "RANGE" or not shape.at(index + 1).is_symbol("("):
            continue
        product *= max(_range_length(shape, index, params), 1)
        if product > MAX_RANGES:
            reason = f"the ranges of a query multiplied may have at most {MAX_RANGES:,} elements"
            raise shape.refuse(index, "range", reason)


def _range_length(shape: Shape, index: int, params: Mapping[str, object]) -> int:
    """The most elements of a range; one that ends at the size of a list is as long as a list may be made."""
    ends = shape.closing[index + 1]
    commas = [at for at in range(index + 2, ends) if shape.at(at).is_symbol(",") and shape.around[at] == index + 1]
    cuts = [index + 1, *commas, ends]
    bounds = [_bound(shape, one + 1, two, params) for one, two in pairwise(cuts)][:2]
    if len(bounds) < 2 or None in bounds:
        reason = "range() takes whole numbers, parameters and size(...) as its bounds"
        raise shape.refuse(index, "range", reason)
    low, high = (bound or 0 for bound in bounds)
    length = abs(high - low) + 1
    if length > MAX_RANGE:
        raise shape.refuse(index, "range", f"a range has at most {MAX_RANGE:,} elements")
    return length


def _bound(shape: Shape, start: int, end: int, params: Mapping[str, object]) -> int | None:
    sign = 1
    if shape.at(start).is_symbol("-"):
        sign, start = -1, start + 1
    token = shape.at(start)
    if end - start == 1:
        given = params.get(token.value) if token.text.startswith("$") else _number(shape, start)
        return sign * given if isinstance(given, int) and not isinstance(given, bool) else None
    if not token.is_word("SIZE") or not shape.at(start + 1).is_symbol("("):
        return None
    rest = shape.tokens[shape.closing[start + 1] + 1 : end]
    plain = not rest or (len(rest) == 2 and rest[0].is_symbol("-", "+") and rest[1].text in {"0", "1", "2"})
    return 1_000 if plain else None
