"""The rules by which a claim can ask to be recomputed: what each needs, so that a description is refused without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """`of` claims or facts are needed, in the order that `wants` says, and the keys `needs` of the check."""

    of: int
    wants: str
    needs: tuple[str, ...] = ()


CHECK_RULES = {
    "normal_tail": CheckRule(of=1, wants="the z-score of which this claim is the probability"),
    "rarer_than": CheckRule(
        of=1, needs=("number",), wants="the z-score; number is the one beside which it is so many times rarer"
    ),
    "ratio": CheckRule(of=2, wants="what is divided, and by what"),
    "percent_change": CheckRule(
        of=1, needs=("number",), wants="the base; number is the change in percent that leads to this claim"
    ),
    "times_record": CheckRule(of=1, wants="the new reading, which is so many times the record before it"),
    "per_share": CheckRule(of=2, wants="the money, and the shares"),
    "baskets": CheckRule(of=1, needs=("number",), wants="the shares; number is the shares of one creation basket"),
    "writing_day": CheckRule(
        of=1, needs=("word",), wants="what happened; word is how the text dates it from its own day (yesterday)"
    ),
    "confirms": CheckRule(of=1, wants="what this claim is said to confirm"),
    "caused_by": CheckRule(of=1, wants="the cause that the text gives for this"),
    "continues": CheckRule(of=1, wants="what this claim goes on with, of the same thing"),
    "reconciled_by": CheckRule(of=2, wants="the reading that goes the other way, and the claim that reconciles them"),
    "barrier_hit": CheckRule(of=0, wants="a claim about an instrument with a barrier, whose barrier was reached"),
}
