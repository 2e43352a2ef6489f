"""Keeps the readings of series that an explanation used: each an `Observation` that `WAS_DERIVED_FROM` its `Series`.

So what is shown as evidence always ends at a fact that Cypher can follow. The id is made of what was read, so that the
same reading of a later run is the same node. They carry their trade days and no instants of validity, by which facts
are gathered: what is asked next reads the series again and not these.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date

from api.recording_run import Run
from api.recording_stories import indicator_nodes
from causal.explanation import Evidence
from graph.model import Batch, Link, Node, Value

_DAYS = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?$")


def reading_ids(run: Run) -> dict[str, str]:
    """fact id of a series reading -> id of the node that keeps it."""
    return {item.fact_ids[0]: _id(run, item) for item in _read(run)}


def readings_batch(run: Run) -> Batch:
    """One node a reading, tied to its series, indicator and subject."""
    instruments = {one.id for one in run.dossier.instruments}
    nodes: list[Node] = []
    links: list[Link] = []
    for item in _read(run):
        id_ = _id(run, item)
        nodes.append(Node(label="Observation", id=id_, properties=_properties(item)))
        subject = item.subject or ""
        ends = [
            ("WAS_DERIVED_FROM", "Series", item.series.id if item.series else ""),
            ("ABOUT", "Instrument" if subject in instruments else "Actor", subject),
        ]
        for indicator in indicator_nodes(run.dossier, {item.indicator or ""}):
            nodes.append(indicator)
            ends.append(("OF_INDICATOR", "Indicator", indicator.id))
        links += [
            Link(type=type_, from_label="Observation", from_id=id_, to_label=label, to_id=end)
            for type_, label, end in ends
        ]
    return Batch(nodes=tuple({node.id: node for node in nodes}.values()), links=tuple(links))


def _read(run: Run) -> Iterable[Evidence]:
    return (item for item in run.explanation.evidence if item.series is not None)


def _id(run: Run, item: Evidence) -> str:
    content = f"{item.fact_ids[0]}|{item.value}|{item.statement}"
    return f"{run.dossier.move.id}:reading.{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _properties(item: Evidence) -> dict[str, Value]:
    days = _DAYS.match(item.window or "")
    first = date.fromisoformat(days[1]) if days else None
    last = date.fromisoformat(days[2]) if days and days[2] else first
    return {
        "value": item.value,
        "unit": item.unit,
        "statement": item.statement,
        "modality": "measured",
        "trade_date": first,
        "trade_date_end": last,
        "known_at": item.known_at,
        "known_at_precision": "instant",
        "grade": item.grade,
        "credibility": item.credibility,
    }
