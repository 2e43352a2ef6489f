"""How often somebody was right: scores of forecasts, how sure they are, and the grade that they would speak for.

A forecast that came with a probability p is scored by the Brier score (p - o)^2 and by the logarithmic score
-log2 of the probability of what happened, in bits (Brier 1950, Good 1952); less is better in both, and to say one half
always gives 0.25 and 1 bit. Without a probability it was right or wrong and nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

SMALLEST = 10  # forecasts below which nothing is concluded
TOO_SMALL = "n too small"
_Z = NormalDist().inv_cdf(0.975)
_NOBODY_KNOWS = "F"  # the letter of what cannot be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A forecast that was resolved: whether it came true, and the probability that its author gave it (or None)."""

    outcome: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean score of `n` forecasts; `low` and `high` are its 95 % interval, None where n is too small."""

    n: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """What resolved forecasts say of their author; `right` of `judged` were right, others gave exactly one half.

    `grade` is an Admiralty letter to be looked at by a reviewer, with `why`; nothing here applies it.
    """

    resolved: int
    judged: int
    right: int
    share_low: float | None
    share_high: float | None
    brier: Mean
    log_score: Mean
    note: str
    grade: str
    why: str


def brier(probability: float, outcome: bool) -> float:
    """(p - o)^2, from 0 (sure and right) to 1 (sure and wrong)."""
    return (probability - float(outcome)) ** 2


def log_score(probability: float, outcome: bool) -> float:
    """-log2 of the probability given to what happened, in bits. ValueError where that is 0."""
    given = probability if outcome else 1.0 - probability
    if given <= 0.0:
        raise ValueError("a forecast of certainty that fails has no finite score; give a probability between 0 and 1")
    return -math.log2(given)


def track_record(forecasts: Sequence[Scored], reliabilities: Mapping[str, float]) -> TrackRecord:
    """The track record of one author or source; `reliabilities` are those of the grades A to E (and F, unused)."""
    given = [(one.probability, one.outcome) for one in forecasts if one.probability is not None]
    told = [verdict for one in forecasts if (verdict := was_right(one)) is not None]
    right = sum(told)
    low, high = wilson(right, len(told))
    grade, why = proposed_grade(right, len(told), reliabilities)
    return TrackRecord(
        resolved=len(forecasts),
        judged=len(told),
        right=right,
        share_low=low,
        share_high=high,
        brier=_mean([brier(p, outcome) for p, outcome in given], most=1.0),
        log_score=_mean([log_score(p, outcome) for p, outcome in given], most=math.inf),
        note=TOO_SMALL if len(forecasts) < SMALLEST else "",
        grade=grade,
        why=why,
    )


def was_right(one: Scored) -> bool | None:
    """Whether what was held more likely happened; None of a forecast of exactly one half."""
    if one.probability is None:
        return one.outcome
    return None if one.probability == 0.5 else (one.probability > 0.5) == one.outcome


def wilson(right: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % score interval of a share (Wilson 1927); (None, None) of nothing."""
    if n == 0:
        return None, None
    share, z2 = right / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def proposed_grade(right: int, judged: int, reliabilities: Mapping[str, float]) -> tuple[str, str]:
    """The letter whose reliability is nearest to the share that was right, shrunk by (right + 1/2) / (n + 1), and why.

    The shrinking is the mean under Jeffreys' prior. Of two letters as near the worse one is taken.
    """
    if judged < SMALLEST:
        return _NOBODY_KNOWS, f"{TOO_SMALL}: {judged} forecasts that could be right or wrong, {SMALLEST} are needed"
    share = (right + 0.5) / (judged + 1.0)
    letters = sorted((letter for letter in reliabilities if letter != _NOBODY_KNOWS), reverse=True)
    letter = min(letters, key=lambda one: abs(reliabilities[one] - share))
    return letter, f"{right} of {judged} were right ({share:.2f} after shrinking); {letter} stands for about " + (
        f"{reliabilities[letter]:.2f}"
    )


def _mean(scores: Sequence[float], *, most: float) -> Mean:
    n = len(scores)
    mean = fmean(scores) if scores else None
    if mean is None or n < SMALLEST:
        return Mean(n=n, mean=mean, low=None, high=None)
    half = student(n - 1) * stdev(scores) / math.sqrt(n)
    return Mean(n=n, mean=mean, low=max(mean - half, 0.0), high=min(mean + half, most))


def student(freedom: int) -> float:
    """The 97.5 percent point of Student's t (Abramowitz and Stegun 26.7.5), within 0.001 from 9 degrees on."""
    z, n = _Z, float(freedom)
    terms = (
        z,
        (z**3 + z) / (4 * n),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3),
    )
    return sum(terms)
