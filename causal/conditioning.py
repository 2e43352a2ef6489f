"""Puts what items of evidence have in common into a network: its latents, as variables that are conditioned on.

Both kinds (`causal/latents.py`) are off by default: on the cases neither helped, and shared sources did in simulation
only where whole articles are right or wrong (docs/calibration.md). Together there are at most eight: pairs of arguments
first, for they are few, then sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from causal import gates
from causal.arguing import Standing
from causal.cutset import CutsetPlan
from causal.facts import FactIndex
from causal.latents import MOST, Latent, own_latents, rivals, shared_sources
from causal.network import Factor
from causal.structure import Structure
from causal.world import Argument

Standings = tuple[tuple[Argument, Standing], ...]


def tie(index: FactIndex, structure: Structure, standings: Standings) -> tuple[Structure, Standings]:
    """The structure and the arguments with the latents that the method of `index` asks for; as given where none."""
    method = index.method
    found: list[Latent] = []
    if method.argument_validity == "graded":
        found += _pairs(standings)[:MOST]
    if method.shared_sources > 0.0:
        observables = [sensor.observable for sensor in structure.sensors]
        found += shared_sources(observables, _origins(index), method.shared_sources, MOST - len(found))
    if not found:
        return structure, standings
    latents = [replace(one, variable=structure.plan.size + number) for number, one in enumerate(found)]
    return _conditioned(structure, latents), tuple((one, _tied(standing, latents)) for one, standing in standings)


def _pairs(standings: Standings) -> list[Latent]:
    """Arguments that weigh and defeat each other, those first that are most likely valid; each is in one pair."""
    weighed = {one.id: (standing, standing.weight.reliability) for one, standing in standings if standing.weight}
    mutual = [
        (one, other)
        for one, (standing, _) in weighed.items()
        for other in standing.defeated_by
        if one < other and other in weighed and one in weighed[other][0].defeated_by
    ]
    mutual.sort(key=lambda pair: (-sum(weighed[name][1] for name in pair), pair))
    taken: set[str] = set()
    answer = []
    for pair in mutual:
        if taken.isdisjoint(pair):
            taken.update(pair)
            first, second = ((name, weighed[name][1]) for name in pair)
            answer.append(rivals(first, second))
    return answer


def _origins(index: FactIndex) -> Mapping[str, str]:
    """fact -> its origin, of what was reported: not of series, of searches or of the move itself."""
    return {name: fact.citation.origin for name, fact in index.by_id.items() if fact.series is None}


def _conditioned(structure: Structure, latents: Sequence[Latent]) -> Structure:
    plan = structure.plan
    priors = tuple(Factor(scope=(one.variable,), table=gates.prior_table(one.chance)) for one in latents)
    return replace(
        structure,
        plan=CutsetPlan(
            size=plan.size, position=plan.position, cliques=plan.cliques, width=plan.width, cut=len(latents)
        ),
        factors=(*structure.factors, *priors),
        sensors=tuple(
            replace(sensor, latents=own_latents(latents, [report.fact for report in sensor.observable.reports]))
            for sensor in structure.sensors
        ),
    )


def _tied(standing: Standing, latents: Sequence[Latent]) -> Standing:
    if standing.weight is None:
        return standing
    own = own_latents(latents, [standing.weight.item])
    return replace(standing, weight=replace(standing.weight, latent=own[0] if own else None))
