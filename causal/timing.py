"""Does the order of cause and effect fit a story? (causal.md 3.3)

Each step of a story brings about the next. Where both were seen at instants, the order of the two is evidence on the
pair: of steps that hang together the effect seldom comes first, of steps that do not either order is as likely. An
effect that is dated before its cause multiplies the odds of the pair by `Method.lag_reversed` (r), one that follows by
2 - r, so that the expectation over both orders is 1 and instants as such say nothing. Differences within
`Method.clock_error_hours` are no order. Both reports have to be right for it, so that it counts with the product of
their reliabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from causal.facts import FactIndex, Report
from causal.model import Narrative
from causal.observables import Answer, Findings
from causal.settings import Method
from causal.structure import Lag, Structure

Seen = tuple[datetime, Report]
INSTANT = timedelta(hours=1)  # what lasts longer has no one time


def lags(
    index: FactIndex, narratives: Sequence[Narrative], findings: Findings, structure: Structure, method: Method
) -> tuple[Lag, ...]:
    """One entry for each two consecutive steps that were both seen at instants; none where `lag_reversed` is 1."""
    if method.lag_reversed == 1.0:
        return ()
    seen: dict[tuple[int, int], Seen] = {}
    for answer in findings.answers:
        for found in _instants(index, answer):
            place = (answer.narrative, answer.step)
            if place not in seen or (found[0], found[1].fact) < (seen[place][0], seen[place][1].fact):
                seen[place] = found
    made: dict[tuple[int, int], Lag] = {}
    for number, narrative in enumerate(narratives):
        for before, after in zip(narrative.steps, narrative.steps[1:], strict=False):
            pair = (structure.steps[before.key], structure.steps[after.key])
            cause, effect = seen.get((number, before.n)), seen.get((number, after.n))
            if cause is None or effect is None or pair in made or cause[1].fact == effect[1].fact:
                continue
            lag = _lag(pair, cause, effect, method)
            if lag is not None:
                made[pair] = lag
    return tuple(made.values())


def _instants(index: FactIndex, answer: Answer) -> list[Seen]:
    """When what a step predicts was seen to happen: what is dated within an hour and lies on the side predicted."""
    if answer.by_move is not None or answer.side == "flat":
        return []
    found = []
    for report in answer.reports:
        fact = index.by_id.get(report.fact)
        met = report.reading.bin >= 4 if answer.side == "up" else report.reading.bin <= 2
        if fact is None or fact.series is not None or fact.trade_date is not None or report.searched or not met:
            continue
        if fact.time_precision in (None, "instant", "minute", "hour") and fact.valid_to - fact.valid_from <= INSTANT:
            found.append((fact.valid_from, report))
    return found


def _lag(pair: tuple[int, int], cause: Seen, effect: Seen, method: Method) -> Lag | None:
    hours = (effect[0] - cause[0]) / timedelta(hours=1)
    if abs(hours) <= method.clock_error_hours:
        return None
    ratio = method.lag_reversed if hours < 0.0 else 2.0 - method.lag_reversed
    both = cause[1].reliability * effect[1].reliability
    return Lag(scope=pair, ratio=both * ratio + 1.0 - both, items=(cause[1].fact, effect[1].fact))
