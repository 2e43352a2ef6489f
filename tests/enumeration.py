"""The narrative network by its definition (causal.md 3.2 to 3.4): every assignment, one after another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.likelihood import BASE, bin_likelihood, tilted
from causal.model import COMPETING
from causal.observables import Observable
from causal.scoring import Scored
from causal.settings import Method

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One assignment: which narratives operated, whether something else did, and its weight without the move."""

    on: tuple[int, ...]
    unknown: int
    weight: float


def states(scored: Scored, items: frozenset[str] | None = None) -> Iterator[State]:
    """All assignments with the weight of priors, steps and the evidence of `items` (all where it is None)."""
    narratives, method = scored.narratives, scored.method
    keys = sorted(scored.structure.steps)
    taken = frozenset(scored.items) if items is None else items
    for bits in itertools.product((0, 1), repeat=len(narratives) + 1 + len(keys)):
        on, unknown = bits[: len(narratives)], bits[len(narratives)]
        steps = dict(zip(keys, bits[len(narratives) + 1 :], strict=True))
        p = method.unknown_prior if unknown else 1 - method.unknown_prior
        for bit, prior in zip(on, scored.priors, strict=True):
            p *= prior if bit else 1 - prior
        for key in keys:
            chance = step_chance(scored, key, on, steps)
            p *= chance if steps[key] else 1 - chance
        p *= _reported(scored, steps, taken)
        p *= _ordered(scored, steps, taken)
        yield State(on=on, unknown=unknown, weight=p * _argued(scored, on, steps, taken))


def _reported(scored: Scored, steps: Mapping[str, int], taken: frozenset[str]) -> float:
    """P(reports among `taken` | steps): summed over which shared sources were reliable, each for all of its reports."""
    sources = _sources(scored)
    answer = 0.0
    for pattern in itertools.product((0, 1), repeat=len(sources)):
        weight, rho = 1.0, {}
        for reliable, (share, chance, facts) in zip(pattern, sources, strict=True):
            weight *= chance if reliable else 1 - chance
            rho |= dict.fromkeys(facts, (share, chance, reliable))
        for one in scored.findings.observables:
            weight *= observable_likelihood(_known(one, rho), steps, scored.method, taken)
        answer += weight
    return answer


def _known(observable: Observable, known: Mapping[str, tuple[float, float, int]]) -> Observable:
    """Its reports with the reliabilities that they have once their sources are known."""
    reports = []
    for report in observable.reports:
        share, chance, reliable = known.get(report.fact, (0.0, 1.0, 1))
        own = report.reliability / chance if reliable else 0.0  # what is left of it beside its source's part
        reports.append(replace(report, reliability=min(1 - 1e-9, (1 - share) * report.reliability + share * own)))
    return replace(observable, reports=tuple(reports))


def _sources(scored: Scored) -> list[tuple[float, float, list[str]]]:
    """(share, chance that it is reliable, facts) of each origin with several reports, eight at most in small cases."""
    said: dict[str, list[tuple[str, float]]] = {}
    for observable in scored.findings.observables:
        for report in observable.reports:
            if report.fact in scored.index.by_id:
                origin = scored.index.by_id[report.fact].citation.origin
                said.setdefault(origin, []).append((report.fact, report.reliability))
    share = scored.method.shared_sources
    several = [own for own in said.values() if share and len(own) > 1]
    return [(share, max(rho for _, rho in own), [fact for fact, _ in own]) for own in several]


def step_chance(scored: Scored, key: str, on: tuple[int, ...], steps: Mapping[str, int]) -> float:
    """P(step | narratives and previous steps): the leaky noisy-or of the hybrid gate."""
    method = scored.method
    quiet = 1 - max(method.base_rate["common"] if key in scored.written_after else 0.0, method.base_rate["uncommon"])
    for bit, narrative in zip(on, scored.narratives, strict=True):
        previous = 1
        for step in narrative.steps:
            if step.key == key:
                alpha = {(1, 1): 0.92, (1, 0): 0.28, (0, 1): 0.11, (0, 0): 0.0}[(bit, previous)]
                quiet *= 1 - alpha * (1 if step.n > 1 or bit else 0)
            previous = steps[step.key]
    return 1 - quiet


def observable_likelihood(
    observable: Observable, steps: Mapping[str, int], method: Method, items: frozenset[str]
) -> float:
    """P(its reports among `items` | steps)."""
    mask = np.array([[1.0 if report.fact in items else 0.0 for report in observable.reports]])
    reports = bin_likelihood(observable, mask)[0]
    groups: dict[tuple[str, float], dict[str, float]] = {}
    for parent in observable.parents:  # a step that two narratives share acts once
        if parent.link >= method.least_link:
            groups.setdefault((parent.side, parent.tilt), {})[parent.step] = parent.link
    ordered = sorted(groups)
    masses = [tilted(*group, observable.calm, method.flat_width) for group in ordered]
    chances = [1 - np.prod([1 - w * steps[s] for s, w in groups[g].items()]) for g in ordered]
    answer = 0.0
    for pattern in itertools.product((0, 1), repeat=len(ordered)):
        weight = np.prod([c if bit else 1 - c for c, bit in zip(chances, pattern, strict=True)])
        tilts = [one for one, bit in zip(masses, pattern, strict=True) if bit]
        answer += weight * float((np.mean(tilts, axis=0) if tilts else _quiet(masses, method)) @ reports)
    return answer


def _quiet(masses: Sequence[Array], method: Method) -> Array:
    """The bins on days without any step: what is left of the base when the days with some step are taken out."""
    share = method.acting_share if masses else 0.0
    acting = np.mean(masses, axis=0) if masses else BASE
    for bin_ in range(5):  # no bin keeps less than a tenth of its base
        if BASE[bin_] - share * acting[bin_] < 0.1 * BASE[bin_] * (1 - share):
            share = 0.9 * BASE[bin_] / (acting[bin_] - 0.1 * BASE[bin_])
    return np.asarray((BASE - share * acting) / (1 - share))


def _ordered(scored: Scored, steps: Mapping[str, int], items: frozenset[str]) -> float:
    """P(the order in which steps were seen | steps)."""
    bits = {scored.structure.steps[key]: bit for key, bit in steps.items()}
    seen = [lag for lag in scored.structure.lags if items.issuperset(lag.items)]
    return float(np.prod([lag.ratio for lag in seen if all(bits[variable] for variable in lag.scope)]))


def _argued(scored: Scored, on: tuple[int, ...], steps: Mapping[str, int], items: frozenset[str]) -> float:
    """P(arguments among `items` | assignment): what is said of one thing multiplies, where it is so."""
    said: dict[tuple[int, int | None, bool], float] = {}
    numbers = {narrative.id: number for number, narrative in enumerate(scored.narratives)}
    for argument, virtual in scored.arguments:
        if virtual is not None and argument.id in items:
            number = numbers[argument.narrative]
            known = argument.step if argument.step in {step.n for step in scored.narratives[number].steps} else None
            place = (number, known, argument.kind == "undercuts" and known is not None)
            said[place] = said.get(place, 1.0) * virtual.ratio
    answer = 1.0
    for (number, n, link), ratio in said.items():
        keys = {step.n: step.key for step in scored.narratives[number].steps}
        if n is None:
            so: float = on[number]
        elif not link:
            so = steps[keys[n]]
        else:  # the story brought the step about, given that it is on
            so = steps[keys[n]] * _activation(scored, number, n, on, steps) / step_chance(scored, keys[n], on, steps)
        answer *= 1.0 - so + so * ratio
    return answer


def _activation(scored: Scored, number: int, n: int, on: tuple[int, ...], steps: Mapping[str, int]) -> float:
    """P(the story activates its step | narratives and previous steps)."""
    previous = 1 if n == 1 else steps[scored.narratives[number].steps[n - 2].key]
    return {(1, 1): 0.92, (1, 0): 0.28, (0, 1): 0.0 if n == 1 else 0.11, (0, 0): 0.0}[(on[number], previous)]


def silence(scored: Scored, state: State) -> float:
    """P(no move | state): leak, something else and every competing narrative stay silent."""
    method = scored.method
    quiet = (1 - method.leak) * (1 - method.unknown_transmission) ** state.unknown
    for bit, narrative in zip(state.on, scored.narratives, strict=True):
        quiet *= (1 - method.transmission) ** (bit if narrative.slot in COMPETING else 0)
    on = [narrative.slot for bit, narrative in zip(state.on, scored.narratives, strict=True) if bit]
    pairs = on.count("amplifier") * sum(slot in COMPETING and slot != "amplifier" for slot in on)
    return quiet * (1 - method.amplification) ** pairs


def posteriors(scored: Scored, items: frozenset[str] | None = None) -> Array:
    """P(narratives, unknown | evidence of `items`, move)."""
    total = np.zeros(len(scored.narratives) + 1)
    mass = 0.0
    for state in states(scored, items):
        p = state.weight * (1 - silence(scored, state))
        mass += p
        total += p * np.array([*state.on, state.unknown])
    return total / mass
