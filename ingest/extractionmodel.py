"""What goes between a text, whoever reads claims out of it, and the reviewer: plain frozen values and one interface.

A reader is not trusted. It is given one part of a text as data and gives back text; whatever stands in that is read
by `ingest/extractionreading.py`, which lets nothing through but proposals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A part of a text: its characters, where they begin in the whole, and how long the whole is."""

    start: int
    text: str
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What a proposal may speak of: things (id -> name and type), actors among them, indicators (name -> units)."""

    things: Mapping[str, str]
    actors: frozenset[str]
    indicators: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a reader gave back, as it came; `cut` when it says itself that it was not done."""

    text: str
    cut: bool = False


class Extractor(Protocol):
    """Reads claims out of one part of a text. Its answers are not trusted."""

    @property
    def model(self) -> str:
        """The name of what reads, kept with each proposal."""
        ...

    async def propose(self, part: TextPart, guide: Guide) -> Answer:
        """The answer for one part.

        Raises SourceUnavailableError (ask later), SourceRefusedError (the key or address is refused) and
        SourceChangedError (what answers is no such endpoint).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One claim that a text may make: its keys as a description has them, and the span that it was read from.

    `start` and `end` count characters of the whole text; `doubts` say what a reviewer should look at.
    """

    id: str
    claim: Mapping[str, object]
    start: int
    end: int
    span_sha256: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Something of an answer that became no proposal, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """All that was read out of a text; `unread` names the parts that could not be read, each with the reason."""

    proposed: tuple[Proposed, ...]
    dropped: tuple[Dropped, ...]
    parts: int
    unread: tuple[str, ...] = field(default=())

    def counters(self, fresh: int) -> tuple[str, ...]:
        """How many of what, as a run keeps it; `fresh` of the proposals were not known before."""
        counts: Sequence[tuple[str, int]] = (
            ("parts", self.parts),
            ("unread", len(self.unread)),
            ("proposed", len(self.proposed)),
            ("new", fresh),
            ("dropped", len(self.dropped)),
        )
        return tuple(f"{name}={count}" for name, count in counts)
