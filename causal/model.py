"""The words of the causal core: what it is given (a dossier) and what it weighs (templates, narratives).

Everything is frozen, slotted and keyword-only. Ids are strings, instants are aware UTC datetimes, days are dates.
What the core gives back stands in `causal/explanation.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Slot = Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"]
Direction = Literal["up", "down", "flat", "occurs", "absent"]
Strength = Literal["weak", "medium", "strong"]
Necessity = Literal["essential", "typical", "optional"]
BaseRate = Literal["rare", "uncommon", "common"]
Origin = Literal["case", "library", "user"]
ArgumentKind = Literal["supports", "rebuts", "undercuts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two dates (both included, trade days) or two instants (both included)."""

    start: date | datetime
    end: date | datetime


Window = Literal["before", "during", "after"] | Span


# --- the world around a move -----------------------------------------------------------------------------------


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
    way (loss = minus profit).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The thing to explain: `return_` is a fraction, `valid_from` and `valid_to` are its two closes."""

    id: str
    instrument: str
    start: date | datetime
    end: date | datetime
    valid_from: datetime
    valid_to: datetime
    return_: float | None
    measure: str
    document_id: str | None = None


# --- what was reported -----------------------------------------------------------------------------------------


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
    """What somebody says for or against a narrative or one of its steps; `fact` where it points at a fact."""

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
    """Something missing or watched; `would_favour` and `would_hurt` are narrative ids."""

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


# --- stories ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a step predicts of an observable; `subject` is None where its role found nothing to stand for it."""

    indicator: str
    subject: str | None
    direction: Direction
    window: Window = "during"
    stated_window: bool = False
    strength: Strength = "medium"
    role: str | None = None
    lag: str | None = None
    typical_size: str | None = None
    if_absent: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link of a narrative. Equal `key` in two narratives = one physical step with two parents."""

    n: int
    text: str
    key: str
    necessity: Necessity = "typical"
    base_rate: BaseRate = "uncommon"
    predictions: tuple[Prediction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrative:
    """A story bound to one move. `prior` is None where the default applies (causal.md 3.2)."""

    id: str
    title: str
    summary: str = ""
    slot: Slot = "catalyst"
    origin: Origin = "case"
    template: str | None = None
    template_version: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    unbound_roles: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    recorded_from: datetime | None = None
    prior: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """How a template finds who plays a part (causal/casting.py).

    `of` names the role from which to look (None: this is the moved instrument itself). `via` are paths, the closest
    first: relation types joined by `/`, read against their direction where prefixed by `<` (`<tracks/<underlying` =
    what is written on what tracks it); an empty path is the thing itself, `*/` starts from everything in the dossier.
    `plays` restricts `plays` to these words. `kinds` are the kinds of thing that fit, in lower case (empty: any).
    `elsewhere` admits anything of these kinds in the dossier, after all that a path leads to; where `names` are given
    only if its id or name contains one of them. `many` may play at once; `apart` are roles whose players cannot play
    this one.
    """

    name: str
    kinds: tuple[str, ...] = ()
    of: str | None = None
    via: tuple[str, ...] = ()
    plays: tuple[str, ...] = ()
    elsewhere: bool = False
    names: tuple[str, ...] = ()
    many: int = 1
    apart: tuple[str, ...] = ()
    required: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePrediction:
    """A prediction about a role instead of a subject.

    `with_move`: the direction is meant for a fall (in a template of rises: for a rise) and turns round with the move.
    `variant`: only the variant of that name predicts this (None: all do).
    """

    indicator: str
    role: str
    direction: Direction
    window: Literal["before", "during", "after"] = "during"
    strength: Strength = "medium"
    with_move: bool = False
    variant: str | None = None
    lag: str | None = None
    typical_size: str | None = None
    if_absent: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStep:
    """One link of a template."""

    n: int
    text: str
    necessity: Necessity = "typical"
    base_rate: BaseRate = "uncommon"
    predictions: tuple[TemplatePrediction, ...] = ()
    contradicted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A reusable narrative: `slots` (the first is the default), `roles`, `steps`; one file of `causal/templates/`.

    `variants` are `name: text`. A rise of a yield, a spread or a volatility index counts as a `down` move.
    """

    id: str
    version: str
    title: str
    summary: str
    slots: tuple[Slot, ...]
    move_direction: Literal["down", "up", "any"]
    roles: tuple[Role, ...]
    steps: tuple[TemplateStep, ...]
    variants: tuple[str, ...] = ()
    precedents: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that the mathematics may see of one move: no hindsight, nothing later than `as_of`."""

    case: str | None
    move: Move
    as_of: datetime
    as_at: datetime
    instruments: tuple[Instrument, ...] = ()
    actors: tuple[Actor, ...] = ()
    relations: tuple[Relation, ...] = ()
    facts: tuple[Fact, ...] = ()
    arguments: tuple[Argument, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    gaps: tuple[DataGap, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    asset_classes: tuple[AssetClass, ...] = ()
    not_yet_known: int = 0
