"""What goes over the wire of facts, of what was published, and of the things that they are about."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas import Listing, Row

Told = str | float | bool | None
Key = Annotated[str, Field(description="of the fact over all its versions")]


class IndicatorRow(Row):
    """One indicator: what can be measured, happen or be said, of no subject in particular."""

    id: str
    name: str
    kind: str | None = Field(description="`measure`, `event` or `statement`; null where only a case names it")
    unit: str | None
    transform: str | None
    polarity: str | None
    publication_lag: str | None
    usual_size: float | None
    usual_size_source: str | None
    family: str | None
    reading: str | None
    aliases: list[str]


class ActorRow(Row):
    """One actor: a firm, a person, or a class of them."""

    id: str
    name: str
    kind: str
    country: str | None
    lei: str | None
    handle: str | None
    named: bool | None = Field(description="false for somebody whom nobody named")
    note: str | None
    identifiers: list[str]
    aliases: list[str]


class Reading(Row):
    """What observations and claims share: a value of an indicator about subjects, when it was so and was known."""

    id: str = Field(description="of this recorded version")
    key: Key
    statement: str | None
    indicator: str | None
    subjects: list[str] = Field(description="ids of the instruments and actors that it is about")
    value: Told = Field(description="as the source gives it")
    low: float | None
    high: float | None
    unit: str | None
    value_base: float | None = Field(
        description="the value in `unit_base`: percent as a fraction, money in whole units"
    )
    unit_base: str | None
    bound: str | None
    direction: str | None
    baseline_value: float | None
    baseline_kind: str | None
    trade_date: str | None
    trade_date_end: str | None
    modality: str | None
    valid_from: str | None
    valid_to: str | None
    known_at: str
    known_at_precision: str
    grade: str | None = Field(description="of the source, A to F")
    credibility: int | None = Field(description="of the statement, 1 to 6")
    documents: list[str] = Field(description="keys of the documents that say so")


class ObservationRow(Reading):
    """One observation, as it was known by the clocks of the request."""

    time_precision: str | None


class ClaimRow(Reading):
    """One claim, as it was known by the clocks of the request; what is claimed is not said to be so."""

    voice: str | None
    hedges: list[str]
    sensitive: bool | None


class DisputeRow(Row):
    """One dispute: facts that cannot all be right."""

    id: str
    key: Key
    status: str | None
    kinds: list[str]
    preferred: str | None = Field(description="key of the side that is preferred, once that was known")
    why: str | None
    indicator: str | None
    subjects: list[str]
    sides: list[str] = Field(description="keys of the facts")
    known_at: str
    known_at_precision: str


class CheckRow(Row):
    """One check: a claim recomputed."""

    id: str
    key: Key
    kind: str
    outcome: str = Field(description="`ok`, `failed` or `not_checkable`")
    expected: Told
    found: Told
    why: str | None
    checked: str | None = Field(description="key of the fact that was checked")
    of: list[str] = Field(description="keys of the facts that it was recomputed from")
    known_at: str
    known_at_precision: str


class DocumentRow(Row):
    """One published thing. Its words are not served."""

    id: str
    key: Key
    kind: str | None
    title: str
    url: str | None
    language: str | None
    via: str | None
    licence: str | None
    source: str | None = Field(description="id of who published it")
    published: str | None
    known_at: str | None = Field(description="null where its date is not known")
    known_at_precision: str | None
    retrieved_at: str | None
    copy_of: list[str] = Field(description="keys of what it copies or translates")
    claims: int = Field(description="how many claims are asserted in it")


class IndicatorList(Listing):
    """One page of indicators."""

    items: list[IndicatorRow]


class ActorList(Listing):
    """One page of actors."""

    items: list[ActorRow]


class ObservationList(Listing):
    """One page of observations."""

    items: list[ObservationRow]


class ClaimList(Listing):
    """One page of claims."""

    items: list[ClaimRow]


class DisputeList(Listing):
    """One page of disputes."""

    items: list[DisputeRow]


class CheckList(Listing):
    """One page of checks."""

    items: list[CheckRow]


class DocumentList(Listing):
    """One page of documents."""

    items: list[DocumentRow]
