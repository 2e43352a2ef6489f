"""Turns a text into proposed claims with a reader that is not trusted, part by part; stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pydantic import ValidationError

from ingest.catalog import Indicator
from ingest.documentformat import DocumentFile
from ingest.documentrules import broken_rules
from ingest.errors import IngestError, SourceChangedError
from ingest.extractionformat import MOST_IN_TEXT
from ingest.extractionmodel import Dropped, Extraction, Extractor, Guide, Proposed, TextPart
from ingest.extractionreading import UnreadableAnswerError, read_answer
from ingest.extractiontext import parts_of
from ingest.identity import document_id
from ingest.knownkeys import in_words
from ingest.proposals import as_claim

# An answer that cannot be read is asked for once more: the next one of the same model often can.
ASKS = 2


async def extract(
    text: str,
    file: DocumentFile,
    indicators: Mapping[str, Indicator],
    extractor: Extractor,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Extraction:
    """Every claim that the reader proposes of a text, each once; `file` is the description without claims.

    A part whose answer cannot be read is named in `unread`; once the endpoint itself fails no further part is asked
    for. Raises that failure (SourceUnavailableError, SourceRefusedError, SourceChangedError) where nothing was read.
    """
    guide = guide_of(file, indicators)
    refused = partial(_refused, file, indicators)
    document = document_id(file.document.publisher, file.document.title, file.document.url)
    parts = parts_of(text)
    proposed: dict[str, Proposed] = {}
    dropped: list[Dropped] = []
    unread: list[str] = []
    for number, part in enumerate(parts):
        progress(f"reading part {number + 1} of {len(parts)}")
        try:
            found, left = await _read(part, guide, extractor, refused, document)
        except UnreadableAnswerError as error:
            unread.append(f"{_place(part)}: {error}")
            continue
        except IngestError as error:
            if not proposed and len(unread) == number:
                raise
            unread += [f"{_place(part)}: {error}", *(f"{_place(one)}: not asked for" for one in parts[number + 1 :])]
            break
        proposed |= {one.id: one for one in found if one.id not in proposed}
        dropped += left
    if len(unread) == len(parts):
        raise SourceChangedError(f"no part of the text could be read: {unread[0]}")
    kept = list(proposed.values())
    over = [Dropped(what=one.id, why=f"a text gives at most {MOST_IN_TEXT} proposals") for one in kept[MOST_IN_TEXT:]]
    return Extraction(
        proposed=tuple(kept[:MOST_IN_TEXT]), dropped=(*dropped, *over), parts=len(parts), unread=tuple(unread)
    )


def guide_of(file: DocumentFile, indicators: Mapping[str, Indicator]) -> Guide:
    """What proposals about a document may speak of: the things of its description, and the vocabulary."""
    things = {one.id: f"{one.name} ({one.type})" for one in file.instruments}
    things |= {one.id: f"{one.name} ({one.type})" for one in file.actors}
    return Guide(
        things=things,
        actors=frozenset(one.id for one in file.actors),
        indicators={name: tuple(scale.unit for scale in one.scales) for name, one in indicators.items()},
    )


async def _read(
    part: TextPart,
    guide: Guide,
    extractor: Extractor,
    refused: Callable[[Mapping[str, object]], str | None],
    document: str,
) -> tuple[list[Proposed], list[Dropped]]:
    for ask in range(ASKS):
        answer = await extractor.propose(part, guide)
        try:
            return read_answer(answer.text, part, guide, refused, document)
        except UnreadableAnswerError as error:
            if answer.cut:
                why = "the answer was cut at its largest length; raise WHYMOVE_EXTRACTION_MAX_TOKENS"
                raise UnreadableAnswerError(why) from None
            if ask == ASKS - 1:
                raise UnreadableAnswerError(f"{error} ({ASKS} answers)") from None
    raise AssertionError("the loop returns or raises")


def _refused(file: DocumentFile, indicators: Mapping[str, Indicator], claim: Mapping[str, object]) -> str | None:
    """Why a description with this claim would be refused, None where it would be taken."""
    try:
        tried = DocumentFile.model_validate(
            {
                "schema_version": 1,
                "document": file.document,
                "reliability": file.reliability,
                "instruments": file.instruments,
                "actors": file.actors,
                "claims": (as_claim({**claim, "id": "proposed"}),),
            }
        )
    except ValidationError as error:
        return "; ".join(
            f"{one['loc'][-1]}: {in_words(one, DocumentFile)}" for one in error.errors(include_url=False)[:3]
        )
    except ValueError as error:
        return str(error)
    broken = [f"{at.rpartition('.')[2]}: {why}" for at, why in broken_rules(tried, indicators) if "claims" in at]
    return "; ".join(broken[:3]) or None


def _place(part: TextPart) -> str:
    return f"characters {part.start} to {part.start + len(part.text)}"
