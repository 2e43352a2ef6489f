"""What people say for and against a story, as weights beside its readings (causal.md 3.4, evidence.md 4).

An argument stands at the step that it attacks, or at the narrative where it names none. Who undercuts a step denies
that the story brings it about: the argument stands at that link, so that it weakens what the step's readings do for
the story and never strengthens it. Readings that are cited as arguments are scored as readings and not again; rumours
weigh nothing, and defeat nothing; one origin weighs once a target and side.

Arguments that are defeated by others (`causal.acceptance`) are shown and not weighed; what stays undecided weighs as
one of half the reliability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.acceptance import Attackers, Status, defeaters, grounded
from causal.likelihood import argument_ratio
from causal.model import Dossier, Narrative
from causal.posterior import Target, VirtualEvidence
from causal.settings import Method
from causal.structure import Structure
from causal.world import Argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an argument stands among the others: `status` (None: it takes no part), what defeats it, and its weight.

    `why` says why it has none.
    """

    status: Status | None
    defeated_by: tuple[str, ...] = ()
    weight: VirtualEvidence | None = None
    why: str | None = None


def weigh_arguments(
    dossier: Dossier, narratives: Sequence[Narrative], structure: Structure, method: Method
) -> tuple[tuple[Argument, Standing], ...]:
    """Every argument about a narrative at hand, by id, and how it stands."""
    places = {narrative.id: number for number, narrative in enumerate(narratives)}
    own = [one for one in sorted(dossier.arguments, key=lambda one: one.id) if one.narrative in places]
    by = defeaters(own, _reliabilities(dossier, own, method))
    status = grounded(by)
    found = {one.id: _stands(one, status, by, method) for one in own}
    made: dict[tuple[int, int, bool], Target] = {}
    strongest: dict[tuple[Target, bool, str], str] = {}
    weights: dict[str, VirtualEvidence] = {}
    for argument in own:
        if found[argument.id].why is not None:
            continue
        target = _target(argument, narratives, structure, method, made)
        weight = _weight(argument, status[argument.id], target, method)
        place = (target, weight.ratio > 1.0, _origin(argument))
        rival = strongest.get(place)
        if rival is None or abs(math.log(weight.ratio)) > abs(math.log(weights[rival].ratio)):
            strongest[place] = argument.id
        weights[argument.id] = weight
    kept = set(strongest.values())
    return tuple((one, _with_weight(found[one.id], weights.get(one.id), one.id in kept)) for one in own)


def _reliabilities(dossier: Dossier, arguments: Sequence[Argument], method: Method) -> dict[str, float]:
    """Of those that count: said in words, or by a claim, and no rumour."""
    statements = {
        fact.id for fact in dossier.facts if fact.indicator == "statement" and fact.modality != "hypothetical"
    }
    return {
        one.id: rho
        for one in arguments
        if (one.fact is None or one.fact in statements)
        and (rho := method.reliability(one.grade, one.credibility)) >= method.argument_floor
    }


def _stands(argument: Argument, status: Mapping[str, Status], by: Attackers, method: Method) -> Standing:
    if argument.id not in status:
        rumour = method.reliability(argument.grade, argument.credibility) < method.argument_floor
        said = "its source is too unreliable to count" if rumour else "the reading that it cites is weighed itself"
        return Standing(status=None, why=said)
    defeated = tuple(sorted(one for one in by[argument.id] if status[one] != "rejected"))
    why: str | None = None
    if status[argument.id] == "rejected":
        why = "defeated by " + ", ".join(one for one in defeated if status[one] == "accepted")
    elif not argument.direct:
        why = "it speaks of other arguments alone"
    return Standing(status=status[argument.id], defeated_by=defeated, why=why)


def _weight(argument: Argument, status: Status, target: Target, method: Method) -> VirtualEvidence:
    rho = method.reliability(argument.grade, argument.credibility)
    rho *= method.undecided_argument if status == "undecided" else 1.0
    strength = method.argument_ratio[argument.strength]
    return VirtualEvidence(
        item=argument.id,
        target=target,
        ratio=argument_ratio(strength, rho, against=argument.kind != "supports"),
        strength=strength,
        reliability=rho,
    )


def _with_weight(standing: Standing, weight: VirtualEvidence | None, kept: bool) -> Standing:
    if weight is None:
        return standing
    why = None if kept else "its origin says so already, and more strongly"
    return Standing(status=standing.status, defeated_by=standing.defeated_by, weight=weight if kept else None, why=why)


def _target(
    argument: Argument,
    narratives: Sequence[Narrative],
    structure: Structure,
    method: Method,
    made: dict[tuple[int, int, bool], Target],
) -> Target:
    """The narrative, the step, or the link from the one to the other; one object for all arguments about it."""
    number = next(k for k, narrative in enumerate(narratives) if narrative.id == argument.narrative)
    keys = {step.n: step.key for step in narratives[number].steps}
    if argument.step is None or argument.step not in keys:
        variable, link = structure.narratives[number], False
    else:
        variable, link = structure.steps[keys[argument.step]], argument.kind == "undercuts"
    place = (number if link else -1, variable, link)
    if place not in made:
        if link:
            gate = next(gate for gate in structure.gates if gate.variable == variable)
            use = next(i for i, (user, _, _) in enumerate(gate.uses) if user == number)
            scope, off = gate.without_link(method, use)
            made[place] = Target(scope=scope, off=off)
        else:
            made[place] = Target(scope=(variable,), off=np.array([1.0, 0.0]))
    return made[place]


def _origin(argument: Argument) -> str:
    return argument.citation.origin if argument.citation else argument.by or argument.id
