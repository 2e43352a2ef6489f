"""How firm a ranking is, as sentences and cells that every way out shares."""

from __future__ import annotations

from collections.abc import Iterator

from api.wording import probability
from api.wording_values import Part

SOMETHING_ELSE = "something else"
FIRST, NEAREST = 3, 3


def band(part: Part) -> str:
    """The 5 and 95 percent points of a posterior."""
    return f"{part['low']:.2f}-{part['high']:.2f}"


def need(narrative: Part) -> str | None:
    """The chance of no such move without it, as a sentence without its full stop; None of what is no cause of it."""
    if narrative["but_for"] is None:
        return None
    return f"Without it there would have been no such move: {probability(narrative['but_for'])}"


def firmness(explanation: Part) -> Iterator[str]:
    """What the ranking would have to be shaken by, as sentences."""
    firm, unknown = explanation["robustness"], explanation["unknown"]
    causes = [*explanation["narratives"], unknown | {"id": "unknown"}]
    leading = sorted(causes, key=lambda part: (-part["p_rank_1"], part["id"]))[:FIRST]
    shares = ", ".join(f"{_named(one['id'])} in {one['p_rank_1']:.0%}" for one in leading if one["p_rank_1"] > 0)
    yield f"Over {firm['draws']} draws of priors, reliabilities and strengths comes first: {shares}."
    flips = [
        f"{one['entry']}{_of(one)} from {one['from']:.2f} to {one['to']:.2f} ({_named(one['then'])})"
        for one in firm["flip"][:NEAREST]
    ]
    if flips:
        yield f"On its own each of these would bring another level: {'; '.join(flips)}."
    else:
        yield f"None of {firm['entries']} judgements changes the first place on its own."
    if firm["flip_set"] is not None:
        items = " and ".join(firm["flip_set"]["evidence"])
        yield f"Without {items} {_named(firm['flip_set']['then'])} would come first."
    learned = recalibration(explanation)
    if learned is not None:
        yield learned


def recalibration(explanation: Part) -> str | None:
    """What judged moves make of the first posteriors, or why nothing of it is told; None where nothing was learned."""
    if explanation.get("recalibration_note"):
        return f"Note: {explanation['recalibration_note']}."
    told = explanation.get("recalibration")
    if told is None:
        return None
    learned = [one for one in explanation["narratives"] if one.get("recalibrated") is not None][:FIRST]
    named = ", ".join(f"{one['id']} {probability(one['recalibrated'])}" for one in learned)
    losses = f"log loss {told['log_loss_before']:.2f} before, {told['log_loss_after']:.2f} after"
    return f"Recalibrated by {told['moves']} judged moves ({losses}): {named}."


def _of(flip: Part) -> str:
    return f" {flip['evidence']}" if flip["evidence"] else ""


def _named(cause: str) -> str:
    return SOMETHING_ELSE if cause == "unknown" else cause
