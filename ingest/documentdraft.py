"""Collects the nodes and links of one document while it is mapped: what it calls things, since when it was public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from graph.model import Value
from ingest.catalog import Indicator, indicator_id
from ingest.clocks import UTC_CLOCK, known_from, midnight
from ingest.documentformat import Aliases, AliasPart, DocumentFile
from ingest.documentreferences import several
from ingest.documentrules import known_day
from ingest.documenttext import Span
from ingest.documentworld import OneOrMore
from ingest.draft import WorldDraft, precision
from ingest.identity import document_id, source_id


def alias_texts(aliases: Aliases) -> tuple[str, ...]:
    """Other names as the graph keeps them: the name alone."""
    return tuple(one.name if isinstance(one, AliasPart) else one for one in aliases)


def periods_of(aliases: Aliases) -> tuple[str, ...] | None:
    """Names with the time of their use, `name|from/to`, an open end empty; None where no name has one."""
    told = [one for one in aliases if isinstance(one, AliasPart)]
    dated = [one for one in told if one.start is not None or one.end is not None]
    return tuple(f"{one.name}|{one.start or ''}/{one.end or ''}" for one in dated) or None


class DocumentDraft(WorldDraft):
    """The batch of a document in the making."""

    def __init__(
        self, file: DocumentFile, spans: Sequence[Span], sha256: str | None, indicators: Mapping[str, Indicator]
    ) -> None:
        super().__init__(file.instruments, file.actors, file.relations)
        self.file, self.part = file, file.document
        self.id = document_id(self.part.publisher, self.part.title, self.part.url)
        self.spans = {span.id: span for span in spans}
        self.sha256, self.indicators = sha256, indicators
        day = known_day(self.part)
        assert day is not None, "checked by `broken_rules`"
        self.known, self.precise = known_from(day, UTC_CLOCK), precision(day)
        self._steps = {
            f"{story.id}.{step.n}": step.same_as or f"{story.id}.{step.n}"
            for story in file.narratives
            for step in story.steps
        }
        self.labels |= {one.id: "Strategy" for one in file.strategies}

    def key(self, local: str) -> str:
        """What the graph calls a part or claim of this document."""
        return f"{self.id}:{local}"

    def step_key(self, name: str) -> str:
        """What the graph calls a step (`story.n`): the step of an earlier story where it is the same."""
        return self.key(self._steps[name])

    def of_indicator(self, label: str, name: str, told: str) -> None:
        """It is of an indicator, which is added where the vocabulary does not hold it."""
        if told not in self.indicators:
            self.node("Indicator", indicator_id(told), name=told)
        self.link("OF_INDICATOR", label, name, "Indicator", indicator_id(told))

    def resort(self, label: str, id_: str, sort: str) -> None:
        """Give a thing that was added before another second label."""
        self._nodes[label, id_] = replace(self._nodes[label, id_], sort=sort)

    def clocks_of(
        self, start: date | datetime | None, end: date | datetime | None, *, inferred: bool = False
    ) -> dict[str, Value]:
        """The clocks of a fact that is public since its document is; a bare end is included."""
        last = start if end is None else end
        return {
            "known_at": self.known,
            "known_at_precision": self.precise,
            "valid_from": None if start is None else start_of(start),
            "valid_to": None if last is None else end_of(last),
            "valid_inferred": inferred or None,
        }

    def asserted(self, label: str, name: str, places: OneOrMore | None) -> None:
        """It stands in the document, and in these passages and figures of it."""
        self.link("ASSERTED_IN", label, name, "Document", self.id)
        for place in several(places):
            self.link("ASSERTED_IN", label, name, "Passage" if place in self.spans else "Figure", self.key(place))

    def made(self, label: str, name: str, by: OneOrMore | None) -> None:
        """Who put it forward: the actors named, else the authors, else the publisher."""
        makers = several(by) or self.part.authors
        for actor in makers:
            self.link("MADE", "Actor", actor, label, name)
        if not makers:
            self.by_publisher(label, name)

    def by_publisher(self, label: str, name: str) -> None:
        """The publisher put it forward."""
        self.link("MADE", "Source", source_id(self.part.publisher), label, name)


def start_of(value: date | datetime) -> datetime:
    """The instant itself, or the midnight with which a day begins."""
    return value if isinstance(value, datetime) else midnight(value, UTC_CLOCK)


def end_of(value: date | datetime) -> datetime:
    """The instant itself, or the midnight with which a day ends."""
    return value if isinstance(value, datetime) else known_from(value, UTC_CLOCK)
