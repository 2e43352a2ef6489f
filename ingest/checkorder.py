"""Checks of what comes when, of causes and of terms: the order of events against the clocks, and who did what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ingest.checkarithmetic import Arguments, not_checkable
from ingest.checkmodel import Finding, Outcome, Reading, Terms, World, agrees, days

# What follows from a fall in price by itself, so that it cannot be read as its cause without more.
SYMPTOMS = frozenset(
    {
        "open interest",
        "open interest change",
        "liquidations",
        "margin calls",
        "realised loss",
        "implied volatility",
        "drawdown",
        "sentiment index",
        "momentum indicator",
    }
)
_DAY = timedelta(days=1)


def _weeks_on(day: date, weeks: int) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday()) + timedelta(weeks=weeks)
    return monday, monday + 6 * _DAY


def written_between(word: str, day: date) -> tuple[date, date] | None:
    """Between which days a text was written that dates `day` by `word`; None for a word that dates nothing."""
    spans = {
        "today": (day, day),
        "yesterday": (day + _DAY, day + _DAY),
        "tomorrow": (day - _DAY, day - _DAY),
        "this week": _weeks_on(day, 0),
        "last week": _weeks_on(day, 1),
        "next week": _weeks_on(day, -1),
    }
    return spans.get(word)


def writing_day(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """When the text was written by this word, against what the other words of the same document say."""
    own = _anchor(of[0], arguments)
    if own is None:
        why = f"{arguments['word']!r} dates nothing, or what it dates has no day (today, yesterday, last week ...)"
        return not_checkable("writing_day", one, of, why)
    rivals = [
        (other, span)
        for other in world.readings.values()
        if other.document == one.document and other.key != one.key
        for check in other.checks
        if check["rule"] == "writing_day"
        and check["of"][0] in world.readings
        and (span := _anchor(world.readings[check["of"][0]], check)) is not None
    ]
    clash = next((pair for pair in rivals if pair[1][1] < own[0] or own[1] < pair[1][0]), None)
    expected = f"written {own[0]} to {own[1]}" if own[0] != own[1] else f"written {own[0]}"
    if clash is None:
        found = "no other word of the text speaks against it" if not rivals else "the text's other words agree"
        return Finding(kind="writing_day", claim=one, expected=expected, found=found, outcome="ok", of=of)
    other, span = clash
    found = f"written {span[0]} to {span[1]} by {other.name}"
    why = "one text cannot have been written on both: a translation or edition may have changed a word"
    return Finding(
        kind="writing_day", claim=one, expected=expected, found=found, outcome="failed", why=why, of=(*of, other)
    )


def _anchor(what: Reading, arguments: Arguments) -> tuple[date, date] | None:
    return None if what.first is None else written_between(str(arguments["word"]), what.first)


def confirms(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """Evidence whose window ends after what it is to confirm may show what came later instead."""
    what = of[0]
    end, own = what.last or what.first, one.last or one.first
    if end is None or own is None:
        return not_checkable("confirms", one, of, "one of the two has no day")
    late = own > end
    why = f"the window of the evidence ends {(own - end).days} day(s) after what it is to confirm" if late else None
    outcome: Outcome = "failed" if late else "ok"
    expected, found = f"by {end} ({what.name})", f"window {days(one)}"
    return Finding(kind="confirms", claim=one, expected=expected, found=found, outcome=outcome, why=why, of=of)


def caused_by(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """A cause begins no later than its effect, and is no symptom of it."""
    cause = of[0]
    expected, found = f"{cause.name} is the cause", f"{cause.indicator or 'no indicator'}, {days(cause)}"
    if cause.first is not None and one.first is not None and cause.first > (one.last or one.first):
        why = f"the cause begins on {cause.first}, after its effect ({days(one)})"
        return Finding(kind="caused_by", claim=one, expected=expected, found=found, outcome="failed", why=why, of=of)
    if cause.indicator in SYMPTOMS:
        why = f"{cause.indicator} follows from the price itself: which of the two moved the other is not shown"
        return Finding(kind="caused_by", claim=one, expected=expected, found=found, outcome="failed", why=why, of=of)
    if cause.first is None or one.first is None:
        return not_checkable("caused_by", one, of, "one of the two has no day", found)
    return Finding(kind="caused_by", claim=one, expected=expected, found=found, outcome="ok", of=of)


def continues(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """What goes on with something is about the same thing."""
    before = of[0]
    same = bool(set(one.subjects) & set(before.subjects))
    outcome: Outcome = "ok" if same else "failed"
    why = None if same else "two things are taken for one in one line of thought"
    expected, found = (
        f"about {', '.join(before.subjects) or 'nothing'}",
        f"about {', '.join(one.subjects) or 'nothing'}",
    )
    return Finding(kind="continues", claim=one, expected=expected, found=found, outcome=outcome, why=why, of=of)


def reconciled_by(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """Two readings that pull one thing both ways need a third claim, which is as firm as what it carries."""
    other, bridge = of
    expected, found = f"{bridge.name} reconciles it with {other.name}", f"{bridge.name} is {bridge.modality}"
    if not _opposed(one, other):
        return not_checkable("reconciled_by", one, of, "the two do not go opposite ways", found)
    if bridge.modality == "stated":
        return Finding(kind="reconciled_by", claim=one, expected=expected, found=found, outcome="ok", of=of)
    weak = f"both can only be so if {bridge.name} is, and that is no more than {bridge.modality}"
    return Finding(kind="reconciled_by", claim=one, expected=expected, found=found, outcome="failed", why=weak, of=of)


def _opposed(one: Reading, other: Reading) -> bool:
    signs = []
    for reading in (one, other):
        if reading.value:
            signs.append(1 if reading.value > 0 else -1)
        else:
            signs.append({"up": 1, "down": -1}.get(str(reading.direction), 0))
    return signs[0] * signs[1] < 0


def barrier_hit(one: Reading, of: tuple[Reading, ...], arguments: Arguments, world: World) -> Finding:
    """A barrier that is tested at maturity alone is not hit before."""
    terms = next((world.terms[name] for name in one.subjects if name in world.terms), None)
    expected = f"reached by {one.last or one.first}"
    if terms is None or terms.observation is None or one.first is None:
        why = "the terms of the barrier (barrier_observation) or the day are not known"
        return not_checkable("barrier_hit", one, of, why)
    found = f"tested {_tested(terms)}"
    if terms.observation != "maturity":
        return Finding(kind="barrier_hit", claim=one, expected=expected, found=found, outcome="ok")
    if terms.maturity is None:
        return not_checkable("barrier_hit", one, of, "it is tested at maturity, and the maturity is not known", found)
    early = one.first < terms.maturity
    early_why = "a barrier that is tested at maturity alone cannot be hit before" if early else None
    outcome: Outcome = "failed" if early else "ok"
    return Finding(kind="barrier_hit", claim=one, expected=expected, found=found, outcome=outcome, why=early_why)


def _tested(terms: Terms) -> str:
    how = {"continuous": "at any time", "daily_close": "at each close", "maturity": "at maturity alone"}
    told = how.get(str(terms.observation), str(terms.observation))
    return told if terms.maturity is None else f"{told}, {terms.maturity}"


def dates(one: Reading, world: World) -> Iterator[Finding]:
    """A day that was not printed, and words that may mean several days, unless another reading decides."""
    if one.inferred:
        why = "the text prints no year (or day); it was inferred"
        yield Finding(
            kind="year_inferred", claim=one, expected=days(one), found="not printed", outcome="not_checkable", why=why
        )
    if one.other_dates and one.first is not None:
        yield _which_day(one, world, (one.first, *one.other_dates))


def _which_day(one: Reading, world: World, candidates: tuple[date, ...]) -> Finding:
    expected = " or ".join(str(day) for day in candidates)
    fits = (
        sorted(
            (other.first, other)
            for other in world.comparable(one)
            if other.first in candidates and other.document != one.document and _alike(one, other)
        )
        if one.value is not None
        else []
    )
    found_days = sorted({day for day, _ in fits if day is not None})
    series = world.series.get((str(one.indicator), str(one.subject)), {})
    found_days += [day for day in candidates if day in series and _near(one, series[day])]
    if len(set(found_days)) == 1:
        found = str(found_days[0])
        outcome: Outcome = "ok" if found_days[0] == candidates[0] else "failed"
        why = "the words may mean several days; another reading has this value on one of them"
        of = tuple(other for _, other in fits)
        return Finding(
            kind="date_ambiguous", claim=one, expected=expected, found=found, outcome=outcome, why=why, of=of
        )
    why = "the words may mean several days, and no other reading decides"
    return Finding(kind="date_ambiguous", claim=one, expected=expected, found="", outcome="not_checkable", why=why)


def _alike(one: Reading, other: Reading) -> bool:
    return other.value is not None and _near(one, other.value)


def _near(one: Reading, value: float) -> bool:
    return one.value is not None and agrees(one.value, value, one.bound, multiplier=one.multiplier)
