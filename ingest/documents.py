"""Loads the description of a document, with its text or without it: read, check, map, or say all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from graph.model import Batch
from ingest.casefile import vocabulary_batch
from ingest.catalog import Indicator, indicator_id, load_indicators, unmapped_note
from ingest.documentformat import DocumentFile
from ingest.documentgraph import map_document
from ingest.documentrules import broken_rules
from ingest.documenttext import read_text, sha256_of, spans_of
from ingest.errors import RecordRejectedError, Rejection
from ingest.refusals import refusals
from ingest.yamlfile import read_mapping

WHAT = "the description of a document is a mapping that begins with schema_version: 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLoad:
    """A document ready to be stored: its id, title and batch, how many of what, and what was noticed."""

    id: str
    title: str
    file: DocumentFile
    text: str | None
    batch: Batch
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()


FOLDER = Path(__file__).parent / "documents"


def bundled_documents(case: str | None = None) -> tuple[Path, ...]:
    """The descriptions that ship with the program, by name; of one case those that go with it, which may be none.

    They lie in a folder of the name of their case.
    """
    return tuple(sorted(FOLDER.glob(f"{'*' if case is None else case}/*.yaml"), key=lambda path: path.name))


def load_document(meta: Path, text: Path | None = None) -> DocumentLoad:
    """Read and map a document by its description `meta`; without `text` its spans are known by their hashes alone.

    Raises RecordRejectedError with every value that is refused (file, path, reason).
    """
    indicators = {one.name: one for one in load_indicators()}
    data = read_mapping(meta, WHAT)
    try:
        file = DocumentFile.model_validate(data)
    except ValidationError as error:
        raise RecordRejectedError(tuple(refusals(meta, data, error, DocumentFile))) from error
    words = None if text is None else read_text(text)
    spans, misplaced = spans_of(file.passages, words)
    sha256 = None if words is None else sha256_of(words)
    broken = [*_of_text(file, sha256), *misplaced, *broken_rules(file, indicators)]
    if broken:
        raise RecordRejectedError(tuple(Rejection(file=str(meta), path=at, reason=why) for at, why in broken))
    name, batch = map_document(file, spans, indicators, sha256=sha256)
    return DocumentLoad(
        id=name,
        title=file.document.title,
        file=file,
        text=words,
        batch=_vocabulary(batch, indicators) + batch,
        counts={"passages": len(spans), "figures": len(file.figures), "claims": len(file.claims)},
        notes=(*_notes(file, indicators), *_gaps(file, words)),
    )


def _vocabulary(batch: Batch, indicators: Mapping[str, Indicator]) -> Batch:
    """The indicators that the document speaks of, as their files have them."""
    named = {link.to_id for link in batch.links if link.type == "OF_INDICATOR"}
    return vocabulary_batch([one for one in indicators.values() if indicator_id(one.name) in named])


def _of_text(file: DocumentFile, sha256: str | None) -> list[tuple[str, str]]:
    told = file.document.sha256
    if sha256 is None and told is None and file.passages:
        return [("document.sha256", "give the text, or the SHA-256 by which it can be known")]
    if sha256 is not None and told is not None and sha256 != told:
        return [
            ("document.sha256", f"the text has the hash {sha256}: it is not the one described, or an edition of it")
        ]
    return []


def _notes(file: DocumentFile, indicators: Mapping[str, Indicator]) -> list[str]:
    unmapped = sorted({one.indicator for one in file.claims if one.indicator} - set(indicators))
    return [
        *(f"left out: {one.what}: {one.why}" for one in file.left_out),
        *(unmapped_note(name, indicators) for name in unmapped),
    ]


def _gaps(file: DocumentFile, text: str | None) -> list[str]:
    """Paragraphs of the text that no passage touches and nothing says why, so that nothing is dropped in silence."""
    if text is None or not file.passages:
        return []
    spans, _ = spans_of(file.passages, text)
    whole = [(match.start(), match.end()) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    bare = [pair for pair in whole if not any(one.start < pair[1] and pair[0] < one.end for one in spans)]
    if not bare:
        return []
    return [f"{len(bare)} of {len(whole)} paragraphs are cited by no passage (the first at character {bare[0][0]})"]
