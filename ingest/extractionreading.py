"""Reads the answer of a reader that is not trusted: proposals whose quote stands in the text, and nothing else.

An answer can only propose: keys that are not known are refused, sizes are bounded, a quote has to be found in the
text word for word, and each claim has to be one that the description of the document could hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ingest.documenttext import sha256_of
from ingest.extractionformat import MOST_IN_ANSWER, ProposalPart
from ingest.extractionmodel import Dropped, Guide, Proposed, TextPart
from ingest.extractiontext import RefusedProposalError, span_of

Refused = Callable[[Mapping[str, object]], str | None]
_SHOWN = 80
_COPIED_WORDS = 8


class UnreadableAnswerError(ValueError):
    """An answer that is no list of proposals; the message says why, without its words."""


def read_answer(
    text: str, part: TextPart, guide: Guide, refused: Refused, document: str
) -> tuple[list[Proposed], list[Dropped]]:
    """The proposals of an answer for a document (its key), and what was dropped of it with the reason.

    `refused` says why a claim cannot stand in the description of the document, None where it can. Raises
    UnreadableAnswerError.
    """
    rows = _rows(text)
    proposed: list[Proposed] = []
    dropped: list[Dropped] = []
    for row in rows[:MOST_IN_ANSWER]:
        try:
            proposed.append(_proposal(row, part, guide, refused, document))
        except (ValidationError, RefusedProposalError) as error:
            dropped.append(Dropped(what=_named(row), why=_why(error)))
    if len(rows) > MOST_IN_ANSWER:
        over = len(rows) - MOST_IN_ANSWER
        dropped += [Dropped(what="a proposal too many", why=f"an answer holds at most {MOST_IN_ANSWER}")] * over
    return proposed, dropped


def _rows(text: str) -> list[object]:
    """The list in the answer; prose or a fence around the one object is passed over."""
    first, last = text.find("{"), text.rfind("}")
    if first < 0 or last < first:
        raise UnreadableAnswerError("the answer holds no whole JSON object")
    try:
        data = json.loads(text[first : last + 1], object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError(f"the answer is not JSON: {str(error)[:_SHOWN]}") from None
    if not isinstance(data, dict) or set(data) != {"proposals"}:
        keys = sorted(data) if isinstance(data, dict) else []
        raise UnreadableAnswerError(f"the answer has the keys {_told(keys)} and not just proposals")
    if not isinstance(data["proposals"], list):
        raise UnreadableAnswerError("proposals is no list")
    return data["proposals"]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _proposal(row: object, part: TextPart, guide: Guide, refused: Refused, document: str) -> Proposed:
    given = ProposalPart.model_validate(row)
    start, end = span_of(given.quote, given.start, part)
    words = part.text[start - part.start : end - part.start]
    for name in (*given.about, *given.by):
        if name not in guide.things:
            raise RefusedProposalError(f"{name!r} is no instrument or actor of the description")
    if given.indicator is not None and given.indicator not in guide.indicators:
        raise RefusedProposalError(f"{given.indicator!r} is no indicator that is known")
    claim = _claim(given)
    why = refused(claim)
    if why is not None:
        raise RefusedProposalError(why)
    return Proposed(
        id=_id(document, start, end, claim),
        claim=claim,
        start=start,
        end=end,
        span_sha256=sha256_of(words),
        doubts=tuple(_doubts(given, words)),
    )


def _claim(given: ProposalPart) -> dict[str, object]:
    """The proposal with the keys of a claim; what is hedged is not stated."""
    modality = "hedged" if given.hedges and given.modality == "stated" else given.modality
    value = float(given.value) if isinstance(given.value, int) and not isinstance(given.value, bool) else given.value
    claim: dict[str, object] = {
        "statement": given.statement,
        "modality": modality,
        "voice": given.voice,
        "hedges": given.hedges,
        "sensitive": given.sensitive,
        "about": given.about,
        "by": given.by,
        "indicator": given.indicator,
        "at": given.at,
        "at_end": given.at_end,
        "time_precision": given.time_precision,
        "value": value,
        "unit": given.unit,
        "bound": given.bound,
        "direction": given.direction,
    }
    return {name: one for name, one in claim.items() if one is not None and one != []}


def _id(document: str, start: int, end: int, claim: Mapping[str, object]) -> str:
    """One id for one claim of one span, however it is worded: a reading is known by its value, others by words."""
    keys = ("indicator", "about", "at", "at_end", "value", "unit", "direction")
    if "indicator" in claim:
        content: list[object] = [claim.get(key) for key in keys]
    else:
        content = [" ".join(str(claim["statement"]).casefold().split())]
    text = json.dumps([document, start, end, *content], ensure_ascii=False)
    return f"prop_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _doubts(given: ProposalPart, words: str) -> Iterator[str]:
    if isinstance(given.value, float) and not isinstance(given.value, bool):
        digits = f"{abs(given.value):g}"
        if digits not in words.replace(",", ""):
            yield f"the number {digits} does not stand in the quote"
    own = " ".join(given.statement.casefold().split()).rstrip(".")
    if len(own.split()) >= _COPIED_WORDS and own in " ".join(words.casefold().split()):
        yield "the statement repeats the words of the text; use your own"


def _named(row: object) -> str:
    statement = row.get("statement") if isinstance(row, dict) else None
    return f"a proposal {_told(statement)}" if isinstance(statement, str) else "a proposal"


def _why(error: ValidationError | RefusedProposalError) -> str:
    if isinstance(error, RefusedProposalError):
        return str(error)
    return "; ".join(
        f"{_told('.'.join(map(str, one['loc'])) or 'proposal')}: {one['msg']}"
        for one in error.errors(include_input=False, include_url=False)[:5]
    )


def _told(value: object) -> str:
    """Something of an answer, cut and with its control characters shown as such."""
    return repr(value if isinstance(value, list) else str(value)[:_SHOWN])[: 2 * _SHOWN]
