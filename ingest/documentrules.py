"""The rules of a document's description that tie several values together; each broken one is a path and a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ingest.caseparts import FactPart, SourcePart
from ingest.caserules import broken_reading, broken_relations, broken_things
from ingest.catalog import Indicator
from ingest.checkparts import CHECK_RULES
from ingest.documentformat import READABLE, AliasPart, ClaimPart, DocumentFile, DocumentPart
from ingest.documentreferences import broken_stories, broken_world, several, unknown_names
from ingest.identifiers import broken_identifiers

Broken = Iterator[tuple[str, str]]
_LISTS = (
    *("instruments", "actors", "passages", "figures", "claims", "doubts", "roles", "venues", "legs", "strategies"),
    *("zones", "positions", "events", "moves", "scenarios", "series", "narratives", "arguments", "forecasts", "gaps"),
)
# What is named in one place, and so needs one list of names.
_ONE_LIST = (
    ("actors", "instruments"),
    ("figures", "passages"),
    ("strategies", "instruments"),
    ("strategies", "actors"),
    ("positions", "actors"),
    ("moves", "events"),
    ("narratives", "claims"),
    ("arguments", "claims"),
    ("arguments", "narratives"),
    ("series", "claims"),
)


def source_of(part: DocumentPart) -> SourcePart:
    """How a case file would cite this document."""
    return SourcePart(
        publisher=part.publisher,
        title=part.title,
        url=part.url,
        published=part.published,
        kind=part.kind,
        via=part.via,
    )


def known_day(part: DocumentPart) -> date | None:
    """When the document became public: `known_at`, else the day or instant of its publication."""
    return part.known_at or (part.published if isinstance(part.published, date) else None)


def fact_of(file: DocumentFile, claim: ClaimPart) -> FactPart:
    """A claim with an indicator as the fact that a case file would hold; raises AssertionError for any other."""
    known = claim.known_at or known_day(file.document)
    assert claim.indicator is not None and claim.at is not None and known is not None, "checked by `broken_rules`"
    return FactPart.model_construct(
        id=claim.id,
        at=claim.at,
        at_end=claim.at_end,
        known_at=known,
        about=several(claim.about)[0],
        indicator=claim.indicator,
        value=claim.direction or "" if claim.value is None else claim.value,
        unit="text" if claim.unit is None else claim.unit,
        unit_note=claim.unit_note,
        time_precision=claim.time_precision,
        bound=claim.bound,
        direction=claim.direction,
        baseline=claim.baseline,
        statement=claim.statement,
        source=source_of(file.document),
        reliability=claim.reliability or file.reliability,
        conflicts_with=(),
        modality=None,
        seed=False,
    )


def broken_rules(file: DocumentFile, indicators: Mapping[str, Indicator]) -> list[tuple[str, str]]:
    """Every (path, reason) of a description that does not hold together, in the order of the file."""
    kinds = {one.id: "instrument" for one in file.instruments} | {one.id: "actor" for one in file.actors}
    return [
        *_document(file, kinds),
        *_ids(file),
        *broken_things(file.instruments),
        *_identifiers(file),
        *_interests(file, kinds),
        *broken_relations(file.relations, kinds),
        *_figures(file, kinds),
        *_claims(file, kinds, indicators),
        *_doubts(file),
        *unknown_names(file, kinds),
        *broken_world(file),
        *broken_stories(file),
    ]


def _document(file: DocumentFile, kinds: Mapping[str, str]) -> Broken:
    part = file.document
    if known_day(part) is None:
        yield "document.known_at", "say since when it was public, as published names no day"
    for i, author in enumerate(part.authors):
        if kinds.get(author) != "actor":
            yield f"document.authors[{i}]", f"{author!r} is no actor of this file"
    if part.url is not None and "://" not in part.url:
        yield "document.url", f"{part.url!r} is no address; write it whole, https:// included, or null"


def _ids(file: DocumentFile) -> Broken:
    lists: dict[str, list[str]] = {name: [one.id for one in getattr(file, name)] for name in _LISTS}
    for name, ids in lists.items():
        yield from ((f"{name}[{i}].id", f"{own!r} is used before") for i, own in enumerate(ids) if own in ids[:i])
    for name, other in _ONE_LIST:
        taken = set(lists[other])
        yield from (
            (f"{name}[{i}].id", f"{own!r} is used before ({other} and {name} share one list of names)")
            for i, own in enumerate(lists[name])
            if own in taken
        )


def _identifiers(file: DocumentFile) -> Broken:
    for i, actor in enumerate(file.actors):
        found = broken_identifiers({"lei": actor.lei, "mic": actor.mic})
        yield from ((f"actors[{i}].{key}", why) for key, why in found)
        for j, alias in enumerate(actor.aliases):
            if not isinstance(alias, AliasPart) or alias.start is None or alias.end is None:
                continue
            if alias.end < alias.start:
                yield f"actors[{i}].aliases[{j}].end", f"{alias.end} lies before the start {alias.start}"


def _interests(file: DocumentFile, kinds: Mapping[str, str]) -> Broken:
    for i, actor in enumerate(file.actors):
        for j, one in enumerate(actor.interests):
            if kinds.get(one.instrument) != "instrument":
                yield f"actors[{i}].interests[{j}].instrument", f"{one.instrument!r} is no instrument of this file"


def _figures(file: DocumentFile, kinds: Mapping[str, str]) -> Broken:
    for i, figure in enumerate(file.figures):
        for name in figure.credited_to:
            if kinds.get(name) != "actor":
                yield f"figures[{i}].credited_to", f"{name!r} is no actor of this file"


def _claims(file: DocumentFile, kinds: Mapping[str, str], indicators: Mapping[str, Indicator]) -> Broken:
    places = {one.id for one in file.passages} | {one.id for one in file.figures}
    claims = {one.id for one in file.claims}
    subjects = set(kinds) | {one.id for one in file.strategies}
    sources = claims | {one.id for one in file.series}
    for i, claim in enumerate(file.claims):
        path = f"claims[{i}]"
        for key, names, known, what in (
            ("in", several(claim.in_), places, "passage or figure"),
            ("about", several(claim.about), subjects, "instrument or actor (or strategy)"),
            ("by", several(claim.by), {name for name in kinds if kinds[name] == "actor"}, "actor"),
            ("derived_from", claim.derived_from, sources - {claim.id}, "other claim or series"),
            ("contradicts", tuple(one.claim for one in claim.contradicts), claims - {claim.id}, "other claim"),
        ):
            yield from ((f"{path}.{key}", f"{name!r} is no {what} of this file") for name in names if name not in known)
        yield from ((f"{path}.{at}", why) for at, why in _reading(file, claim, indicators))
        yield from ((f"{path}.{at}", why) for at, why in _checks(claim, claims))


def _reading(file: DocumentFile, claim: ClaimPart, indicators: Mapping[str, Indicator]) -> Broken:
    if claim.indicator is None:
        for key in ("value", "direction", "superlative", "baseline"):
            if getattr(claim, key) is not None:
                yield key, "belongs to a reading; name the indicator that it is a reading of"
        return
    subjects = several(claim.about)
    if len(subjects) != 1 or subjects[0] in {one.id for one in file.strategies}:
        yield "about", "a reading is about one instrument or actor"
    elif claim.at is None:
        yield "at", "a reading needs a time"
    elif (claim.value is None) != (claim.unit is None):
        yield "unit", "a value has a unit, and a unit a value"
    elif claim.value is None and claim.direction is None:
        yield "value", "a reading has a value or at least a direction"
    elif known_day(file.document) is not None:
        fact, timed = fact_of(file, claim), claim.modality in READABLE
        yield from broken_reading(fact, indicators.get(claim.indicator), timed=timed)


def _checks(claim: ClaimPart, claims: set[str]) -> Broken:
    for i, one in enumerate(claim.checks):
        rule = CHECK_RULES.get(one.rule)
        if rule is None:
            yield f"checks[{i}].rule", f"{one.rule!r} is no rule; the rules are {', '.join(sorted(CHECK_RULES))}"
            continue
        if len(one.of) != rule.of:
            yield f"checks[{i}].of", f"{one.rule} needs {rule.of} of them: {rule.wants}"
        for name in one.of:
            if name not in claims and ":" not in name:
                yield f"checks[{i}].of", f"{name!r} is no claim of this file, and no key of a fact (<case>:<fact>)"
        for key in rule.needs:
            if getattr(one, key) is None:
                yield f"checks[{i}].{key}", f"{one.rule} needs it: {rule.wants}"


def _doubts(file: DocumentFile) -> Broken:
    claims = {one.id for one in file.claims}
    for i, doubt in enumerate(file.doubts):
        if doubt.claim not in claims:
            yield f"doubts[{i}].claim", f"{doubt.claim!r} is no claim of this file"
        if (doubt.check is None) == (doubt.not_checkable is None):
            yield f"doubts[{i}].check", "name either the check that finds it, or why none can (not_checkable)"
