"""Cuts a text into parts that overlap, and finds the spans that quotes of it stand for."""

from __future__ import annotations

import re

from ingest.extractionmodel import TextPart

PART = 12_000
OVERLAP = 800
_LEAST = 6
_ENDS = ("\n\n", "\n", ". ", " ")


def parts_of(text: str, *, size: int = PART, overlap: int = OVERLAP) -> tuple[TextPart, ...]:
    """The parts of a text, each of at most `size` characters, two neighbours sharing about `overlap` of them.

    A part ends at the end of a paragraph, line, sentence or word where one lies in its last quarter.
    """
    parts: list[TextPart] = []
    start = 0
    while True:
        end = min(start + size, len(text))
        if end < len(text):
            end = _good_end(text, start + size * 3 // 4, end)
        parts.append(TextPart(start=start, text=text[start:end], whole=len(text)))
        if end == len(text):
            return tuple(parts)
        start = end - overlap


def _good_end(text: str, least: int, most: int) -> int:
    for mark in _ENDS:
        at = text.rfind(mark, least, most)
        if at >= 0:
            return at + len(mark)
    return most


class RefusedProposalError(ValueError):
    """Something that a reader gave and that is no proposal; the message says why."""


def span_of(quote: str, start: int | None, part: TextPart) -> tuple[int, int]:
    """Where a quote stands in the whole text: (start, end), found in its part and compared word for word.

    Blanks and line breaks count as equal. A quote that stands there several times needs `start` to be one of them.
    Raises RefusedProposalError.
    """
    words = quote.split()
    if sum(map(len, words)) < _LEAST:
        raise RefusedProposalError(f"the quote {quote!r} is too short to say where it stands")
    found = [match.span() for match in re.finditer(r"\s+".join(map(re.escape, words)), part.text)]
    if not found:
        raise RefusedProposalError("the quote does not stand in the text")
    places = [(part.start + begin, part.start + end) for begin, end in found]
    if len(places) == 1:
        return places[0]
    here = [place for place in places if place[0] == start]
    if not here:
        raise RefusedProposalError(
            f"the quote stands in the text {len(places)} times, and start says of none which is meant"
        )
    return here[0]
