"""Turns what each item of evidence did to each step into `Assessment` nodes that Cypher can follow to the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.recording_run import Run
from api.recording_series import reading_ids
from causal.explanation import Contribution, NarrativeAssessment
from graph.model import Batch, Link, Node

_FACTS = frozenset({"Observation", "Claim", "Argument"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One item of evidence against one step (0: the narrative as such), by one prediction of it or by none."""

    step: int
    evidence: str | None
    outcome: str
    prediction: int | None = None
    subject: str | None = None
    part: Contribution | None = None


def _items(run: Run, narrative: NarrativeAssessment) -> Iterator[_Item]:
    weights = {
        (item.id, part.step): part
        for item in run.explanation.evidence
        for part in item.contributions
        if part.narrative == narrative.id
    }
    told: set[tuple[str, int]] = set()
    for step in narrative.steps:
        for number, prediction in enumerate(step.predictions, start=1):
            if not prediction.evidence:
                yield _Item(
                    step=step.n,
                    evidence=None,
                    outcome=prediction.outcome,
                    prediction=number,
                    subject=prediction.subject,
                )
            for evidence in prediction.evidence:
                place = (evidence, step.n)
                part = weights.get(place) if place not in told else None
                told.add(place)
                yield _Item(
                    step=step.n,
                    evidence=evidence,
                    outcome=prediction.outcome,
                    prediction=number,
                    subject=prediction.subject,
                    part=part,
                )
    for place in sorted(weights.keys() - told):
        part = weights[place]
        yield _Item(
            step=part.step,
            evidence=place[0],
            outcome="met" if part.weight_bits > 0 else "contradicted" if part.weight_bits < 0 else "missed",
            part=part,
        )


def assessment_batch(run: Run, narrative: NarrativeAssessment) -> Batch:
    """The items against the steps of one narrative; a prediction that nothing answered is `unobserved`."""
    facts = {item.id: item.fact_ids for item in run.explanation.evidence}
    readings = reading_ids(run)
    nodes: list[Node] = []
    links: list[Link] = []
    for item in _items(run, narrative):
        step_id = run.step_id(narrative.id, item.step) if item.step else None
        parts = [narrative.id, item.step, f"p{item.prediction}" if item.prediction else None, item.evidence]
        id_ = f"{run.id}:" + ".".join(str(part) for part in parts if part is not None)
        nodes.append(
            Node(
                label="Assessment",
                id=id_,
                properties={
                    "outcome": item.outcome,
                    "weight_bits": item.part.weight_bits if item.part else None,
                    "leave_one_out_bits": item.part.leave_one_out_bits if item.part else None,
                    "shapley_bits": item.part.shapley_bits if item.part else None,
                    "narrative_id": run.narrative_id(narrative.id),
                    "prediction_id": run.prediction_id(narrative.id, item.step, item.prediction, item.subject)
                    if item.prediction
                    else None,
                    "evidence_id": item.evidence,
                    "n": item.step,
                },
            )
        )
        target = ("Step", step_id) if step_id else ("Narrative", run.narrative_id(narrative.id))
        links.append(run.link("USED", "Assessment", id_))
        links.append(_of(id_, "ASSESSES", *target))
        places = [run.gathered.places.get(fact) for fact in facts.get(item.evidence or "", ())]
        links += [_of(id_, "OF", place.label, place.id) for place in places if place and place.label in _FACTS]
        kept = [readings[fact] for fact in facts.get(item.evidence or "", ()) if fact in readings]
        links += [_of(id_, "OF", "Observation", reading) for reading in kept]
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _of(assessment: str, type_: str, label: str, id_: str) -> Link:
    return Link(type=type_, from_label="Assessment", from_id=assessment, to_label=label, to_id=id_)
