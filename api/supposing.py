"""What would have happened without a step, or with a series at another value: asked, answered and kept as a scenario.

An answer is an estimate with an interval under a stated graph, or that it is not identifiable, and why; never both.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from api.ask import Ask
from api.attributing import Attributed, attribute, move_object
from api.catalog import Resource, Row, plain_row
from api.errors import InvalidAskError
from api.knowledge import Knowledge
from causal.model import Narrative, Step
from causal.movegraphs import MoveGraph
from causal.moveshares import what_if_of
from causal.structural import NotIdentifiable
from causal.whatif import WhatIf
from graph.model import Batch, Link, Node
from graph.reading import explanations_of_move
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

WITHOUT_STEP, CHANGED = "without_step", "changed_values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is supposed: a node (by id, series or subject) at a value in its own unit, or as on a usual day (None)."""

    node: str
    to: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """A question: values that are changed, or a step of a narrative left out; what is asked after (None: the move)."""

    changes: tuple[Change, ...] = ()
    narrative: str | None = None
    step: int | None = None
    outcome: str | None = None

    @property
    def kind(self) -> str:
        """The kind of scenario."""
        return WITHOUT_STEP if self.narrative is not None else CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """An answer on its way: `found` in the units of the outcome; `changes` as they are told."""

    attributed: Attributed
    asked: Supposition
    outcome: str
    unit: str | None
    changes: tuple[str, ...]
    found: WhatIf | NotIdentifiable
    edges: tuple[tuple[str, str], ...] = field(default=())


async def suppose(
    ask: Ask, asked: Supposition, store: GraphStore, knowledge: Knowledge, series: SeriesStore | None
) -> Supposed:
    """Answer a supposition about the move that is asked about.

    Raises InvalidAskError where nothing, or both a step and values, are supposed, or the narrative lacks the step; what
    `attribute` raises.
    """
    if (asked.narrative is None) != (asked.step is None):
        raise InvalidAskError("step", "give a narrative and the number of its step, or neither")
    if bool(asked.changes) == (asked.narrative is not None):
        raise InvalidAskError("changes", "give values that are changed, or a narrative and its step; one of both")
    attributed = await attribute(ask, store, knowledge, series, narrative=asked.narrative)
    _step_of(attributed, asked)
    return await asyncio.to_thread(_answer, attributed, asked)


def _answer(attributed: Attributed, asked: Supposition) -> Supposed:
    graph, bound = attributed.shared.graph, attributed.shared.bound
    target = attributed.shared.answer.target
    told = tuple(f"without step {asked.step} of {asked.narrative}" for _ in [0] if asked.narrative)

    def unknown(node: str, reason: str, changes: tuple[str, ...] = told) -> Supposed:
        return Supposed(
            attributed=attributed,
            asked=asked,
            outcome=asked.outcome or target,
            unit=None,
            changes=changes or tuple(f"{one.node}" for one in asked.changes),
            found=NotIdentifiable(node=node, reason=reason),
            edges=attributed.shared.answer.edges,
        )

    if graph is None or bound is None:
        return unknown(target, str(attributed.shared.answer.not_identifiable))
    nodes = {node.id: node for node in graph.nodes}
    wanted, missing = _wanted(attributed, asked, graph)
    if missing is not None:
        return unknown(missing.node, missing.reason)
    named = None if asked.outcome in (None, target) else bound.named(str(asked.outcome))
    outcome = target if asked.outcome in (None, target) else "" if named is None else named.id
    if outcome != target and outcome not in nodes:
        why = bound.aside[outcome].why if outcome in bound.aside else "it is no series of this graph"
        return unknown(str(asked.outcome), f"what is asked after, {asked.outcome!r}: {why}")
    found, held = what_if_of(graph, outcome, wanted)
    units = {name: node.unit for name, node in nodes.items()} | {target: bound.unit}
    changes = tuple(
        f"{name}: {graph.raw[name]:+.4g} -> {value:+.4g} {units[name]}" for name, value in sorted(held.items())
    )
    return Supposed(
        attributed=attributed,
        asked=asked,
        outcome=outcome,
        unit=units[outcome],
        changes=(*told, *changes),
        found=found,
        edges=graph.edges,
    )


def _wanted(
    attributed: Attributed, asked: Supposition, graph: MoveGraph
) -> tuple[Mapping[str, float | None], NotIdentifiable | None]:
    """The nodes that are held, by id, or why one cannot be."""
    bound, nodes = attributed.shared.bound, {node.id for node in graph.nodes}
    assert bound is not None
    if asked.narrative is not None and asked.step is not None:
        own = [name for name in bound.of(asked.narrative).get(asked.step, ()) if name in nodes]
        if own:
            return dict.fromkeys(own), None
        place = (asked.narrative, asked.step)
        aside = next((one for one in bound.aside.values() if place in one.named_by), None)
        why = f"{aside.id}: {aside.why}" if aside else f"no series is bound to step {asked.step}; ingest one"
        return {}, NotIdentifiable(node=f"{asked.narrative}.{asked.step}", reason=why)
    found: dict[str, float | None] = {}
    for change in asked.changes:
        node = bound.named(change.node)
        if node is None or node.id not in nodes:
            aside = None if node is None else bound.aside.get(node.id)
            why = f"{change.node!r}: {aside.why}" if aside else f"{change.node!r} is no series of this graph"
            return {}, NotIdentifiable(node=change.node, reason=f"{why}; the graph has {', '.join(sorted(nodes))}")
        found[node.id] = change.to
    return found, None


def supposed_object(supposed: Supposed, id_: str | None = None) -> dict[str, object]:
    """The answer as JSON has it."""
    found = supposed.found
    known = found if isinstance(found, WhatIf) else None
    return {
        "id": id_,
        **move_object(supposed.attributed.dossier),
        "kind": supposed.asked.kind,
        "narrative": supposed.asked.narrative,
        "step": supposed.asked.step,
        "changes": list(supposed.changes),
        "outcome": supposed.outcome,
        "unit": supposed.unit,
        "identifiable": known is not None,
        "actual": None if known is None else known.actual,
        "estimate": None if known is None else known.estimate,
        "low": None if known is None else known.low,
        "high": None if known is None else known.high,
        "rows": None if known is None else known.rows,
        "not_identifiable": found.reason if isinstance(found, NotIdentifiable) else None,
        "edges": [{"cause": cause, "effect": effect} for cause, effect in supposed.edges],
    }


async def keep(supposed: Supposed, store: GraphStore) -> str:
    """Keep the scenario, as a variant of the newest explanation of its move where there is one; its id."""
    dossier = supposed.attributed.dossier
    body = supposed_object(supposed)
    id_ = "scn_" + hashlib.sha256(orjson.dumps(body)).hexdigest()[:16]
    known = await explanations_of_move(store, dossier.move.id)
    await store.upsert(_batch(supposed, id_, [str(row["id"]) for row in known]))
    return id_


def _batch(supposed: Supposed, id_: str, explanations: Sequence[str]) -> Batch:
    dossier, found = supposed.attributed.dossier, supposed.found
    known = isinstance(found, WhatIf)
    properties: dict[str, object] = {
        "kind": supposed.asked.kind,
        "changes": supposed.changes,
        "identifiable": known,
    }
    if isinstance(found, WhatIf):
        properties |= {"estimate": found.estimate, "low": found.low, "high": found.high}
    nodes = [Node(label="Scenario", id=id_, properties=properties)]  # type: ignore[arg-type]
    instruments = {one.id for one in dossier.instruments}
    about = supposed.attributed.shared.bound.named(supposed.outcome) if supposed.attributed.shared.bound else None
    subject = supposed.outcome if supposed.outcome in instruments else about.subject if about else None
    links = []
    if subject in instruments and subject is not None:
        links.append(Link(type="ABOUT", from_label="Scenario", from_id=id_, to_label="Instrument", to_id=subject))
    if explanations:
        variant = f"{explanations[-1]}:under.{id_}"
        values = {"as_of": dossier.as_of, "as_at": dossier.as_at}
        nodes.append(Node(label="Explanation", id=variant, properties=values))
        links += [
            _from(variant, "VARIANT_OF", "Explanation", explanations[-1]),
            _from(variant, "UNDER", "Scenario", id_),
        ]
        step = _step_id(supposed)
        if step is not None:
            links.append(Link(type="ABOUT", from_label="Scenario", from_id=id_, to_label="Step", to_id=step))
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _step_id(supposed: Supposed) -> str | None:
    """The step that is left out, by the id under which an explanation keeps it."""
    dossier, step = supposed.attributed.dossier, _step_of(supposed.attributed, supposed.asked)
    if step is None:
        return None
    if step[0].origin == "library":
        return f"{dossier.move.id}:{step[0].id}.{step[1].n}"
    return step[1].key if dossier.case is None else f"{dossier.case}:{step[1].key}"


def _step_of(attributed: Attributed, asked: Supposition) -> tuple[Narrative, Step] | None:
    """The narrative and the step that are left out, None where values are changed. Raises InvalidAskError."""
    told = next((one for one in attributed.narratives if one.id == asked.narrative), None)
    if told is None:
        return None
    step = next((one for one in told.steps if one.n == asked.step), None)
    if step is None:
        raise InvalidAskError("step", f"{told.id} has no step {asked.step}, it has {len(told.steps)}")
    return told, step


def _scenario_row(record: Mapping[str, object]) -> Row:
    return {**plain_row(record), "changes": record["changes"] or []}


SCENARIOS = Resource(name="counterfactuals", query="list_scenarios", shape=_scenario_row)


def _from(variant: str, type_: str, label: str, id_: str) -> Link:
    return Link(type=type_, from_label="Explanation", from_id=variant, to_label=label, to_id=id_)
