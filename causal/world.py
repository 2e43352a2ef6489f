"""The world around a move as the core is given it: what trades, who acts, how things are measured, what was reported.

Everything is frozen, slotted and keyword-only. Ids are strings, instants are aware UTC datetimes, days are dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Strength = Literal["weak", "medium", "strong"]
ArgumentKind = Literal["supports", "rebuts", "undercuts"]
SearchOutcome = Literal["open", "found", "not_found", "not_public"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """How a kind of instrument behaves on days of a large move (one entry of `ingest/asset_classes.yaml`).

    `scale` is one standard deviation of its return on such days, in percent; `stress` is +1 where a fall of it is
    stress, -1 where a rise is, 0 where neither; `price_shift` is the shift of z of its price per unit of stress;
    `shift_factor` multiplies every event shift when it is the moved instrument.
    """

    id: str
    kinds: tuple[str, ...]
    scale: float
    stress: int
    price_shift: float
    shift_factor: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One unit of z of an indicator's reading where its value comes in this sort of unit."""

    unit: str
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """How readings of one indicator become z (one file of `ingest/indicators/`).

    `reading` names the rule (causal/surprise.py). `shift_any` is added at any stress, `shift_stress` times the sign
    of stress, both subtracted from z of readings inside the window. `sign` is -1 where the family counts the other
    way (loss = minus profit). `available_from` says who publishes such figures.
    """

    id: str
    name: str
    kind: Literal["measure", "event", "statement"]
    family: str
    reading: str
    scales: tuple[Scale, ...] = ()
    reference: float | None = None
    sign: int = 1
    shift_any: float = 0.0
    shift_stress: float = 0.0
    by_price: bool = False
    slow: bool = False
    public_act: bool = False
    available_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How a stored series answers a prediction (one file of `ingest/derived/`).

    `function` names it in `causal/derived.py`; it `reads` series of these indicators and answers for these families
    (`answers`). `indicator` is what the reading is called, `unit` what it comes in. `before` and `after` are the
    trading days that these windows cover, `usual` those that are compared with. `peers` says whom it is compared with:
    what is tied to it by `peer_of`, or nobody. `windows` and `kinds` of instrument (empty: any) are where it holds.
    """

    id: str
    name: str
    function: str
    reads: tuple[str, ...]
    answers: tuple[str, ...]
    indicator: str
    unit: str
    windows: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    before: int = 5
    after: int = 3
    usual: int = 20
    peers: Literal["none", "peer_of"] = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A thing with a price; `asset_class` is the id of an `AssetClass`."""

    id: str
    name: str
    kind: str
    asset_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts: a fund, a market maker, an exchange, a person, a class of them."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What ties two of them; `type` and `role` are the words of the exchange format (`tracks`, `plays`, ...)."""

    type: str
    from_: str
    to: str
    role: str | None = None


FRACTION, DIFFERENCE = "fraction", "difference"


def unit_of_return(*, level: bool) -> str:
    """The unit of the return of a price, or of a level (a yield, a spread)."""
    return DIFFERENCE if level else FRACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The thing to explain; `valid_from` and `valid_to` are its two closes.

    `return_` is a fraction of the value before, or with the unit `DIFFERENCE` what a yield or a spread went up by, of
    which .01 is one percentage point.
    """

    id: str
    instrument: str
    start: date | datetime
    end: date | datetime
    valid_from: datetime
    valid_to: datetime
    return_: float | None
    measure: str
    document_id: str | None = None
    return_unit: str = FRACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a fact was read. `origin` is equal for copies and translations of one document."""

    document_id: str
    origin: str
    source_id: str
    publisher: str
    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One reported reading. `value` is as the source gives it (of a range `low`, `high`).

    `trade_date` and `trade_date_end` stand where the time was given as days, else both are None and `valid_from`
    and `valid_to` are instants.
    """

    id: str
    key: str
    indicator: str
    subject: str
    value: float | bool | str | None
    low: float | None = None
    high: float | None = None
    unit: str
    unit_note: str | None = None
    bound: str | None = None
    direction: str | None = None
    baseline_value: float | None = None
    baseline_kind: str | None = None
    statement: str
    modality: str = "stated"
    valid_from: datetime
    valid_to: datetime
    trade_date: date | None = None
    trade_date_end: date | None = None
    time_precision: str | None = None
    known_at: datetime
    known_at_precision: str
    grade: str = "F"
    credibility: int = 6
    citation: Citation
    dispute: str | None = None
    series: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What somebody says for or against a narrative or one of its steps; `fact` where it points at a fact.

    `rebuts` and `undercuts` are the ids of arguments that it attacks. One that speaks of nothing else is not `direct`,
    and its `narrative` is that of the argument attacked.
    """

    id: str
    narrative: str
    kind: ArgumentKind
    step: int | None = None
    strength: Strength = "medium"
    by: str | None = None
    statement: str
    fact: str | None = None
    grade: str = "F"
    credibility: int = 6
    known_at: datetime | None = None
    citation: Citation | None = None
    rebuts: tuple[str, ...] = ()
    undercuts: tuple[str, ...] = ()
    direct: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Facts that cannot all be right; `sides` are fact ids."""

    id: str
    sides: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    indicator: str | None = None
    subject: str | None = None
    preferred: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGap:
    """Something missing or watched; `would_favour` and `would_hurt` are narrative ids.

    `outcome` is what was expected of it, in words. `search` says whether anybody looked for it: of what was `not_found`
    in `search_window`, `detection` is the chance that the search would have found it, had it been there (None: nobody
    said so, and nothing follows), and `false_alarm` the chance that it finds what is not there.
    """

    id: str
    kind: Literal["gap", "watch"]
    item: str
    why: str | None = None
    indicator: str | None = None
    subject: str | None = None
    direction: str | None = None
    outcome: str | None = None
    would_favour: tuple[str, ...] = ()
    would_hurt: tuple[str, ...] = ()
    search: SearchOutcome = "open"
    detection: float | None = None
    false_alarm: float = 0.0
    search_window: str = "during"
    searched_at: datetime | None = None
    search_by: str | None = None
    search_how: str | None = None
