"""The words of an answer: likelihood by ICD 203, confidence in the evidence base, and one honest sentence.

A likelihood and a confidence never stand in one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from causal.explanation import Confidence, Coverage, NarrativeAssessment, Unknown
from causal.model import COMPETING

# ICD 203 (2 January 2015), row 1: upper end of each band
_WORDS = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
)


ORDINARY = 0.2  # a move that comes on this share of days needs no cause
TRIFLE = 0.1  # bits


def likelihood_word(probability: float) -> str:
    """The ICD 203 word of a probability."""
    return next((word for edge, word in _WORDS if probability < edge), "almost certain")


def percent(probability: float) -> str:
    """A probability for people: never 0% or 100%."""
    shown = min(99.0, max(1.0, round(100 * probability)))
    return f"{shown:.0f}%"


def confidence_of(
    coverage: Coverage, origins: int, mean_reliability: float, leaning: float
) -> tuple[Confidence, tuple[str, ...]]:
    """How good the evidence base is: answered predictions, independent origins, reliability, lean on arguments.

    `leaning` is how much the arguments move the posterior. High needs all four to be good, low is one that is bad.
    """
    answered = (coverage.by_series + coverage.by_reports) / coverage.predictions if coverage.predictions else 0.0
    reasons = [
        f"{coverage.by_series + coverage.by_reports} of {coverage.predictions} predictions answered",
        f"{origins} independent origin{'' if origins == 1 else 's'}",
        f"mean reliability {mean_reliability:.2f}",
    ]
    if leaning > 0.1:
        reasons.append(f"arguments move it by {leaning:.2f}")
    if answered < 0.4 or origins < 2 or mean_reliability < 0.4:
        return "low", tuple(reasons)
    if answered >= 0.8 and origins >= 5 and mean_reliability >= 0.75 and leaning <= 0.1:
        return "high", tuple(reasons)
    return "moderate", tuple(reasons)


def answer_sentence(ranked: Sequence[NarrativeAssessment], unknown: Unknown, items: int, leak: float = 0.0) -> str:
    """One sentence: the leading story of the move, the runner-up, and the share of something else.

    What absorbed the flow or came after the move does not explain it, and leads no answer. A move that comes on many
    days without any story (`leak`, the chance of it) is called ordinary first.
    """
    rest = f"something else: {percent(unknown.posterior)}"
    if leak >= ORDINARY:
        rest += f"; the move is ordinary (about {percent(leak)} of days that go this way go as far) and needs no cause"
    ranked = [one for one in ranked if one.slot in COMPETING]
    if not ranked:
        return f"Not enough evidence: no narrative could be bound to this move; {rest}."
    first = ranked[0]
    lead = f"{first.title} ({first.likelihood}, {percent(first.posterior)})"
    runner = f"; the runner-up is {ranked[1].title} ({percent(ranked[1].posterior)})" if len(ranked) > 1 else ""
    if items == 0:
        return f"Not enough evidence: no fact answers a prediction of any narrative; {rest}."
    if max(abs(_told(one)) for one in ranked) < TRIFLE:
        return f"Not enough evidence: what is known moves no narrative by a tenth of a bit; {rest}."
    if first.posterior < 0.5:
        return f"No narrative is more likely than not; the first is {lead}{runner}; {rest}."
    return f"{lead}{runner}; {rest}."


def _told(one: NarrativeAssessment) -> float:
    """What is known about it beside the move itself, in bits of its odds."""
    before, after = (p / (1.0 - p) for p in (one.prior_given_move, one.posterior))
    return math.log2(after / before)
