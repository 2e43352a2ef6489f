"""Which series stand for the steps of a story in a structural model: nodes with one value a session.

A node is a reading of one series in one window, the same on every session of the past. What closes after the thing
that moved is read a session earlier, for a cause cannot come later. What is made of the price itself (its trackers,
derivatives and likes, in the window of the move) is set apart: on the same day cause and effect cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from causal.derived import DERIVED, Look, move_returns
from causal.model import COMPETING, Dossier, Narrative, Prediction
from causal.panel import Array, Column, Panel
from causal.pulling import SeriesIndex
from causal.rolling import valid_or_nan
from causal.settings import Method
from causal.spans import window_offsets
from causal.subjects import PRICE, World, build_world
from causal.windows import key
from causal.world import Derivation

FUNCTIONS = frozenset({"log_return", "change", "total", "log_ratio_to_usual", "mean_less_usual", "premium_change"})
ASKED = "asked for"
PRICED = ("log_return", "change")  # closes, which have an instant; the rest is of the whole day
TIERS = {
    "yield": 1,
    "bond": 1,
    "currency": 1,
    "currency_index": 1,
    "equity_index": 2,
    "commodity": 2,
    "volatility_index": 4,
}
OTHER_TIER, ACTIVITY_TIER = 3, 5
Aside = Literal["answers the price", "no series"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoryNode:
    """One node: `values` (T,) by session of the panel, nan where there is none, read in sessions (lo, hi] from each.

    `tier` orders nodes that no story orders: rates and currencies (1), broad markets, single things, implied
    volatilities, activity (5). `named_by` are the (narrative, step) that name it.
    """

    id: str
    series: str
    subject: str
    indicator: str
    unit: str
    lo: int
    hi: int
    tier: int
    values: Array
    named_by: tuple[tuple[str, int], ...] = ()

    def precedes(self, other: StoryNode) -> bool:
        """Whether it may be a cause of the other where no story says so: it ends earlier, or is of an earlier tier."""
        return (self.hi, self.tier) < (other.hi, other.tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A series that a story names and that cannot be a cause here, and why."""

    id: str
    series: str
    why: str
    named_by: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bound:
    """The nodes of all stories by id, those set aside, and what moved: `target` with its values (T,) and unit.

    `answering` are those of `aside` that answer the price, as nodes, for whoever says that they are causes.
    """

    panel: Panel
    target: str
    unit: str
    returns: Array
    nodes: dict[str, StoryNode] = field(default_factory=dict)
    aside: dict[str, SetAside] = field(default_factory=dict)
    answering: dict[str, StoryNode] = field(default_factory=dict)

    def named(self, name: str) -> StoryNode | None:
        """The node of that id, else the one of that series or subject in the window of the move, set aside or not."""
        known = {**self.answering, **self.nodes}
        if name in known:
            return known[name]
        alike = [one for one in known.values() if name in (one.series, one.subject) and one.tier != ACTIVITY_TIER]
        return max(alike, key=lambda one: (one.hi, one.lo, one.id), default=None)

    def of(self, narrative: str) -> dict[int, tuple[str, ...]]:
        """The nodes of one narrative by step."""
        steps: dict[int, list[str]] = {}
        for node in self.nodes.values():
            for named, step in node.named_by:
                if named == narrative:
                    steps.setdefault(step, []).append(node.id)
        return {step: tuple(sorted(steps[step])) for step in sorted(steps)}


def bind_nodes(
    dossier: Dossier, narratives: Iterable[Narrative], method: Method, subjects: Iterable[str] = ()
) -> Bound | None:
    """The nodes that the competing narratives name, and returns of more `subjects`; None where no series moved."""
    if dossier.panel is None:
        return None
    panel, world = dossier.panel, build_world(dossier)
    returns = move_returns(panel)
    unit = "pp" if panel.level else "% (log)"
    bound = Bound(panel=panel, target=dossier.move.instrument, unit=unit, returns=returns)
    binder = _Binder(
        dossier=dossier,
        world=world,
        index=SeriesIndex(dossier, panel, world, method),
        near=_answering(dossier, world),
        bound=bound,
    )
    for narrative in sorted(narratives, key=lambda one: one.id):
        if narrative.slot in COMPETING:
            for step in narrative.steps:
                for prediction in step.predictions:
                    binder.enter(prediction, (narrative.id, step.n))
    for subject in subjects:
        binder.enter(Prediction(indicator="spot return", subject=subject, direction="flat"), (ASKED, 0))
    return bound


def _answering(dossier: Dossier, world: World) -> frozenset[str]:
    """What moves because the price does: what tracks it or is written on it, its likes, what is written on those."""
    target = _price_of(dossier.move.instrument, world)
    near = {target, dossier.move.instrument, *world.tracks.get(target, ())}
    near |= {one.from_ for one in dossier.relations if one.type == "peer_of" and one.to == target}
    while True:
        more = {one.from_ for one in dossier.relations if one.type in ("underlying", "tracks") and one.to in near}
        more |= {
            one.to
            for one in dossier.relations
            if one.type == "part_of" and one.from_ in near and _is_group(one.to, world)
        }
        if more <= near:
            return frozenset(near)
        near |= more


def _price_of(name: str, world: World) -> str:
    """The pair that a currency's price is told by, else the thing itself."""
    return world.pairs.get(name, (name, 1))[0]


def _is_group(name: str, world: World) -> bool:
    instrument = world.instruments.get(name)
    return instrument is not None and instrument.kind == "ETF group"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Binder:
    dossier: Dossier
    world: World
    index: SeriesIndex
    near: frozenset[str]
    bound: Bound

    @property
    def target(self) -> str:
        """What moved, by the name of its price."""
        return _price_of(self.bound.target, self.world)

    def enter(self, prediction: Prediction, place: tuple[str, int]) -> None:
        """Bind one prediction, where a series answers it and its window is over when the move is."""
        if prediction.subject is None:
            return
        identity = self.world.identity(prediction.indicator, prediction.subject)
        if identity is None:
            return
        pulled, _ = self.index.pull(identity, prediction.window)
        if pulled is None or pulled.fact.series is None or pulled.slow:
            return
        column = self.bound.panel.column(pulled.fact.series)
        derivation = self._derivation(column, pulled.fact.id, key(prediction.window))
        offsets = None if derivation is None else window_offsets(prediction.window, self.bound.panel, derivation)
        if derivation is None or offsets is None or offsets[1] > 0 or column.slow:
            return
        if derivation.function not in FUNCTIONS or derivation.peers != "none":
            return
        node = self._node(column, derivation, offsets, identity.subject)
        if identity.family == PRICE and identity.subject in (self.bound.target, self.target) and node.hi == 0:
            return  # what moved itself
        if node.hi > -self.bound.panel.span and ({column.subject, identity.subject} & self.near):
            self._set_aside(node, place)
        else:
            known = self.bound.nodes.get(node.id, node)
            named = tuple(sorted({*known.named_by, place}))
            self.bound.nodes[node.id] = replace(known, named_by=named)

    def _set_aside(self, node: StoryNode, place: tuple[str, int]) -> None:
        known = self.bound.aside.get(node.id)
        named = tuple(sorted({*(known.named_by if known else ()), place}))
        why = f"it answers the price of {self.bound.target} within the same window; cause and effect cannot be told"
        self.bound.aside[node.id] = SetAside(id=node.id, series=node.series, why=why, named_by=named)
        self.bound.answering[node.id] = replace(node, named_by=named)

    def _derivation(self, column: Column, fact: str, window: str) -> Derivation | None:
        wanted = fact.removeprefix(f"{column.id}:").removesuffix(f"@{window}")
        return next((one for one in self.dossier.derivations if one.id == wanted), None)

    def _node(self, column: Column, derivation: Derivation, offsets: tuple[int, int], subject: str) -> StoryNode:
        panel = self.bound.panel
        lo, hi = offsets
        late = float(column.at["known"][panel.end]) > panel.closes[panel.end].timestamp() * 1e6
        late &= derivation.function in PRICED
        if late and hi == 0:
            lo, hi = lo - 1, hi - 1
        look = Look(panel=panel, column=column, lo=lo, hi=hi, usual=panel.sessions(derivation.usual))
        values = valid_or_nan(look.renewed(), DERIVED[derivation.function][0](look))
        name = f"{subject} {derivation.indicator}"
        if (lo, hi) != (-panel.span, 0):
            name += f" ({_when(lo, hi, panel.span)})"
        return StoryNode(
            id=name,
            series=column.id,
            subject=subject,
            indicator=derivation.indicator,
            unit=derivation.unit or column.unit,
            lo=lo,
            hi=hi,
            tier=self._tier(subject, derivation),
            values=values,
        )

    def _tier(self, subject: str, derivation: Derivation) -> int:
        if derivation.function not in PRICED:
            return ACTIVITY_TIER
        return TIERS.get(self.world.asset_class(subject).id, OTHER_TIER)


def _when(lo: int, hi: int, span: int) -> str:
    if hi == 0:
        return f"over {-lo} sessions"
    if hi - lo == span:
        return "the session before" if hi == -1 else f"{-hi} sessions before"
    return f"sessions {-lo} to {-hi + 1} before"


def alike(one: Array, other: Array) -> float:
    """|correlation| of two nodes over the rows that both have, clipped at 4 robust scales; 0 with fewer than 20."""
    both = np.isfinite(one) & np.isfinite(other)
    if int(both.sum()) < 20:
        return 0.0
    x, y = _clipped(one[both]), _clipped(other[both])
    size = float(np.sqrt((x @ x) * (y @ y)))
    return abs(float(x @ y)) / size if size > 0.0 else 0.0


def _clipped(values: Array) -> Array:
    middle = np.median(values)
    usual = 1.4826 * float(np.median(np.abs(values - middle))) or float(values.std())
    inside = np.clip(values - middle, -4.0 * usual, 4.0 * usual)
    answer: Array = inside - inside.mean()
    return answer


def first_of_like(nodes: Sequence[StoryNode], limit: float, most: int) -> tuple[list[StoryNode], dict[str, str]]:
    """The nodes in order, without those that move with an earlier one by more than `limit`, at most so many.

    With each that was left out, why.
    """
    kept: list[StoryNode] = []
    left: dict[str, str] = {}
    for node in nodes:
        twin = next((one for one in kept if alike(one.values, node.values) > limit), None)
        if twin is not None:
            left[node.id] = f"it moves with {twin.id}, which stands for both"
        elif len(kept) == most:
            left[node.id] = f"{most} others are named by more stories"
        else:
            kept.append(node)
    return kept, left
