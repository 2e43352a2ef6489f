"""Asks the network: beliefs under any set of items that are in or out, many sets in one pass (causal.md 3.6, 3.7).

An item is one reading after its copies were merged (named by its fact), or an argument. A query is a batch of masks
over the items; the first entry of every batch is the full evidence.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.latents import CERTAIN, Latent, scales
from causal.likelihood import argument_ratio, bin_likelihood, told_by
from causal.network import Factor, Scope
from causal.observables import Observable
from causal.settings import Method
from causal.standing import JointSet
from causal.structure import Sensor, Structure

Array = NDArray[np.float64]
EXACT_BITS = 52  # of a floating-point number: so many reports have a code of their own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """What an argument is about: a table `off` over `scope`, the chance of each assignment that it is not so.

    Of a variable it is (1, 0). Of the link from a story to a step it is the chance that the story did not bring the
    step about (`StepGate.without_link`): who undercuts a step denies that link, and not the step.
    """

    scope: Scope
    off: Array

    def factor(self, ratio: Array) -> Factor:
        """off + ratio (1 - off), over what is greatest: P(arguments | assignment) for products of ratios (B,)."""
        by = ratio.reshape(-1, *(1,) * len(self.scope))
        return Factor(scope=self.scope, table=(self.off + by * (1.0 - self.off)) / np.maximum(1.0, by))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VirtualEvidence:
    """An argument as evidence on its target: `ratio` = P(argument | it is so) / P(argument | it is not).

    The ratio is what is left of its `strength` by its `reliability` (`causal.likelihood.argument_ratio`).
    """

    item: str
    target: Target
    ratio: float
    strength: float
    reliability: float
    latent: Latent | None = None

    @property
    def against(self) -> bool:
        """Whether it speaks against what it is about."""
        return self.ratio < 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """Marginals of a batch: `table` (B, variables), `log_evidence` (B,)."""

    table: Array
    log_evidence: Array

    def logit(self, variable: int) -> Array:
        """Log odds (nats) of one variable over the batch."""
        return logits(self.table[:, variable])


def ask(
    structure: Structure,
    arguments: Sequence[VirtualEvidence],
    items: Sequence[str],
    masks: Array,
    *,
    moved: bool = True,
    clamps: Sequence[Factor] = (),
) -> Beliefs:
    """Beliefs for each row of `masks` (B, items), 1 where the item is in; without the move when `moved` is false."""
    factors = list(structure.factors) + list(clamps)
    factors += structure.move if moved else structure.no_move
    factors += evidence_factors(structure, arguments, items, masks)
    table, log_evidence = structure.plan.marginals(factors)
    return Beliefs(
        table=np.broadcast_to(table, (max(len(masks), len(table)), table.shape[1])), log_evidence=log_evidence
    )


def logits(posteriors: Array) -> Array:
    """Log odds (nats) of probabilities."""
    p = np.clip(posteriors, 1e-300, 1.0)
    q = np.clip(1.0 - posteriors, 1e-16, 1.0)
    answer: Array = np.log(p) - np.log(q)
    return answer


def evidence_factors(
    structure: Structure, arguments: Sequence[VirtualEvidence], items: Sequence[str], masks: Array
) -> list[Factor]:
    """One factor an observable and a target of arguments; of batch size one where no row of the batch differs."""
    column = {item: i for i, item in enumerate(items)}
    lone = iter(_lone_factors([sensor for sensor in structure.sensors if sensor.lone], column, masks))
    factors = [
        next(lone)
        if sensor.lone
        else sensor_factor(sensor, masks[:, [column[report.fact] for report in sensor.observable.reports]])
        for sensor in structure.sensors
    ]
    for own in targets(arguments).values():
        about = [arguments[one] for one in own]
        held, rows = _distinct(masks[:, [column[argument.item] for argument in about]])
        ratios = np.array([argument.ratio for argument in about]) ** held
        (factor,) = argument_factors(about, ratios, held * [argument.reliability for argument in about])
        factors.append(_each(factor, rows))
    return factors + lag_factors(structure, items, masks)


def _lone_factors(sensors: Sequence[Sensor], column: Mapping[str, int], masks: Array) -> list[Factor]:
    """The factors of sensors that are `Sensor.lone`, all tables in one go: the report in, and out."""
    if not sensors:
        return []
    reports = [sensor.observable.reports[0] for sensor in sensors]
    rho = np.array([report.reliability for report in reports])[:, np.newaxis]
    tables = np.stack([sensor.table for sensor in sensors])
    told = told_by(reports) * rho + (1.0 - rho) / 5.0
    cells = np.stack([(told[:, :, np.newaxis] * tables).sum(axis=1), tables.sum(axis=1)], axis=1)
    out = np.ascontiguousarray((masks == 0.0).T).view(np.uint8)[[column[report.fact] for report in reports]]
    same = (out == out[:, :1]).all(axis=1).tolist()
    return [
        Factor(scope=sensor.scope, table=table[own[:1]] if alike else table, rows=None if alike else own)
        for sensor, table, own, alike in zip(sensors, cells, out, same, strict=True)
    ]


def _each(factor: Factor, rows: NDArray[np.intp]) -> Factor:
    """The factor of distinct entries of a batch for all of them."""
    return factor if len(factor.table) == 1 else replace(factor, rows=rows)


def sensor_factor(sensor: Sensor, masks: Array) -> Factor:
    """P(the reports that are in | latents, steps or switches), for masks (B, reports)."""
    distinct, rows = _distinct(masks)
    table = sensor.table.reshape(5, -1)
    cells = np.hstack([bin_likelihood(one, distinct) @ table for one in _patterns(sensor)])
    return _each(Factor(scope=sensor.reach, table=cells.reshape(-1, *(2,) * len(sensor.reach))), rows)


def _patterns(sensor: Sensor) -> list[Observable]:
    """The observable with the reliabilities that its reports have in each pattern of the latents."""
    if not sensor.latents:
        return [sensor.observable]
    reports = sensor.observable.reports
    by = scales(sensor.latents, [report.fact for report in reports])
    return [
        replace(
            sensor.observable,
            reports=tuple(
                replace(report, reliability=min(CERTAIN, report.reliability * scale))
                for report, scale in zip(reports, row.tolist(), strict=True)
            ),
        )
        for row in by
    ]


def lag_factors(structure: Structure, items: Sequence[str], masks: Array) -> list[Factor]:
    """One factor a pair of steps whose order was seen, for each row of `masks` (B, items)."""
    column = {item: i for i, item in enumerate(items)}
    factors = []
    for lag in structure.lags:
        both = masks[:, [column[item] for item in lag.items]].prod(axis=1)
        own, rows = _distinct(both[:, np.newaxis])
        table = np.ones((len(own), 2, 2))
        table[:, 1, 1] = lag.ratio ** own[:, 0]
        factors.append(_each(Factor(scope=lag.scope, table=table), rows))
    return factors


def _distinct(masks: Array) -> tuple[Array, NDArray[np.intp]]:
    """The different rows of masks of zeros and ones, and which of them each row is."""
    if masks.shape[1] > EXACT_BITS:
        return masks, np.arange(len(masks))
    codes = masks[:, 0] if masks.shape[1] == 1 else masks @ (2.0 ** np.arange(masks.shape[1]))
    if (codes == codes[0]).all():
        return masks[:1], np.zeros(len(masks), dtype=np.intp)
    if masks.shape[1] == 1:
        return np.array([[0.0], [1.0]]), codes.astype(np.intp)
    _, first, rows = np.unique(codes, return_index=True, return_inverse=True)
    return masks[first], rows


def targets(arguments: Sequence[VirtualEvidence]) -> dict[Target, list[int]]:
    """The arguments about each target, by their places; targets in the order in which they come first."""
    found: dict[Target, list[int]] = {}
    for number, argument in enumerate(arguments):
        found.setdefault(argument.target, []).append(number)
    return found


def argument_factors(arguments: Sequence[VirtualEvidence], ratios: Array, reliabilities: Array) -> list[Factor]:
    """One factor a target (`targets`), from the ratios (B, arguments), 1 where an argument is out.

    Where some depend on a latent, from the reliabilities (B, arguments), 0 where an argument is out.
    """
    return [
        latent_factor(target, [arguments[one] for one in own], reliabilities[:, own])
        if any(arguments[one].latent for one in own)
        else target.factor(ratios[:, own].prod(axis=1))
        for target, own in targets(arguments).items()
    ]


def latent_factor(target: Target, arguments: Sequence[VirtualEvidence], reliabilities: Array) -> Factor:
    """P(the arguments about a target | latents, assignment), with reliabilities (B, arguments).

    A valid argument against it has 1 : 1 / strength, one for it 1 / strength : 1, what is not valid 1 : 1. A
    reliability that a latent would take past one, which a drawn one can be, stays at `CERTAIN`.
    """
    latents = list({one.latent.variable: one.latent for one in arguments if one.latent}.values())
    against = np.array([one.against for one in arguments])
    tables = []
    for row in scales(latents, [one.item for one in arguments]):
        rho = np.minimum(CERTAIN, reliabilities * row).T
        each = [argument_ratio(one.strength, own, against=True) for one, own in zip(arguments, rho, strict=True)]
        said = np.stack(each, axis=1)
        so, not_so = np.where(against, said, 1.0).prod(axis=1), np.where(against, 1.0, said).prod(axis=1)
        tables.append(np.multiply.outer(not_so, target.off) + np.multiply.outer(so, 1.0 - target.off))
    scope = (*(latent.variable for latent in latents), *target.scope)
    return Factor(scope=scope, table=np.stack(tables, axis=1).reshape(-1, *(2,) * len(scope)))


def combined(structure: Structure, narratives: int, method: Method) -> int:
    """How many narratives are combined: at most `joint_size`, so few that the 2^n passes stay within `joint_cells`."""
    most = max(1, (method.joint_cells // structure.plan.cells).bit_length() - 1)
    return min(narratives, method.joint_size, most)


def joint_sets(
    structure: Structure,
    evidence: Sequence[Factor],
    posteriors: Mapping[str, float],
    names: Sequence[str],
    method: Method,
) -> tuple[JointSet, ...]:
    """Sets of the most probable narratives, most probable first, until they hold nine tenths (at most 10).

    A set is the event that its narratives operated and none of the others that are combined (`combined`); the rest
    are summed over. So the list is the 90 percent credible one unless ten sets hold less.
    """
    count = combined(structure, len(names), method)
    ranked = sorted(range(len(names)), key=lambda k: (-posteriors[names[k]], names[k]))[:count]
    patterns = np.array(list(itertools.product((0.0, 1.0), repeat=len(ranked))))
    clamps = [
        Factor(scope=(structure.narratives[k],), table=np.eye(2), rows=patterns[:, i].astype(np.uint8))
        for i, k in enumerate(ranked)
    ]
    logs = structure.plan.log_total([*structure.factors, *structure.move, *evidence, *clamps])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    answer: list[JointSet] = []
    held = 0.0
    for i in order[:10]:
        if held >= 0.9:
            break
        members = tuple(sorted(names[k] for k, bit in zip(ranked, patterns[i], strict=True) if bit))
        answer.append(JointSet(narratives=members, probability=float(weights[i])))
        held += float(weights[i])
    return tuple(answer)
