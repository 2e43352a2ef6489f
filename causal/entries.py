"""Lists the single entries of the network's tables that are judgements, each with its factor at another value.

Every table is linear in each of these entries, which is what makes flip values exact (`causal/flipping.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal import gates
from causal.latents import scales
from causal.likelihood import argument_ratio, reliable_likelihood
from causal.model import Narrative
from causal.network import Factor
from causal.posterior import Target, VirtualEvidence, evidence_factors, latent_factor, targets
from causal.scoring import Scored

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A judgement: what it is, the item behind it, its value, and `table`, its factor with the value `elsewhere`.

    `slot` is the place of the factor in `base_factors`; `table` has that factor's shape without the batch axis. `most`
    is the greatest value that it can have beside what it shares with other items (`causal/latents.py`), which is held.
    """

    name: str
    item: str | None
    value: float
    elsewhere: float
    slot: int
    table: Array
    most: float = 1.0


def base_factors(scored: Scored) -> list[Factor]:
    """All factors of the run with all evidence: those of the structure, the move, the sensors, the arguments."""
    structure = scored.structure
    evidence = evidence_factors(structure, scored.evidence, scored.items, scored.masks[:1])
    return [*structure.factors, *structure.move, *evidence]


def entries(scored: Scored) -> Iterator[Entry]:
    """Every judgement strictly between 0 and 1: priors and reliabilities first, then causes, links and gates."""
    places = {factor.scope: slot for slot, factor in enumerate(scored.structure.factors)}
    for made in (_priors, _reliabilities, _arguments, _transmissions, _links, _gates):
        yield from (entry for entry in made(scored, places) if 0.0 < entry.value < 1.0)


def _elsewhere(value: float) -> float:
    return 0.25 if value > 0.5 else 0.75


_Places = dict[tuple[int, ...], int]


def _priors(scored: Scored, places: _Places) -> Iterator[Entry]:
    structure = scored.structure
    roots = [(f"prior of {n.id}", p, v) for n, p, v in _rows(scored)]
    roots.append(("prior of something else", scored.structure.unknown_prior, structure.unknown))
    for name, prior, variable in roots:
        other = _elsewhere(prior)
        yield Entry(
            name=name,
            item=None,
            value=prior,
            elsewhere=other,
            slot=places[(variable,)],
            table=gates.prior_table(other)[0],
        )


def _rows(scored: Scored) -> Iterator[tuple[Narrative, float, int]]:
    return zip(scored.narratives, scored.priors, scored.structure.narratives, strict=True)


def _first_sensor(scored: Scored, places: _Places) -> int:
    return len(places) + len(scored.structure.move)


def _reliabilities(scored: Scored, places: _Places) -> Iterator[Entry]:
    first = _first_sensor(scored, places)
    for number, sensor in enumerate(scored.structure.sensors):
        observable = sensor.observable
        own = np.array([report.reliability for report in observable.reports])
        by = scales(sensor.latents, [report.fact for report in observable.reports])
        for which, report in enumerate(observable.reports):
            most = 1.0 / float(by[:, which].max())
            other = most * _elsewhere(report.reliability / most)
            rho = own.copy()
            rho[which] = other
            likelihood = reliable_likelihood(observable, rho * by)
            yield Entry(
                name=f"reliability of the report on {observable.family} of {observable.subject}, {observable.window}",
                item=report.fact,
                value=report.reliability,
                elsewhere=other,
                slot=first + number,
                table=np.tensordot(likelihood, sensor.table, axes=(1, 0)).reshape((2,) * len(sensor.reach)),
                most=most,
            )


def _arguments(scored: Scored, places: _Places) -> Iterator[Entry]:
    first = _first_sensor(scored, places) + len(scored.structure.sensors)
    arguments = scored.evidence
    for slot, (target, own) in enumerate(targets(arguments).items(), start=first):
        for number in own:
            virtual = arguments[number]
            other = _elsewhere(virtual.reliability)
            if any(arguments[one].latent for one in own):
                yield _tied(target, [arguments[one] for one in own], virtual, slot)
                continue
            beside = math.prod(arguments[one].ratio for one in own if one != number)
            ratio = argument_ratio(virtual.strength, other, against=virtual.against)
            scale = max(1.0, beside * virtual.ratio)
            scale *= 1.0 if virtual.against else ratio / virtual.ratio  # one over the ratio is what is linear then
            yield Entry(
                name="reliability of the argument",
                item=virtual.item,
                value=virtual.reliability,
                elsewhere=other,
                slot=slot,
                table=(target.off + beside * ratio * (1.0 - target.off)) / scale,
            )


def _tied(target: Target, about: Sequence[VirtualEvidence], virtual: VirtualEvidence, slot: int) -> Entry:
    """The reliability of an argument about a target where latents are behind some."""
    most = 1.0 / max(virtual.latent.scales[virtual.item]) if virtual.latent else 1.0
    other = most * _elsewhere(virtual.reliability / most)
    rho = np.array([[other if one is virtual else one.reliability for one in about]])
    return Entry(
        name="reliability of the argument",
        item=virtual.item,
        value=virtual.reliability,
        elsewhere=other,
        slot=slot,
        table=latent_factor(target, about, rho).table[0],
        most=most,
    )


def _transmissions(scored: Scored, places: _Places) -> Iterator[Entry]:
    structure = scored.structure
    names = {variable: narrative.id for narrative, _, variable in _rows(scored)}
    names[structure.unknown] = "something else"
    for cause, weight in structure.causes:
        other = _elsewhere(weight)
        yield Entry(
            name=f"chance that {names[cause]} alone makes such a move",
            item=None,
            value=weight,
            elsewhere=other,
            slot=places[(structure.moved, cause)],
            table=gates.silence_table(other)[0],
        )
    other = _elsewhere(structure.leak)
    yield Entry(
        name="chance of such a move without any cause",
        item=None,
        value=structure.leak,
        elsewhere=other,
        slot=len(places),
        table=np.array([1.0, other - 1.0]),
    )


def _links(scored: Scored, places: _Places) -> Iterator[Entry]:
    structure = scored.structure
    steps = {variable: key for key, variable in structure.steps.items()}
    names = {step.key: f"step {step.n} of {n.id}" for n in reversed(scored.narratives) for step in n.steps}
    whole = base_factors(scored)
    for number, sensor in enumerate(structure.sensors):
        observable = sensor.observable
        what = f"{observable.family} of {observable.subject}, {observable.window}"
        for switch, members in zip(sensor.scope, sensor.members, strict=True):
            for step, link in members:
                other = _elsewhere(link)
                slot = _first_sensor(scored, places) + number if sensor.direct else places[(switch, step)]
                yield Entry(
                    name=f"link from {names[steps[step]]} to {what}",
                    item=None,
                    value=link,
                    elsewhere=other,
                    slot=slot,
                    table=_relinked(whole[slot], link, other) if sensor.direct else gates.silence_table(other)[0],
                )


def _relinked(whole: Factor, link: float, other: float) -> Array:
    """The table of a sensor that hangs on one step, by its factor with all reports in, with another link."""
    off, on = whole.table[0, ..., 0], whole.table[0, ..., 1]
    return np.stack([off, off + (on - off) * other / link], axis=-1)


def _gates(scored: Scored, places: _Places) -> Iterator[Entry]:
    for gate in scored.structure.gates:
        here = gate.factor(scored.method, gate.rate, gate.thetas)
        slot = places[here.scope]
        number, n, _ = gate.uses[0]
        other = _elsewhere(gate.rate)
        yield Entry(
            name=f"base rate of step {n} of {scored.narratives[number].id}",
            item=None,
            value=gate.rate,
            elsewhere=other,
            slot=slot,
            table=gate.factor(scored.method, other, gate.thetas).table[0],
        )
        for use, (number, n, _) in enumerate(gate.uses):
            other = _elsewhere(gate.thetas[use])
            thetas = (*gate.thetas[:use], other, *gate.thetas[use + 1 :])
            yield Entry(
                name=f"chance of step {n} of {scored.narratives[number].id} where all before it happened",
                item=None,
                value=gate.thetas[use],
                elsewhere=other,
                slot=slot,
                table=gate.factor(scored.method, gate.rate, thetas).table[0],
            )
