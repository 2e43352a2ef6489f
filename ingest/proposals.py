"""Proposed claims on their way into the graph, where they are no facts, and out of it, as what a reviewer accepts.

A proposal is a node `Proposal` tied to its run alone, so that no path from a thing, fact or document leads to it. An
accepted one becomes a description of its document with one passage and one claim, which is loaded as any other is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError

from graph.model import Batch, Link, Node, Value
from graph.reading import Record
from graph.schema import LABELS
from ingest.catalog import Indicator
from ingest.documentformat import DocumentFile
from ingest.documentrules import broken_rules
from ingest.errors import RecordRejectedError, Rejection
from ingest.extractionmodel import Extraction, Proposed
from ingest.refusals import refusals
from ingest.yamlfile import read_mapping

PROPOSED, ACCEPTED, REJECTED = "proposed", "accepted", "rejected"
KEPT = ("schema_version", "document", "reliability", "instruments", "actors", "relations")
CONNECTOR = "extraction"
_WHAT = "the description of a document is a mapping that begins with schema_version: 1"
_MOMENTS = ("at", "at_end", "known_at")
_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said of a document beside its claims: as a checked file, and as the YAML that a run keeps."""

    file: DocumentFile
    text: str


def read_description(meta: Path, indicators: Mapping[str, Indicator]) -> Description:
    """The description of a document, its own passages and claims left out.

    Raises RecordRejectedError with file, path and reason.
    """
    data = read_mapping(meta, _WHAT)
    kept = {name: data[name] for name in KEPT if name in data}
    try:
        file = DocumentFile.model_validate({**kept, "claims": ()})
    except ValidationError as error:
        raise RecordRejectedError(tuple(refusals(meta, kept, error, DocumentFile))) from error
    text = _written(kept)
    broken = broken_rules(file, indicators)
    if len(text.encode()) > _MOST_BYTES:
        broken.append(("(file)", f"is longer than {_MOST_BYTES // 1000} kB; describe what the text is about alone"))
    if broken:
        raise RecordRejectedError(tuple(Rejection(file=str(meta), path=at, reason=why) for at, why in broken))
    return Description(file=file, text=text)


def as_claim(claim: Mapping[str, object]) -> dict[str, Any]:
    """A claim as it is kept (JSON) with the types that a description has: days, instants, tuples.

    Raises ValueError for a text that is no day and no instant.
    """
    return {
        name: _moment(value) if name in _MOMENTS else tuple(value) if isinstance(value, list) else value
        for name, value in claim.items()
    }


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value).astimezone(UTC) if "T" in value else date.fromisoformat(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionRun:
    """One reading of one text by one model with one prompt; `id` is the same whenever it is done again."""

    document: str
    title: str
    licence: str
    text_sha256: str
    description: str
    model: str
    prompt_version: str

    @property
    def id(self) -> str:
        """Made of everything that an answer depends on."""
        content = (self.document, self.text_sha256, self.description, self.model, self.prompt_version)
        return f"run_{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]}"


def extraction_batch(
    run: ExtractionRun, extraction: Extraction, fresh: Sequence[Proposed], started: datetime, ended: datetime
) -> Batch:
    """The run with what it used, and those of its proposals that the graph does not hold yet (`fresh`)."""
    software = f"software_{re.sub(r'[^A-Za-z0-9._-]+', '_', run.model)}"
    own: dict[str, Value] = {
        "connector": CONNECTOR,
        "state": "partial" if extraction.unread else "done",
        "started_at": started,
        "ended_at": ended,
        "counters": extraction.counters(len(fresh)),
        "text_sha256": run.text_sha256,
        "description": run.description,
    }
    nodes = [
        Node(label="IngestRun", id=run.id, properties=own),
        Node(label="Software", id=software, properties={"name": run.model}),
        *(Node(label="Proposal", id=one.id, properties=_properties(run, one, ended)) for one in fresh),
    ]
    links = [
        _link("USED", "IngestRun", run.id, "Software", software),
        *(_link("WAS_GENERATED_BY", "Proposal", one.id, "IngestRun", run.id) for one in fresh),
    ]
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _properties(run: ExtractionRun, one: Proposed, now: datetime) -> dict[str, Value]:
    return {
        "state": PROPOSED,
        "statement": str(one.claim["statement"]),
        "document": run.document,
        "title": run.title,
        "licence": run.licence,
        "text_sha256": run.text_sha256,
        "start": one.start,
        "end": one.end,
        "span_sha256": one.span_sha256,
        "body": json.dumps(one.claim, sort_keys=True, ensure_ascii=False),
        "model": run.model,
        "prompt_version": run.prompt_version,
        "proposed_at": now,
        "doubts": one.doubts or None,
    }


def _link(kind: str, from_label: str, from_id: str, to_label: str, to_id: str) -> Link:
    return Link(type=kind, from_label=from_label, from_id=from_id, to_label=to_label, to_id=to_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided about a proposal: `edits` are keys of its claim with other values."""

    accept: bool
    by: str
    at: datetime
    why: str | None
    edits: Mapping[str, object]


def decision_batch(held: Record, decision: Decision, claim: str | None) -> Batch:
    """The decision as it is kept with the proposal (a record of `one_proposal`), and where the claim came from.

    `claim` is the key of the accepted one, None where it was rejected.
    """
    own: dict[str, Value] = {
        **{name: _value(held[name]) for name in LABELS["Proposal"].properties if held.get(name) is not None},
        "state": ACCEPTED if decision.accept else REJECTED,
        "decided_by": decision.by,
        "decided_at": decision.at,
        "why": decision.why,
        "edits": tuple(json.dumps([key, str(value)]) for key, value in sorted(decision.edits.items())) or None,
        "claim": claim,
    }
    run = str(held["run"])
    links = () if claim is None else (_link("WAS_GENERATED_BY", "Claim", claim, "IngestRun", run),)
    return Batch(links=links, nodes=(Node(label="Proposal", id=str(held["id"]), properties=own),))


def _value(held: object) -> Value:
    return tuple(map(str, held)) if isinstance(held, list | tuple) else cast("Value", held)


def description_with(description: str, held: Record, claim: Mapping[str, object]) -> str:
    """The description (YAML) of a document with the passage of a proposal (`held`) and, in it, a claim with its id."""
    data = yaml.safe_load(description)
    data["document"] = {**data["document"], "sha256": held["text_sha256"]}
    place = f"span_{held['start']}_{held['end']}"
    data["passages"] = [{"id": place, "start": held["start"], "end": held["end"], "sha256": held["span_sha256"]}]
    data["claims"] = [{**as_claim(claim), "in": place}]
    return _written(data)


class _PlainDumper(yaml.SafeDumper):
    """Writes a value that is used twice twice: descriptions may hold no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _written(data: object) -> str:
    return str(yaml.dump(data, Dumper=_PlainDumper, allow_unicode=True))
