"""Keeps what an explanation would say if one side of a dispute were the only report, so that Cypher can ask about it.

Each is an explanation that is a `VARIANT_OF` the kept one and stands `UNDER` a side. It is about no move of its own, so
that whoever asks for the explanations of a move finds those that were given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.recording_run import Run
from graph.model import Batch, Link, Node


def readings_of_disputes(run: Run) -> Batch:
    """One variant a side, with the posterior of each story and its rank."""
    nodes: list[Node] = []
    links: list[Link] = []
    for dispute in run.explanation.disputes:
        for under in dispute.under_each:
            place = run.gathered.places.get(under.fact_id)
            if place is None:
                continue
            id_ = f"{run.id}:under.{dispute.id}.{under.fact_id}"
            nodes.append(_node(run, id_))
            links += [
                Link(type="VARIANT_OF", from_label="Explanation", from_id=id_, to_label="Explanation", to_id=run.id),
                Link(type="UNDER", from_label="Explanation", from_id=id_, to_label=place.label, to_id=place.id),
                *_scores(run, id_, under.posteriors),
            ]
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _node(run: Run, id_: str) -> Node:
    return Node(
        label="Explanation",
        id=id_,
        properties={
            "as_of": run.dossier.as_of,
            "as_at": run.dossier.as_at,
            "method_version": run.explanation.method_version,
            "settings_hash": run.explanation.settings_hash,
        },
    )


def _scores(run: Run, id_: str, posteriors: Mapping[str, float]) -> Iterator[Link]:
    """Each story as it is scored there; what is unknown has no rank."""
    unknown = run.explanation.unknown.id
    ranked = sorted((name for name in posteriors if name != unknown), key=lambda name: (-posteriors[name], name))
    rank = {name: n for n, name in enumerate(ranked, start=1)}
    for name, posterior in posteriors.items():
        own = {} if name == unknown else {"rank": rank[name]}
        yield Link(
            type="SCORED",
            from_label="Explanation",
            from_id=id_,
            to_label="Narrative",
            to_id=unknown if name == unknown else run.narrative_id(name),
            properties={"posterior": posterior, **own},
        )
