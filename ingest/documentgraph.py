"""Maps the description of a document to nodes and links: the published thing, its passages and figures, its claims."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from graph.model import Batch, Value
from ingest.casegraph import map_things, reading_properties
from ingest.catalog import Indicator
from ingest.clocks import UTC_CLOCK, known_from
from ingest.documentdraft import DocumentDraft, alias_texts, end_of, periods_of, start_of
from ingest.documentformat import READABLE, ClaimPart, DocumentFile, WriterPart
from ingest.documentreferences import several
from ingest.documentrules import fact_of, source_of
from ingest.documentstorygraph import map_stories
from ingest.documenttext import Span
from ingest.documentworldgraph import map_told_world
from ingest.draft import precision
from ingest.identity import source_id

_SIGNS = {"long": 1, "short": -1}


def map_document(
    file: DocumentFile,
    spans: Sequence[Span],
    indicators: Mapping[str, Indicator],
    *,
    sha256: str | None,
    more: Mapping[str, Value] | None = None,
) -> tuple[str, Batch]:
    """(id, batch) of a document; `more` goes with its properties.

    The words of its passages go in only where its licence lets them be passed on.
    """
    draft = DocumentDraft(file, spans, sha256, indicators)
    _document(draft, more or {})
    map_things(draft, file.instruments, file.actors, file.relations)
    _more_of_things(draft)
    for actor in file.actors:
        for one in actor.interests:
            draft.link("HAS_INTEREST_IN", "Actor", actor.id, "Instrument", one.instrument, sign=_SIGNS[one.sign])
    _places(draft)
    map_told_world(draft)
    for claim in file.claims:
        _claim(draft, claim)
    map_stories(draft)
    return draft.id, draft.batch()


def _document(draft: DocumentDraft, more: Mapping[str, Value]) -> None:
    part = draft.part
    retrieved = part.retrieved_at
    draft.document(
        source_of(part),
        **{
            "form": part.form,
            "language": part.language,
            "licence": part.licence,
            "known_at": draft.known,
            "known_at_precision": draft.precise,
            "retrieved_at": None if retrieved is None else start_of(retrieved),
            "content_sha256": draft.sha256 or part.sha256,
            "aliases": part.aliases or None,
            "left_out": tuple(f"{one.what}: {one.why}" for one in draft.file.left_out) or None,
            **more,
        },
    )
    if part.publisher_aliases:
        draft.add("Source", source_id(part.publisher), aliases=part.publisher_aliases)
    for editor in part.edited_by:
        draft.node("Source", source_id(editor), name=editor)
        draft.link("EDITED_BY", "Document", draft.id, "Source", source_id(editor))
    others = [("TRANSLATION_OF", part.translation_of), ("COPY_OF", part.copy_of)]
    for kind, other in [*others, *(("HAD_PRIMARY_SOURCE", one) for one in part.primary_sources)]:
        if other is not None:
            draft.link(kind, "Document", draft.id, "Document", draft.document(other))


def _more_of_things(draft: DocumentDraft) -> None:
    """What a description says of things beyond a case file: other names, terms, identifiers."""
    for one in draft.file.instruments:
        draft.add(
            "Instrument",
            one.id,
            aliases=alias_texts(one.aliases) or None,
            alias_periods=periods_of(one.aliases),
            barrier=one.barrier,
            barrier_observation=one.barrier_observation,
            maturity=one.maturity,
        )
    for actor in draft.file.actors:
        draft.add("Actor", actor.id, **_of_actor(actor))
        if actor.sort is not None:
            draft.resort("Actor", actor.id, actor.sort)
        if actor.resolved_to is not None:
            draft.link("RESOLVED_TO", "Actor", actor.id, "Actor", actor.resolved_to)


def _of_actor(actor: WriterPart) -> dict[str, Value]:
    return {
        "aliases": alias_texts(actor.aliases) or None,
        "alias_periods": periods_of(actor.aliases),
        "handle": actor.handle,
        "country": actor.country,
        "lei": actor.lei,
        "mic": actor.mic,
        "named": actor.named,
    }


def _places(draft: DocumentDraft) -> None:
    shown = draft.part.licence == "may_redistribute"
    aliases = {one.id: one.aliases for one in draft.file.passages}
    for span in draft.spans.values():
        name = draft.key(span.id)
        words = span.text if shown else None
        draft.node(
            "Passage",
            name,
            start=span.start,
            end=span.end,
            content_hash=span.sha256,
            text=words,
            aliases=aliases.get(span.id) or None,
        )
        draft.link("PART_OF", "Passage", name, "Document", draft.id)
    for one in draft.file.figures:
        name = draft.key(one.id)
        draft.node(
            "Figure",
            name,
            caption=one.caption,
            credit=one.credit,
            available=one.available,
            sampling=one.sampling,
            cutoff=one.cutoff,
            aliases=one.aliases or None,
        )
        draft.link("PART_OF", "Figure", name, "Document", draft.id)
        for actor in one.credited_to:
            draft.link("WAS_ATTRIBUTED_TO", "Figure", name, "Actor", actor)


def _claim(draft: DocumentDraft, claim: ClaimPart) -> None:
    name = draft.key(claim.id)
    draft.node("Claim", name, _claim_properties(draft, claim))
    _asserted(draft, claim, name)
    for subject in several(claim.about):
        draft.about("Claim", name, subject)
    if claim.indicator is not None and claim.modality in READABLE:
        draft.of_indicator("Claim", name, claim.indicator)
    series = {one.id for one in draft.file.series}
    for other in claim.derived_from:
        draft.link("WAS_DERIVED_FROM", "Claim", name, "Series" if other in series else "Claim", draft.key(other))
    for one in claim.contradicts:
        draft.link("CONTRADICTS", "Claim", name, "Claim", draft.key(one.claim), kind=one.kind)


def _asserted(draft: DocumentDraft, claim: ClaimPart, name: str) -> None:
    """Where a claim stands and who makes it: always in the document as well, which is what evidence is counted by."""
    draft.asserted("Claim", name, claim.in_)
    publisher = source_id(draft.part.publisher)
    makers = several(claim.by) or (draft.part.authors if claim.voice == "author" else ())
    draft.link("WAS_ATTRIBUTED_TO", "Claim", name, "Source", publisher)
    if not makers:
        draft.link("MADE", "Source", publisher, "Claim", name)
    for actor in makers:
        draft.link("MADE", "Actor", actor, "Claim", name)


def _claim_properties(draft: DocumentDraft, claim: ClaimPart) -> dict[str, Value]:
    reading: dict[str, Value] = {}
    if claim.indicator is not None:
        reading = reading_properties(draft, fact_of(draft.file, claim))
    elif claim.at is not None:
        reading = {"valid_from": start_of(claim.at), "valid_to": end_of(claim.at_end or claim.at)}
    judged = claim.reliability or draft.file.reliability
    superlative = claim.superlative
    return {
        **reading,
        "known_at": draft.known if claim.known_at is None else known_from(claim.known_at, UTC_CLOCK),
        "known_at_precision": draft.precise if claim.known_at is None else precision(claim.known_at),
        "grade": None if judged is None else judged.grade,
        "credibility": None if judged is None else judged.credibility,
        "reliability_why": None if judged is None else judged.why,
        "statement": claim.statement,
        "modality": claim.modality,
        "voice": claim.voice,
        "hedges": claim.hedges or None,
        "sensitive": claim.sensitive or None,
        "aliases": _names_of(draft, claim) or None,
        "indicator": claim.indicator,
        "valid_inferred": claim.at_inferred or None,
        "other_dates": tuple(str(day) for day in claim.other_dates) or None,
        "superlative": None if superlative is None else superlative.extreme,
        "since": None if superlative is None else superlative.since,
        "checks": _written_checks(draft, claim) or None,
        "doubts": tuple(
            json.dumps([one.id, one.check or "", one.not_checkable or one.what])
            for one in draft.file.doubts
            if one.claim == claim.id
        )
        or None,
    }


def _names_of(draft: DocumentDraft, claim: ClaimPart) -> tuple[str, ...]:
    """Other names of a claim, those of what is doubted about it among them."""
    return (*claim.aliases, *(one.id for one in draft.file.doubts if one.claim == claim.id))


def _written_checks(draft: DocumentDraft, claim: ClaimPart) -> tuple[str, ...]:
    """Each check as one line of JSON, with claims by their key."""
    rows = []
    for one in claim.checks:
        row = one.model_dump(exclude_none=True)
        row["of"] = [name if ":" in name else draft.key(name) for name in one.of]
        rows.append(json.dumps(row, sort_keys=True))
    return tuple(rows)
