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
from causal.latents import Latent
from causal.likelihood import group_table, quiet_of
from causal.model import Narrative, Step
from causal.network import Factor, Plan, Scope, compile_plan
from causal.observables import Observable
from causal.parting import parted
from causal.settings import Method
from causal.somethingelse import established, something_else

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Where the reports on one observable enter: the switches of its groups, and the masses of the five bins for them.

    `groups` are the (side, tilt) of the switches, `members` the steps behind each with their links; `table` has shape
    (5, 2, ..., 2), one axis a switch (`gates.switched`). What one step alone predicts needs none: its axis is the step.
    """

    observable: Observable
    groups: tuple[tuple[str, float], ...]
    members: tuple[tuple[tuple[int, float], ...], ...]
    scope: Scope
    table: Array
    latents: tuple[Latent, ...] = ()  # that reports on it depend on; in `reach` they come before the scope

    @property
    def reach(self) -> Scope:
        """The variables of its evidence."""
        return (*(latent.variable for latent in self.latents), *self.scope)

    @property
    def direct(self) -> bool:
        """Whether it hangs on one step without a switch."""
        return alone(self.members)

    @property
    def lone(self) -> bool:
        """Whether it is one report on one step and nothing else; most are, so that they are taken together."""
        return len(self.observable.reports) == 1 and not self.latents and self.direct


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGate:
    """The gate of a step: its base rate, and how each narrative `uses` it (number, step, first or not) with what theta.

    `causes` are the variables on the axes of the activations, in order; one may stand there twice.
    """

    key: str
    variable: int
    causes: Scope
    rate: float
    uses: tuple[tuple[int, int, bool], ...]
    thetas: tuple[float, ...]

    def factor(self, method: Method, rate: float, thetas: Sequence[float]) -> Factor:
        """The gate as a factor, with the base rate and the thetas given."""
        activations = [
            gates.activation(method, theta, first=first) for (_, _, first), theta in zip(self.uses, thetas, strict=True)
        ]
        return _once(self.causes, self.variable, gates.step_table(rate, activations))

    def without_link(self, method: Method, use: int) -> tuple[Scope, Array]:
        """P(the use did not bring the step about | causes, step), on the scope of the factor, of shape (2, ..., 2).

        The step is on by its base rate, or because some use activated it (with alpha); where it is off none did.
        """
        whole = self.factor(method, self.rate, self.thetas)
        activations = [
            gates.activation(method, theta, first=first)
            for (_, _, first), theta in zip(self.uses, self.thetas, strict=True)
        ]
        own = _once(self.causes, self.variable, gates.acting_table(activations, use))
        return whole.scope, 1.0 - own.table[0] / whole.table[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """The order in which two steps were seen: multiplies both being on by `ratio`, where both `items` are in."""

    scope: tuple[int, int]
    ratio: float
    items: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The compiled network: `unknown`, `narratives[k]` and `steps[key]` are its variables.

    `causes` are those that can make the move, each with its transmission q; `moved` is the switch of their silence,
    and `leak` the chance of a move without any. `unknown_prior` is that of something else. `lags`
    (`causal/timing.py`) are evidence on pairs of steps.
    """

    plan: Plan
    unknown: int
    unknown_prior: float
    narratives: tuple[int, ...]
    steps: dict[str, int]
    gates: tuple[StepGate, ...]
    factors: tuple[Factor, ...]
    causes: tuple[tuple[int, float], ...]
    moved: int
    leak: float
    move: tuple[Factor, ...]
    no_move: tuple[Factor, ...]
    sensors: tuple[Sensor, ...]
    lags: tuple[Lag, ...] = ()


class _Builder:
    def __init__(self, method: Method) -> None:
        self.method = method
        self.size = 0
        self.factors: list[Factor] = []
        self.tables: dict[tuple[object, ...], Array] = {}  # of sensors, by all that they follow from

    def variable(self) -> int:
        self.size += 1
        return self.size - 1

    def root(self, prior: float) -> int:
        """A variable without causes."""
        made = self.variable()
        self.add((made,), gates.prior_table(prior))
        return made

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

    A template that nobody listed and that no reading speaks of is no cause by itself: what it may have done counts as
    something else (`causal/somethingelse.py`).

    Raises NetworkTooWideError when exact inference would pass the method's width limit.
    """
    builder = _Builder(method)
    able = established(narratives, observables)
    other = something_else(narratives, priors, able, method)
    unknown, *variables = (builder.root(prior) for prior in (other.prior, *priors))
    made = _step_gates(builder, narratives, variables, common_steps)
    builder.factors += [gate.factor(method, gate.rate, gate.thetas) for gate in made]
    steps = {gate.key: gate.variable for gate in made}
    sensors = tuple(
        sensor for observable in observables if (sensor := _add_sensor(builder, observable, steps)) is not None
    )
    causes = [(unknown, other.transmission), *((variables[number], method.transmission) for number in able)]
    moved = _moved(builder, variables, narratives, causes)
    leak = max(method.leak, ordinariness)
    scopes = [factor.scope for factor in builder.factors] + [sensor.scope for sensor in sensors]
    return Structure(
        plan=parted(compile_plan(builder.size, scopes, width_limit=method.width_limit), moved),
        unknown=unknown,
        unknown_prior=other.prior,
        narratives=tuple(variables),
        steps=steps,
        gates=made,
        factors=tuple(builder.factors),
        causes=tuple(causes),
        moved=moved,
        leak=leak,
        move=(Factor(scope=(moved,), table=np.array([[1.0, leak - 1.0]])),),
        no_move=(Factor(scope=(moved,), table=np.array([[1.0, 0.0]])),),
        sensors=sensors,
    )


def _moved(
    builder: _Builder, variables: Sequence[int], narratives: Sequence[Narrative], causes: Sequence[tuple[int, float]]
) -> int:
    """The switch of the causes' silence; an amplifier and what it amplifies are one more (q_kl of causal.md 3.2).

    Pairs are of stories that somebody listed: of the whole library they would be too many for exact inference.
    """
    switch, weight = builder.silence(causes), builder.method.amplification
    able = {variable for variable, _ in causes}
    own = [
        (v, n.slot == "amplifier")
        for v, n in zip(variables, narratives, strict=True)
        if v in able and n.origin != "library"
    ]
    pairs = [(one, other) for one, amplifies in own if amplifies for other, also in own if not also]
    for pair in pairs if weight > 0.0 else ():
        builder.add((switch, *pair), gates.pair_table(weight))
    return switch


def _step_gates(
    builder: _Builder, narratives: Sequence[Narrative], variables: Sequence[int], common_steps: frozenset[str]
) -> tuple[StepGate, ...]:
    method = builder.method
    users: dict[str, list[tuple[int, Step, str | None]]] = {}
    for number, narrative in enumerate(narratives):
        previous: str | None = None
        for step in narrative.steps:
            users.setdefault(step.key, []).append((number, step, previous))
            previous = step.key
    steps = {step_key: builder.variable() for step_key in users}
    made = []
    for step_key, uses in users.items():
        causes: list[int] = []
        for number, _, previous in uses:
            causes += [variables[number]] if previous is None else [variables[number], steps[previous]]
        rates = [method.base_rate[step.base_rate] for _, step, _ in uses]
        if step_key in common_steps:
            rates.append(method.base_rate[method.written_after_base_rate])
        made.append(
            StepGate(
                key=step_key,
                variable=steps[step_key],
                causes=tuple(causes),
                rate=max(rates),
                uses=tuple((number, step.n, previous is None) for number, step, previous in uses),
                thetas=tuple(method.theta[step.necessity] for _, step, _ in uses),
            )
        )
    return tuple(made)


def _once(scope: Scope, target: int, table: Array) -> Factor:
    """The gate as a factor; a cause that two narratives share stands once in the scope (its diagonal is taken)."""
    unique: list[int] = list(dict.fromkeys(scope))
    if len(unique) < len(scope):
        letters = {variable: chr(ord("a") + i) for i, variable in enumerate(unique)}
        source = "".join(letters[variable] for variable in scope)
        goal = "".join(letters[variable] for variable in unique)
        table = np.einsum(f"{source}z->{goal}z", table[0])[np.newaxis]
    return Factor(scope=(*unique, target), table=table)


def alone(members: Sequence[Sequence[tuple[int, float]]]) -> bool:
    """Whether one step is all that is behind an observable."""
    return len(members) == 1 and len(members[0]) == 1


def _add_sensor(builder: _Builder, observable: Observable, steps: dict[str, int]) -> Sensor | None:
    """None where no step that predicts it has a link worth a connection: what other readings say already."""
    groups: dict[tuple[str, float], dict[int, float]] = {}
    for parent in observable.parents:
        if parent.link < builder.method.least_link:
            continue
        links = groups.setdefault((parent.side, parent.tilt), {})
        variable = steps[parent.step]
        links[variable] = max(links.get(variable, 0.0), parent.link)
    if not groups:
        return None
    ordered = tuple(sorted(groups))
    members = tuple(tuple(sorted(groups[group].items())) for group in ordered)
    link = members[0][0][1] if alone(members) else None
    scope = (members[0][0][0],) if alone(members) else tuple(builder.silence(own) for own in members)
    table = builder.tables.get((ordered, observable.calm, link))
    if table is None:
        table = _bins(observable, ordered, link, builder.method)
        builder.tables[ordered, observable.calm, link] = table
    return Sensor(observable=observable, groups=ordered, members=members, scope=scope, table=table)


def _bins(observable: Observable, groups: Sequence[tuple[str, float]], link: float | None, method: Method) -> Array:
    """The table of a sensor, (5, 2, ..., 2), by its groups, its ordinary day, and the link of a step that is alone."""
    table = group_table(observable, groups, method.flat_width, quiet_of(observable, method))
    acting = np.moveaxis(table, -1, 0)
    return gates.switched(acting, len(groups)) if link is None else gates.linked(acting, link)
