"""Checks of words against numbers: the sign that others report, directions against levels, superlatives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ingest.checkmodel import Finding, Outcome, Reading, World, days, scale_of, scaled, shown

_SIGNS = {"up": 1, "down": -1}
# Of these a direction is a level's sign: "extends to", "inflow".
_SIGNED = frozenset({"realised correlation", "net ETF flow", "shares outstanding change", "positioning"})
_RECENT = 10  # days before a reading within which a level counts as the one that it came from


def sign_of(one: Reading) -> int:
    """1, -1 or 0: the sign of the number, else of the direction."""
    if one.value is not None:
        return (one.value > 0) - (one.value < 0)
    return _SIGNS.get(str(one.direction), 0)


def agreement(one: Reading, world: World) -> Iterator[Finding]:
    """Another reading of the same thing and day has the opposite sign."""
    if one.first is None or not sign_of(one) or is_level(one):
        return
    same_day = [
        other
        for other in world.others(one)
        if other.first == one.first and (other.last or other.first) == (one.last or one.first) and sign_of(other)
    ]
    against = [other for other in same_day if sign_of(other) != sign_of(one)]
    told = [f"{other.told or other.direction} ({other.source or other.name})" for other in against]
    measured = value_of_day(one, world) if one.last in {None, one.first} else None
    if measured is not None and measured * sign_of(one) < 0:
        told.append(f"{shown(measured)} (series)")
    if not told:
        return
    yield Finding(
        kind="agreement",
        claim=one,
        expected=one.told or str(one.direction),
        found="; ".join(dict.fromkeys(told)),
        outcome="failed",
        why=f"what others read for {days(one)} has the opposite sign",
        of=tuple(against),
    )


def is_level(one: Reading) -> bool:
    """Whether a sign says nothing, as of prices and volumes that are always above nought."""
    return one.value is None and one.indicator not in _SIGNED


def direction_vs_level(one: Reading, world: World) -> Iterator[Finding]:
    """A word that says up or down, against the level before: its own baseline, else what others read before it."""
    sign = _SIGNS.get(str(one.direction))
    if sign is None or one.value is None or one.first is None or one.indicator in _SIGNED:
        return
    before = [
        other for other in world.comparable(one) if (end := other.last or other.first) is not None and end < one.first
    ]
    levels = [(scaled(other), f"{other.told} on {days(other)}") for other in before]
    if one.baseline is not None:
        levels.append((one.baseline, f"{shown(one.baseline)} before, as the claim itself says"))
    if not levels:
        return
    level = scaled(one)
    wrong = [told for value, told in levels if (level - value) * sign < 0]
    outcome: Outcome = "failed" if len(wrong) == len(levels) else "ok"
    why = f"the word says {one.direction}, and every level known from before lies on the other side" if wrong else None
    yield Finding(
        kind="direction_vs_level",
        claim=one,
        expected=str(one.direction),
        found=f"{one.told} after {'; '.join(told for _, told in levels)}",
        outcome=outcome,
        why=why if outcome == "failed" else None,
        of=tuple(before),
    )


def superlatives(one: Reading, world: World) -> Iterator[Finding]:
    """Highest or lowest since a day: against earlier readings, series, and other superlatives of the same day."""
    if one.superlative is None or one.first is None:
        return
    since = one.since
    expected = f"{one.superlative} ever" if since is None else f"{one.superlative} since {since}"
    rival = _narrower(one, world)
    if rival is not None:
        found = f"{rival.superlative} since {rival.since} ({rival.source or rival.name})"
        why = "who measured the same day claims less: there was a more extreme day before"
        yield Finding(
            kind="superlative", claim=one, expected=expected, found=found, outcome="failed", why=why, of=(rival,)
        )
        return
    values, against = _record(one, world)
    level = scaled(one) if one.value is not None else value_of_day(one, world)
    if level is None or not values:
        why = "no number of its own and no earlier readings to compare with; load its series"
        yield Finding(kind="superlative", claim=one, expected=expected, found="", outcome="not_checkable", why=why)
        return
    sign = 1 if one.superlative == "highest" else -1
    extreme, told = max(values, key=lambda pair: sign * pair[0])
    beaten = (extreme - level) * sign > 0
    why = f"{len(values)} earlier values"
    yield Finding(
        kind="superlative",
        claim=one,
        expected=expected,
        found=f"{_plain(one, level)}; {one.superlative} before: {_plain(one, extreme)} ({told})",
        outcome="failed" if beaten else _surely(one, world),
        why=why if beaten or _surely(one, world) == "ok" else f"{why}, not the whole history; load its series",
        of=against,
    )


def _plain(one: Reading, number: float) -> str:
    """A number of `scaled`, as the claim prints it."""
    return shown(number if scale_of(one) == "points" else number / one.multiplier)


def _surely(one: Reading, world: World) -> Outcome:
    """A superlative is right only by a series that reaches back; a few readings can refute it alone."""
    series = world.series.get((str(one.indicator), str(one.subject)), {})
    return "ok" if series and (one.since is None or min(series) <= one.since) else "not_checkable"


def value_of_day(one: Reading, world: World) -> float | None:
    """The value of the day by the series, where the claim has no number."""
    series = world.series.get((str(one.indicator), str(one.subject)), {})
    return None if one.first is None else series.get(one.first)


def _record(one: Reading, world: World) -> tuple[list[tuple[float, str]], tuple[Reading, ...]]:
    first = one.first or date.min
    inside = [
        other
        for other in (world.comparable(one) if one.value is not None else ())
        if other.first is not None
        and (other.last or other.first) < first
        and (one.since is None or other.first >= one.since)
    ]
    values = [(scaled(other), f"{other.told} on {days(other)}") for other in inside]
    series = world.series.get((str(one.indicator), str(one.subject)), {})
    values += [
        (value, f"series on {day}")
        for day, value in series.items()
        if day < first and (one.since is None or day >= one.since)
    ]
    return values, tuple(inside)


def _narrower(one: Reading, world: World) -> Reading | None:
    """A superlative of the same kind, thing and day that reaches back less far, from another document."""
    return next(
        (
            other
            for other in world.others(one)
            if other.superlative == one.superlative
            and other.first == one.first
            and other.document != one.document
            and other.since is not None
            and (one.since is None or one.since < other.since)
        ),
        None,
    )
