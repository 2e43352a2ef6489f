"""Checks that recompute a number: probabilities of z-scores, ratios, percent changes, records, prices, baskets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ingest.checkmodel import Finding, Outcome, Reading, World, agrees, days, shown

Arguments = Mapping[str, Any]
Rule = Callable[[Reading, tuple[Reading, ...], Arguments, World], Finding]


def tail(z: float) -> float:
    """P(|Z| > |z|) of a standard normal Z."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def _finding(kind: str, one: Reading, of: tuple[Reading, ...], found: str, *, right: bool, why: str = "") -> Finding:
    outcome: Outcome = "ok" if right else "failed"
    return Finding(kind=kind, claim=one, expected=one.told, found=found, outcome=outcome, why=why or None, of=of)


def _number(kind: str, one: Reading, of: tuple[Reading, ...], found: float, what: str) -> Finding:
    """The claim's number, or its range, against the number found (in whole units)."""
    shown_as = f"{shown(found / one.multiplier)} ({what})"
    if one.value is None:
        if one.low is None or one.high is None:
            return not_checkable(kind, one, of, "the claim has no number")
        low, high = one.low * one.multiplier, one.high * one.multiplier
        right = agrees(low, found, "at least", multiplier=one.multiplier) and agrees(
            high, found, "at most", multiplier=one.multiplier
        )
        return _finding(kind, one, of, shown_as, right=right)
    return _finding(kind, one, of, shown_as, right=agrees(one.value, found, one.bound, multiplier=one.multiplier))


def not_checkable(kind: str, one: Reading, of: tuple[Reading, ...], why: str, found: str = "") -> Finding:
    """What a rule says when something is missing."""
    return Finding(kind=kind, claim=one, expected=one.told, found=found, outcome="not_checkable", why=why, of=of)


def normal_tail(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """The probability of a z-score under a normal distribution, on both sides or one, whichever is told."""
    z = of[0].value
    if z is None or one.value is None:
        return not_checkable("normal_tail", one, of, "the claim or its z-score has no number")
    both = tail(z)
    ways = {2: ("two-sided", both), 1: ("one-sided", both / 2)}
    allowed = [ways[arguments["sides"]]] if arguments.get("sides") else list(ways.values())
    matched = [name for name, p in allowed if agrees(one.value, p, one.bound, multiplier=one.multiplier)]
    found = ", ".join(f"{shown(p / one.multiplier)} {name}" for name, p in ways.values())
    why = f"right only {matched[0]}" if matched else "a normal distribution gives neither"
    return _finding("normal_tail", one, of, found, right=bool(matched), why=why)


def rarer_than(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """How many times rarer a z-score is than another under a normal distribution."""
    z, other = of[0].value, float(arguments["number"])
    if z is None:
        return not_checkable("rarer_than", one, of, "the z-score has no number")
    return _number("rarer_than", one, of, tail(other) / tail(z), f"P(|Z|>{other:g}) / P(|Z|>{abs(z):g})")


def ratio(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """One reading divided by another: a ratio, a share, a percent of a percent."""
    above, below = of[0].value, of[1].value
    if above is None or not below:
        return not_checkable("ratio", one, of, "one of the two has no number, or the second is nought")
    if of[0].unit != of[1].unit:
        return not_checkable("ratio", one, of, f"{of[0].unit} and {of[1].unit} cannot be divided into a plain number")
    return _number("ratio", one, of, above / below, f"{of[0].told} / {of[1].told}")


def percent_change(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """A base after a change in percent."""
    base, percent = of[0].value, float(arguments["number"])
    if base is None:
        return not_checkable("percent_change", one, of, "the base has no number")
    return _number("percent_change", one, of, base * (1 + percent / 100), f"{of[0].told} {percent:+g} percent")


def times_record(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """A new record divided by the one before it, the highest reading or series value of an earlier day."""
    level = of[0]
    if level.value is None or level.first is None:
        return not_checkable("times_record", one, of, "the new reading has no number or no day")
    same = [other for other in world.comparable(level) if other.value is not None]
    now = [level, *(other for other in same if other.first == level.first)]
    before = {other.key: other for other in same if (other.last or other.first or level.first) < level.first}
    values = [(float(other.value or 0.0), f"{other.told} on {days(other)}") for other in before.values()]
    series = world.series.get((str(level.indicator), str(level.subject)), {})
    values += [(value, f"series on {day}") for day, value in series.items() if day < level.first]
    if not values:
        return not_checkable("times_record", one, of, "no earlier reading of it is in the graph")
    record, told = max(values)
    if record <= 0:
        return not_checkable("times_record", one, of, "the record before is not above nought")
    quotients = sorted((float(other.value or 0.0)) / record for other in now)
    right = one.value is not None and any(
        agrees(one.value, quotient, one.bound, multiplier=one.multiplier) for quotient in quotients
    )
    found = " to ".join(dict.fromkeys(shown(quotient) for quotient in (quotients[0], quotients[-1])))
    compared = tuple(other for other in before.values() if other.value == record)
    return _finding("times_record", one, (*now, *compared), f"{found} (record before: {told})", right=right)


def per_share(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """Money divided by shares, against the prices of the thing on the days around."""
    money, shares = of[0].value, of[1].value
    if money is None or not shares or one.first is None:
        return not_checkable("per_share", one, of, "the money, the shares or the day is missing")
    found = money / shares
    subject = str(one.subject)
    near = [
        (float(other.value or 0.0), other)
        for key in sorted(world.readings)
        if (other := world.readings[key]).indicator == "price level"
        and other.subject == subject
        and other.value is not None
        and other.first is not None
        and abs((other.first - one.first).days) <= 4
    ]
    values = [value for value, _ in near]
    series = world.series.get(("price level", subject), {})
    values += [value for day, value in series.items() if abs((day - one.first).days) <= 4]
    if not values:
        why = f"no price of {subject} around {one.first} is in the graph or in a series"
        return not_checkable("per_share", one, of, why, f"{shown(found)} a share")
    right = 0.98 * min(values) <= found <= 1.02 * max(values)
    told = f"{shown(found)} a share; prices from {shown(min(values))} to {shown(max(values))}"
    return _finding("per_share", one, (*of, *(other for _, other in near)), told, right=right)


def baskets(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """Shares are created and redeemed in whole baskets: the number as it is printed is a whole number of them."""
    shares, size = of[0].value, float(arguments["number"])
    if shares is None:
        return not_checkable("baskets", one, of, "the shares have no number")
    count = shares / size
    right = abs(count - round(count)) <= 1e-9 * max(1.0, abs(count))
    return _finding("baskets", one, of, f"{shown(count)} baskets of {shown(size)}", right=right)
