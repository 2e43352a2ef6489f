"""Lays out the network of one explanation: narratives -> steps -> observables, the move, and something else.

The layout is made once (`build_structure`); what differs between the entries of a batch (items left out, sides of a
dispute taken, patterns clamped) enters as factors over variables that the plan already knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal import gates
from causal.likelihood import group_table
from causal.model import COMPETING, Narrative, Step
from causal.network import Factor, Plan, Scope, compile_plan
from causal.observables import Observable
from causal.settings import Method

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Where the reports on one observable enter: the switches of its groups, and the masses of the five bins for them.

    `groups` are the (side, tilt) of the switches; `table` has shape (5, 2, ..., 2), one axis a switch
    (`gates.switched`).
    """

    observable: Observable
    groups: tuple[tuple[str, float], ...]
    scope: Scope
    table: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The compiled network: `unknown`, `narratives[k]` and `steps[key]` are its variables.

    `causes` are those that can make the move, each with its transmission q; `moved` is the switch of their silence,
    and `leak` the chance of a move without any.
    """

    plan: Plan
    unknown: int
    narratives: tuple[int, ...]
    steps: dict[str, int]
    factors: tuple[Factor, ...]
    causes: tuple[tuple[int, float], ...]
    moved: int
    leak: float
    move: tuple[Factor, ...]
    no_move: tuple[Factor, ...]
    sensors: tuple[Sensor, ...]


class _Builder:
    def __init__(self, method: Method) -> None:
        self.method = method
        self.size = 0
        self.factors: list[Factor] = []

    def variable(self) -> int:
        self.size += 1
        return self.size - 1

    def add(self, scope: Sequence[int], table: Array) -> None:
        self.factors.append(Factor(scope=tuple(scope), table=table))

    def silence(self, causes: Sequence[tuple[int, float]]) -> int:
        """A switch whose on-state carries the product of (1 - weight) over the causes that are on."""
        switch = self.variable()
        for cause, weight in causes:
            self.add((switch, cause), gates.silence_table(weight))
        return switch


def build_structure(
    narratives: Sequence[Narrative],
    priors: Sequence[float],
    common_steps: frozenset[str],
    observables: Sequence[Observable],
    method: Method,
    *,
    ordinariness: float = 0.0,
) -> Structure:
    """The network of these narratives; steps in `common_steps` have the base rate of stories written afterwards.

    A move needs no cause with the probability of the leak, or of `ordinariness`, where that is more: the share of
    days on which as much happens.

    A template that nobody listed and that no reading speaks of is not established: it stays at its prior and is no
    cause of the move, so that a move about which nothing is known is left to something else (evidence.md 3).

    Raises NetworkTooWideError when exact inference would pass the method's width limit.
    """
    builder = _Builder(method)
    unknown = builder.variable()
    builder.add((unknown,), gates.prior_table(method.unknown_prior))
    variables = []
    for prior in priors:
        variables.append(builder.variable())
        builder.add((variables[-1],), gates.prior_table(prior))
    steps = _add_steps(builder, narratives, variables, common_steps)
    sensors = tuple(
        sensor for observable in observables if (sensor := _add_sensor(builder, observable, steps)) is not None
    )
    read = {parent.narrative for observable in observables for parent in observable.parents}
    causes = [(unknown, method.unknown_transmission)]
    causes += [
        (variable, method.transmission)
        for number, (variable, narrative) in enumerate(zip(variables, narratives, strict=True))
        if narrative.slot in COMPETING and (number in read or narrative.origin != "library")
    ]
    moved = builder.silence(causes)
    leak = max(method.leak, ordinariness)
    scopes = [factor.scope for factor in builder.factors] + [sensor.scope for sensor in sensors]
    return Structure(
        plan=compile_plan(builder.size, scopes, width_limit=method.width_limit),
        unknown=unknown,
        narratives=tuple(variables),
        steps=steps,
        factors=tuple(builder.factors),
        causes=tuple(causes),
        moved=moved,
        leak=leak,
        move=(Factor(scope=(moved,), table=np.array([[1.0, leak - 1.0]])),),
        no_move=(Factor(scope=(moved,), table=np.array([[1.0, 0.0]])),),
        sensors=sensors,
    )


def _add_steps(
    builder: _Builder, narratives: Sequence[Narrative], variables: Sequence[int], common: frozenset[str]
) -> dict[str, int]:
    method = builder.method
    users: dict[str, list[tuple[int, Step, str | None]]] = {}
    for number, narrative in enumerate(narratives):
        previous: str | None = None
        for step in narrative.steps:
            users.setdefault(step.key, []).append((number, step, previous))
            previous = step.key
    steps = {step_key: builder.variable() for step_key in users}
    for step_key, uses in users.items():
        scope: list[int] = []
        activations: list[Array] = []
        rates = []
        for number, step, previous in uses:
            scope.append(variables[number])
            if previous is not None:
                scope.append(steps[previous])
            activations.append(gates.activation(method, method.theta[step.necessity], first=previous is None))
            rates.append(method.base_rate[step.base_rate])
        if step_key in common:
            rates.append(method.base_rate[method.written_after_base_rate])
        table = gates.step_table(max(rates), activations)
        _add_gate(builder, scope, steps[step_key], table)
    return steps


def _add_gate(builder: _Builder, scope: list[int], target: int, table: Array) -> None:
    """The gate as a factor; a cause that two narratives share stands once in the scope (its diagonal is taken)."""
    unique: list[int] = list(dict.fromkeys(scope))
    if len(unique) < len(scope):
        letters = {variable: chr(ord("a") + i) for i, variable in enumerate(unique)}
        source = "".join(letters[variable] for variable in scope)
        goal = "".join(letters[variable] for variable in unique)
        table = np.einsum(f"{source}z->{goal}z", table[0])[np.newaxis]
    builder.add((*unique, target), table)


def _add_sensor(builder: _Builder, observable: Observable, steps: dict[str, int]) -> Sensor | None:
    """None where no step that predicts it has a link worth a connection: what other readings say already."""
    groups: dict[tuple[str, float], dict[int, float]] = {}
    for parent in observable.parents:
        if parent.link < builder.method.least_link:
            continue
        members = groups.setdefault((parent.side, parent.tilt), {})
        variable = steps[parent.step]
        members[variable] = max(members.get(variable, 0.0), parent.link)
    if not groups:
        return None
    ordered = sorted(groups)
    acting = np.moveaxis(group_table(observable, ordered, builder.method.flat_width), -1, 0)
    scope = tuple(builder.silence(sorted(groups[group].items())) for group in ordered)
    table = gates.switched(acting, len(ordered))
    return Sensor(observable=observable, groups=tuple(ordered), scope=scope, table=table)
