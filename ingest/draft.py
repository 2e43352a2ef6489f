"""Collects the nodes and links of one file while it is mapped, and gives them back as one batch in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from graph.model import Batch, Link, Node, Value
from ingest.caseformat import CaseFile
from ingest.caseparts import ActorPart, InstrumentPart, RelationPart, SourcePart
from ingest.clocks import UTC_CLOCK, Clock, clock_of, known_from
from ingest.identity import document_id, publisher_of, source_id


class WorldDraft:
    """A batch in the making; `labels` and `clocks` say what each name of the file is.

    `case_id` names the case that holds what is added, None where the file is no case.
    """

    def __init__(
        self,
        instruments: Sequence[InstrumentPart],
        actors: Sequence[ActorPart],
        relations: Sequence[RelationPart],
        *,
        case_id: str | None = None,
    ) -> None:
        self.case_id = case_id
        self.labels = {one.id: "Instrument" for one in instruments} | {one.id: "Actor" for one in actors}
        self.clocks = {one.id: clock_of(one, relations) for one in instruments}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._links: dict[tuple[str, str, str, str, str], Link] = {}

    def clock(self, name: str) -> Clock:
        """The clock of an instrument or actor."""
        return self.clocks.get(name, UTC_CLOCK)

    def key(self, local: str) -> str:
        """What the graph calls a thing of this file: under the name of its case where there is one."""
        return local if self.case_id is None else f"{self.case_id}:{local}"

    def node(
        self,
        label: str,
        key: str,
        /,
        properties: Mapping[str, Value] | None = None,
        *,
        sort: str | None = None,
        held: bool = True,
        **more: Value,
    ) -> None:
        """Add a node, PART_OF the case where `held`; values that are None are left out."""
        given = {**(properties or {}), **more}
        plain = {name.rstrip("_"): value for name, value in given.items() if value is not None}
        self._nodes.setdefault((label, key), Node(label=label, id=key, sort=sort, properties=plain))
        if held and self.case_id is not None:
            self.link("PART_OF", label, key, "Case", self.case_id)

    def add(self, label: str, key: str, /, **more: Value) -> None:
        """Add properties to a node that was added before; values that are None are left out."""
        held = self._nodes[label, key]
        plain = {name: value for name, value in more.items() if value is not None}
        self._nodes[label, key] = replace(held, properties={**held.properties, **plain})

    def link(self, kind: str, from_label: str, from_id: str, to_label: str, to_id: str, /, **properties: Value) -> None:
        """Add a link; the same one again changes nothing."""
        link = Link(
            type=kind, from_label=from_label, from_id=from_id, to_label=to_label, to_id=to_id, properties=properties
        )
        self._links.setdefault((kind, from_label, from_id, to_label, to_id), link)

    def about(self, label: str, name: str, subject: str) -> None:
        """The node is about an instrument or actor of the file."""
        self.link("ABOUT", label, name, self.labels[subject], subject)

    def document(self, source: SourcePart, /, **more: Value) -> str:
        """Add the published thing and who published it; gives the document's id.

        `more` goes with its properties; a document that was added before stays as it was then.
        """
        name = document_id(source.publisher, source.title, source.url)
        published = source.published
        known = None
        if isinstance(published, (date, datetime)):
            known = known_from(published, UTC_CLOCK)
        own: dict[str, Value] = {
            "kind": source.kind,
            "title": source.title,
            "url": source.url,
            "via": source.via,
            "publisher": publisher_of(source.publisher),
            "published": None if published is None else str(published),
            "known_at": known,
            "known_at_precision": None if known is None else precision(published),
        }
        self.node("Document", name, {**own, **more})
        publisher = source_id(source.publisher)
        self.node("Source", publisher, held=False, name=publisher_of(source.publisher), kind=source.kind)
        self.link("PUBLISHED_BY", "Document", name, "Source", publisher)
        return name

    def batch(self) -> Batch:
        """All of it, ordered by label and id."""
        return Batch(
            nodes=tuple(self._nodes[key] for key in sorted(self._nodes)),
            links=tuple(self._links[key] for key in sorted(self._links)),
        )


class Draft(WorldDraft):
    """The batch of a case in the making: `case` is the file."""

    def __init__(self, case: CaseFile) -> None:
        super().__init__(case.instruments, case.actors, case.relations, case_id=case.id)
        self.case = case


def precision(value: object) -> str:
    """The precision of a date as it is given."""
    return "instant" if isinstance(value, datetime) else "day"


def latest_known(case: CaseFile) -> datetime:
    """The last date at which a fact of the case became known, for what carries no date of its own."""
    moments = [known_from(fact.known_at, UTC_CLOCK) for fact in case.facts]
    closing = case.move.end
    return max([*moments, closing if isinstance(closing, datetime) else known_from(closing, UTC_CLOCK)]).astimezone(UTC)
