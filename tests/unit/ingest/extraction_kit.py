"""The text and description of the example document, and proposals about it, for tests of extraction."""

from __future__ import annotations

from typing import Any

from ingest.catalog import load_indicators
from ingest.extraction import extract, guide_of
from ingest.extractionmodel import Answer, Extraction, Guide, TextPart
from ingest.proposals import Description, read_description
from tests.minimal_document import META, TEXT

INDICATORS = {one.name: one for one in load_indicators()}
WORDS = TEXT.read_text(encoding="utf-8")
FALL = {
    "quote": "fell 20 percent on Wednesday",
    "statement": "The shares lost a fifth.",
    "modality": "stated",
    "about": ["harbour_lines"],
    "indicator": "spot return",
    "at": "2026-03-04",
    "value": -20.0,
    "unit": "percent",
}
SELLER = {
    "quote": "a pension fund may have been a forced seller",
    "statement": "Somebody had to sell, it is thought.",
    "modality": "stated",
    "hedges": ["may"],
    "about": ["some_fund"],
    "by": ["some_broker"],
}


def description() -> Description:
    """The example's description."""
    return read_description(META, INDICATORS)


def guide() -> Guide:
    """What proposals about the example may speak of."""
    return guide_of(description().file, INDICATORS)


class Told:
    """A reader that gives back what it was told to, one answer after another, the last one again and again."""

    model = "told"

    def __init__(self, *answers: str | Answer | Exception) -> None:
        self.answers = answers
        self.asked: list[TextPart] = []

    async def propose(self, part: TextPart, guide: Guide) -> Answer:
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(part)
        if isinstance(answer, Exception):
            raise answer
        return Answer(text=answer) if isinstance(answer, str) else answer


async def read(reader: Any, text: str = WORDS) -> Extraction:
    """What is read out of a text with this reader, under the example's description."""
    return await extract(text, description().file, INDICATORS, reader)
