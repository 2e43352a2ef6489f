"""What people say for and against a story, as weights beside its readings (causal.md 3.4, evidence.md 4).

An argument stands at the step that it attacks, or at the narrative where it names none. Readings that are cited as
arguments are scored as readings and not again; rumours weigh nothing; one origin weighs once a target and side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from causal.likelihood import argument_ratio
from causal.model import Dossier, Narrative
from causal.posterior import VirtualEvidence
from causal.settings import Method
from causal.structure import Structure
from causal.world import Argument


def weigh_arguments(
    dossier: Dossier, narratives: Sequence[Narrative], structure: Structure, method: Method
) -> tuple[tuple[Argument, VirtualEvidence | None], ...]:
    """Every argument about a narrative at hand, by id, with its weight or None where it is only shown."""
    statements = {
        fact.id for fact in dossier.facts if fact.indicator == "statement" and fact.modality != "hypothetical"
    }
    places = {narrative.id: number for number, narrative in enumerate(narratives)}
    own = [one for one in sorted(dossier.arguments, key=lambda one: one.id) if one.narrative in places]
    weights: dict[str, VirtualEvidence] = {}
    strongest: dict[tuple[int, bool, str], str] = {}
    for argument in own:
        rho = method.reliability(argument.grade, argument.credibility)
        said = argument.fact is None or argument.fact in statements
        if not said or rho < method.argument_floor:
            continue
        variable = _target(argument, narratives, places[argument.narrative], structure)
        strength = method.argument_ratio[argument.strength]
        ratio = argument_ratio(strength, rho, against=argument.kind != "supports")
        place = (variable, ratio > 1.0, _origin(argument))
        rival = strongest.get(place)
        if rival is None or abs(math.log(ratio)) > abs(math.log(weights[rival].ratio)):
            strongest[place] = argument.id
        weights[argument.id] = VirtualEvidence(
            item=argument.id, variable=variable, ratio=ratio, strength=strength, reliability=rho
        )
    kept = set(strongest.values())
    return tuple((one, weights[one.id] if one.id in kept else None) for one in own)


def _target(argument: Argument, narratives: Sequence[Narrative], number: int, structure: Structure) -> int:
    keys = {step.n: step.key for step in narratives[number].steps}
    if argument.step is None or argument.step not in keys:
        return structure.narratives[number]
    return structure.steps[keys[argument.step]]


def _origin(argument: Argument) -> str:
    return argument.citation.origin if argument.citation else argument.by or argument.id
