"""Turns an explanation into nodes and links, so that Cypher can ask about it as about any other fact.

One stored run: the explanation with its whole object, what it scored, each item of evidence against each step, what it
lacked, and the templates of the library that it bound to the move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from api.detecting import batch_of
from api.finding import ASKED
from api.recording_disputes import readings_of_disputes
from api.recording_evidence import assessment_batch
from api.recording_run import Run
from api.recording_series import readings_batch
from api.recording_stories import indicator_nodes, join, story_batch, unknown_node
from causal.explanation import LookNext
from causal.world import Move
from graph.model import Batch, Link, Node

_UNSAFE = re.compile(r"[^a-z0-9]+")


def to_batch(run: Run, others: Sequence[Mapping[str, object]]) -> Batch:
    """All nodes and links of one run; `others` are the stored explanations of its move (`id`, `as_of`, `as_at`)."""
    own = Batch(
        nodes=(_node(run), unknown_node()),
        links=(run.link("ABOUT", "Move", run.dossier.move.id), *_scores(run), *_neighbours(run, others)),
    )
    return join(
        [
            own,
            _move(run),
            readings_batch(run),
            story_batch(run.dossier, run.chosen, run.library),
            *(assessment_batch(run, narrative) for narrative in run.explanation.narratives),
            *(_lacked(run, wanted) for wanted in run.explanation.look_next),
            readings_of_disputes(run),
        ]
    )


def _node(run: Run) -> Node:
    return Node(
        label="Explanation",
        id=run.id,
        properties={
            "as_of": run.dossier.as_of,
            "as_at": run.dossier.as_at,
            "method_version": run.explanation.method_version,
            "settings_hash": run.explanation.settings_hash,
            "answer": run.explanation.answer,
            "body": run.body,
            "case_id": run.dossier.case,
            "instrument": run.dossier.move.instrument,
        },
    )


def _scores(run: Run) -> Iterator[Link]:
    yield run.link("SCORED", "Narrative", run.explanation.unknown.id, posterior=run.explanation.unknown.posterior)
    scored: set[str] = set()
    for narrative in run.explanation.narratives:
        yield run.link(
            "SCORED",
            "Narrative",
            run.narrative_id(narrative.id),
            posterior=narrative.posterior,
            rank=narrative.rank,
            confidence=narrative.confidence,
        )
        for step in narrative.steps:
            id_ = run.step_id(narrative.id, step.n)
            if id_ not in scored:  # a step of two stories has one posterior
                scored.add(id_)
                yield run.link("SCORED", "Step", id_, posterior=step.posterior, bits=step.bits, verdict=step.verdict)


def _neighbours(run: Run, others: Sequence[Mapping[str, object]]) -> Iterator[Link]:
    """The explanations of the same move just before and after, by their clocks."""
    own = (run.dossier.as_of, run.dossier.as_at, run.id)
    places = sorted(
        (row["as_of"], row["as_at"], str(row["id"]))
        for row in others
        if row["id"] != run.id and isinstance(row["as_of"], datetime) and isinstance(row["as_at"], datetime)
    )
    before = [place for place in places if place < own]
    after = [place for place in places if place > own]
    if before:
        previous = before[-1][2]
        yield Link(type="NEXT", from_label="Explanation", from_id=previous, to_label="Explanation", to_id=run.id)
    if after:
        yield run.link("NEXT", "Explanation", after[0][2])


def _move(run: Run) -> Batch:
    """A move that the graph may not hold yet: told by a series, or on record now because somebody asked about it."""
    if run.gathered.detected is not None:
        return batch_of([run.gathered.detected])
    return _asked(run.dossier.move, run) if not run.gathered.stored else Batch()


def _asked(move: Move, run: Run) -> Batch:
    node = Node(
        label="Move",
        id=move.id,
        properties={
            "start": move.start,
            "end": move.end,
            "valid_from": move.valid_from,
            "valid_to": move.valid_to,
            "known_at": min(move.valid_to, run.dossier.as_of),
            "known_at_precision": "instant",
            "return": move.return_,
            "return_unit": move.return_unit,
            "measure": move.measure,
            "origin": ASKED,
        },
    )
    about = Link(type="ABOUT", from_label="Move", from_id=move.id, to_label="Instrument", to_id=move.instrument)
    return Batch(nodes=(node,), links=(about,))


def gap_id(move: str, wanted: LookNext) -> str:
    """The id of a gap: what a thing lacks goes by its id, apart from what whoever plays a role of that name lacks."""
    whose = (wanted.subject.casefold(),) if wanted.subject else ("as", _plain(wanted.role or "unbound"))
    return ".".join((f"{move}:look", _plain(wanted.indicator), *whose, _plain(wanted.window)))


def _plain(text: str) -> str:
    return _UNSAFE.sub("_", text.casefold()).strip("_")


def _lacked(run: Run, wanted: LookNext) -> Batch:
    """A predicted observable that nobody looked at, as a gap that the system names."""
    dossier = run.dossier
    id_ = gap_id(dossier.move.id, wanted)
    of = wanted.subject or f"whatever plays the role {wanted.role}"
    node = Node(
        label="DataGap",
        id=id_,
        properties={
            "kind": "gap",
            "item": f"{wanted.indicator} of {of}, {wanted.window} the move"
            if wanted.window in {"before", "during", "after"}
            else f"{wanted.indicator} of {of}, {wanted.window}",
            "named_by": "system",
            "valid_from": dossier.move.valid_from,
            "valid_to": dossier.move.valid_to,
            "known_at": dossier.move.valid_to,
            "known_at_precision": "instant",
        },
    )
    nodes, ends = [node], [("ABOUT", "Move", dossier.move.id)]
    for indicator in indicator_nodes(dossier, {wanted.indicator}):
        nodes.append(indicator)
        ends.append(("OF_INDICATOR", "Indicator", indicator.id))
    if wanted.subject in {one.id for one in dossier.instruments}:
        ends.append(("ABOUT", "Instrument", str(wanted.subject)))
    elif wanted.subject in {one.id for one in dossier.actors}:
        ends.append(("ABOUT", "Actor", str(wanted.subject)))
    links = [Link(type=t, from_label="DataGap", from_id=id_, to_label=label, to_id=to) for t, label, to in ends]
    return Batch(nodes=tuple(nodes), links=(*links, run.link("LACKED", "DataGap", id_, gain_bits=wanted.gain_bits)))
