"""Turns what the library brought to a move into nodes: its templates, and the stories that they became here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from causal.model import Dossier, Narrative, Prediction, Span, Step, Template
from graph.model import Batch, Link, Node, Value

UNKNOWN = "unknown"


def join(batches: Iterable[Batch]) -> Batch:
    """One batch of many, in order."""
    parts = list(batches)
    return Batch(
        nodes=tuple(chain.from_iterable(part.nodes for part in parts)),
        links=tuple(chain.from_iterable(part.links for part in parts)),
    )


def prediction_id(step: str, number: int, subject: str | None) -> str:
    """The id of a prediction; of the library also by its subject, since another binding predicts another thing."""
    return f"{step}.{number}" if subject is None else f"{step}.{number}.{subject}"


def unknown_node() -> Node:
    """The story that is no story: whatever nobody thought of. One node for all moves."""
    return Node(label="Narrative", id=UNKNOWN, properties={"title": "something else", "origin": "library"})


def story_batch(dossier: Dossier, chosen: Mapping[str, Narrative], library: Sequence[Template]) -> Batch:
    """The templates that have instances here, and the library's stories bound to this move."""
    in_use = {one.template for one in chosen.values()}
    nodes = [template_node(template) for template in library if template.id in in_use]
    bound = [one for one in chosen.values() if one.origin == "library"]
    names = {prediction.indicator for one in bound for step in one.steps for prediction in step.predictions}
    nodes += indicator_nodes(dossier, names)
    known = {template.id for template in library}
    stories = [_narrative(dossier, narrative, known) for narrative in sorted(bound, key=lambda one: one.id)]
    return join([Batch(nodes=tuple(nodes)), *stories])


def template_node(template: Template) -> Node:
    """One template of the library."""
    return Node(
        label="Template",
        id=template.id,
        properties={
            "version": template.version,
            "title": template.title,
            "summary": template.summary,
            "slots": tuple(template.slots),
            "move_direction": template.move_direction,
            "roles": tuple(role.name for role in template.roles),
            "variants": template.variants,
            "precedents": template.precedents,
            "references": template.references,
        },
    )


def indicator_nodes(dossier: Dossier, names: Iterable[str]) -> list[Node]:
    """The indicators of these names that the dossier knows."""
    wanted = set(names)
    return [
        Node(label="Indicator", id=one.id, properties={"name": one.name, "kind": one.kind})
        for one in dossier.indicators
        if one.name in wanted
    ]


def _narrative(dossier: Dossier, narrative: Narrative, templates: set[str]) -> Batch:
    id_ = f"{dossier.move.id}:{narrative.id}"
    node = Node(
        label="Narrative",
        id=id_,
        properties={
            "title": narrative.title,
            "summary": narrative.summary,
            "slot": narrative.slot,
            "origin": narrative.origin,
            "roles": tuple(f"{role}={thing}" for role, thing in sorted(narrative.roles.items())),
            "unbound_roles": narrative.unbound_roles,
            "template": narrative.template,
            "template_version": narrative.template_version,
        },
    )
    links = [Link(type="EXPLAINS", from_label="Narrative", from_id=id_, to_label="Move", to_id=dossier.move.id)]
    if narrative.template in templates:
        links.append(_to("Narrative", id_, "INSTANCE_OF", "Template", str(narrative.template)))
    batches = [Batch(nodes=(node,), links=tuple(links))]
    before: str | None = None
    for step in narrative.steps:
        step_id = f"{id_}.{step.n}"
        has = Link(
            type="HAS_STEP",
            from_label="Narrative",
            from_id=id_,
            to_label="Step",
            to_id=step_id,
            properties={"n": step.n},
        )
        leads = [_to("Step", before, "LEADS_TO", "Step", step_id)] if before is not None else []
        batches += [_step(dossier, step, step_id), Batch(links=(has, *leads))]
        before = step_id
    return join(batches)


def _step(dossier: Dossier, step: Step, id_: str) -> Batch:
    node = Node(
        label="Step",
        id=id_,
        properties={
            "n": step.n,
            "text": step.text,
            "key": id_,
            "necessity": step.necessity,
            "base_rate": step.base_rate,
        },
    )
    predictions = [_prediction(dossier, part, number, id_) for number, part in enumerate(step.predictions, start=1)]
    return join([Batch(nodes=(node,)), *predictions])


def _prediction(dossier: Dossier, prediction: Prediction, number: int, step: str) -> Batch:
    id_ = prediction_id(step, number, prediction.subject)
    properties: dict[str, Value] = {
        "i": number,
        "indicator": prediction.indicator,
        "subject": prediction.subject,
        "role": prediction.role,
        "direction": prediction.direction,
        "strength": prediction.strength,
        "lag": prediction.lag,
        "typical_size": prediction.typical_size,
        "if_absent": prediction.if_absent,
        "note": prediction.note,
        "stated_window": prediction.stated_window,
    }
    if isinstance(prediction.window, Span):
        properties |= {
            "window": "dates",
            "window_start": prediction.window.start,
            "window_end": prediction.window.end,
        }
    else:
        properties["window"] = prediction.window
    links = [_to("Step", step, "PREDICTS", "Prediction", id_)]
    known = {one.name: one.id for one in dossier.indicators}
    if prediction.indicator in known:
        links.append(_to("Prediction", id_, "OF_INDICATOR", "Indicator", known[prediction.indicator]))
    for label, things in (("Instrument", dossier.instruments), ("Actor", dossier.actors)):
        if any(thing.id == prediction.subject for thing in things):
            links.append(_to("Prediction", id_, "ABOUT", label, str(prediction.subject)))
    return Batch(nodes=(Node(label="Prediction", id=id_, properties=properties),), links=tuple(links))


def _to(from_label: str, from_id: str, type_: str, to_label: str, to_id: str) -> Link:
    return Link(type=type_, from_label=from_label, from_id=from_id, to_label=to_label, to_id=to_id)
