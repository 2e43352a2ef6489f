"""The provenance of a kept explanation in W3C PROV: what it used, where that came from, and who answers for it.

One bundle an explanation (https://www.w3.org/TR/prov-dm/): facts, documents, series and templates are entities, ingest
runs and the run of the explanation activities; sources, authors and this software agents. A fact that corrects another
is its revision. What the graph does not know (when a run began, who wrote a document) is left out, not made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import orjson
from prov.model import PROV, ProvBundle, ProvDocument

from graph.reading import Record, ask, explanation_body
from graph.store import GraphReader

MEDIA_TYPE = "application/provenance+json"
_SPACES = ("explanation", "run", "fact", "document", "series", "template", "source", "actor", "software", "ingest")
_BASE = "urn:whymove:"
_HOW = {"COPY_OF": "copy", "TRANSLATION_OF": "translation", "HAD_PRIMARY_SOURCE": "primary source"}
Told = dict[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What the graph holds of one explanation: its object, its facts, their documents, and who stands behind them."""

    explanation: Mapping[str, Any]
    facts: Sequence[Record]
    documents: Sequence[Record]
    names: Mapping[str, Record]


async def lineage_of(reader: GraphReader, explanation: str) -> Lineage:
    """Where a kept explanation came from. Raises `NotInGraphError` where none is kept under this id."""
    body = orjson.loads(await explanation_body(reader, explanation))
    facts = await ask(reader, "facts_of_explanation", {"id": explanation})
    documents = await ask(reader, "documents_with_sources", {"ids": _all(facts, "documents")})
    behind = {*_all(facts, "authors"), *_all(facts, "series"), *_all(facts, "runs")}
    behind |= {str(row["source"]) for row in documents if row["source"]}
    names = await ask(reader, "names_of", {"ids": sorted(behind)})
    return Lineage(explanation=body, facts=facts, documents=documents, names={str(row["id"]): row for row in names})


def _all(rows: Iterable[Record], field: str) -> list[str]:
    return sorted({name for row in rows for name in _texts(row[field])})


def _texts(value: object) -> list[str]:
    return sorted(str(part) for part in value if part is not None) if isinstance(value, list | tuple) else []


def to_prov(lineage: Lineage) -> ProvDocument:
    """The document with one bundle, which is itself an entity that this software made."""
    document = ProvDocument()
    for space in _SPACES:
        document.add_namespace(space, f"{_BASE}{space}:")
    document.add_namespace("whymove", f"{_BASE}terms:")
    id_ = str(lineage.explanation["id"])
    name = _name("explanation", f"{id_}.provenance")
    bundle = document.bundle(name)
    software = _name("software", "whymove")
    document.entity(name, _told({PROV["type"]: PROV["Bundle"], PROV["label"]: f"Provenance of the explanation {id_}"}))
    document.agent(software, _software())
    document.wasAttributedTo(name, software)
    _run(bundle, lineage, software)
    for row in lineage.facts:
        _fact(bundle, row, lineage)
    _documents(bundle, lineage.documents)
    _behind(bundle, lineage)
    return document


def to_prov_json(lineage: Lineage) -> bytes:
    """PROV-JSON (https://www.w3.org/submissions/prov-json/), the same bytes for the same lineage."""
    written = to_prov(lineage).serialize(format="json")
    return orjson.dumps(json.loads(written or "{}"), option=orjson.OPT_SORT_KEYS)


def _name(space: str, id_: str) -> str:
    return f"{space}:{quote(id_, safe='-._~@:')}"


def _told(values: Mapping[Any, object]) -> Told:
    """Attributes that have a value."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _software() -> Told:
    return {
        PROV["type"]: PROV["SoftwareAgent"],
        PROV["label"]: "whymove",
        "whymove:version": version("whymove"),
    }


def _run(bundle: ProvBundle, lineage: Lineage, software: str) -> None:
    """The explanation, the run that made it by which method and clocks, and the templates that it drew on."""
    told = lineage.explanation
    made, run = _name("explanation", told["id"]), _name("run", told["id"])
    clocks: Told = {"whymove:as_of": _instant(told["as_of"]), "whymove:as_at": _instant(told["as_at"])}
    bundle.entity(
        made,
        _told({PROV["type"]: "whymove:Explanation", PROV["label"]: told["answer"], "whymove:move": told["move"]["id"]})
        | clocks,
    )
    method: Told = {"whymove:method_version": told["method_version"], "whymove:settings_hash": told["settings_hash"]}
    bundle.activity(run, other_attributes=method | clocks | {PROV["type"]: "whymove:Explaining"})
    bundle.agent(software, _software())
    bundle.wasGeneratedBy(made, run)
    bundle.wasAssociatedWith(run, software)
    bundle.wasAttributedTo(made, software)
    versions = {part["template"]: part.get("template_version") for part in told["narratives"] if part["template"]}
    for template, number in sorted(versions.items()):
        name = _name("template", template)
        bundle.entity(name, _told({PROV["type"]: "whymove:Template", "whymove:version": number}))
        bundle.used(run, name)


def _fact(bundle: ProvBundle, row: Record, lineage: Lineage) -> None:
    name, run = _name("fact", str(row["id"])), _name("run", lineage.explanation["id"])
    labels = [label for label in _texts(row["labels"]) if label in {"Observation", "Claim", "Argument"}]
    value = row["value"] if isinstance(row["value"], str | int | float | bool) else None
    bundle.entity(
        name,
        _told(
            {
                PROV["type"]: f"whymove:{labels[0] if labels else 'Fact'}",
                PROV["label"]: row["statement"],
                PROV["value"]: value,
                "whymove:unit": row["unit"],
                "whymove:grade": row["grade"],
                "whymove:credibility": row["credibility"],
                "whymove:known_at": row["known_at"],
                "whymove:recorded_from": row["recorded_from"],
            }
        ),
    )
    bundle.used(run, name, other_attributes=_told({"whymove:evidence": ", ".join(_texts(row["evidence"]))}))
    for document in _texts(row["documents"]):
        bundle.wasDerivedFrom(name, _name("document", document))
    for series in _texts(row["series"]):
        bundle.wasDerivedFrom(name, _name("series", series))
    for author in _texts(row["authors"]):
        bundle.wasAttributedTo(name, _name(_space(lineage.names.get(author)), author))
    for ingest in _texts(row["runs"]):
        bundle.wasGeneratedBy(name, _name("ingest", ingest))
    for older in _texts(row["supersedes"]):
        bundle.entity(_name("fact", older))
        bundle.wasRevisionOf(name, _name("fact", older))


def _space(named: Record | None) -> str:
    return "source" if named is not None and "Source" in _texts(named["labels"]) else "actor"


def _documents(bundle: ProvBundle, rows: Sequence[Record]) -> None:
    described: set[str] = set()
    tied: set[tuple[str, str]] = set()
    for row in rows:
        name = _name("document", str(row["id"]))
        if name not in described:
            described.add(name)
            bundle.entity(name, _described(row))
        if row["source"] and (name, str(row["source"])) not in tied:
            tied.add((name, str(row["source"])))
            bundle.wasAttributedTo(name, _name("source", str(row["source"])))
        if row["origin"] and (name, str(row["origin"])) not in tied:
            tied.add((name, str(row["origin"])))
            origin = _name("document", str(row["origin"]))
            if origin not in described and not any(str(other["id"]) == row["origin"] for other in rows):
                described.add(origin)
                bundle.entity(origin, _told({PROV["type"]: "whymove:Document", PROV["label"]: row["origin_title"]}))
            _derived(bundle, name, origin, str(row["how"]))


def _described(row: Record) -> Told:
    return _told(
        {
            PROV["type"]: "whymove:Document",
            PROV["label"]: row["title"],
            "whymove:url": row["url"],
            "whymove:language": row["language"],
            "whymove:licence": row["licence"],
            "whymove:known_at": row["known_at"],
        }
    )


def _derived(bundle: ProvBundle, name: str, origin: str, how: str) -> None:
    if how == "HAD_PRIMARY_SOURCE":
        bundle.hadPrimarySource(name, origin)
    else:
        bundle.wasDerivedFrom(name, origin, other_attributes=_told({"whymove:how": _HOW[how]}))


def _behind(bundle: ProvBundle, lineage: Lineage) -> None:
    """Who and what stands behind facts and documents: agents, series as entities, ingest runs as activities."""
    for id_, row in sorted(lineage.names.items()):
        labels, label = _texts(row["labels"]), _told({PROV["label"]: row["name"]})
        if "Series" in labels:
            more = _told({PROV["type"]: "whymove:Series", "whymove:licence": row["licence"]})
            bundle.entity(_name("series", id_), label | more)
        elif "IngestRun" in labels:
            more = _told({"whymove:connector": row["connector"]})
            bundle.activity(_name("ingest", id_), _when(row["started_at"]), _when(row["ended_at"]), more)
        else:
            kind = PROV["Person"] if "Person" in labels else PROV["Organization"]
            bundle.agent(_name(_space(row), id_), label | _told({PROV["type"]: kind}))


def _when(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
