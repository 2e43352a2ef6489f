"""The words of the causal core: what it is given (a dossier) and what it weighs (templates, narratives).

Everything is frozen, slotted and keyword-only. Ids are strings, instants are aware UTC datetimes, days are dates.
What the core gives back stands in `causal/explanation.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from causal.panel import Panel
from causal.world import (
    Actor,
    Argument,
    AssetClass,
    DataGap,
    Derivation,
    Dispute,
    Fact,
    Indicator,
    Instrument,
    Move,
    Relation,
    Strength,
)

Slot = Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"]
COMPETING: frozenset[Slot] = frozenset({"catalyst", "transmission", "amplifier"})  # the slots that cause a move
Direction = Literal["up", "down", "flat", "occurs", "absent"]
Necessity = Literal["essential", "typical", "optional"]
BaseRate = Literal["rare", "uncommon", "common"]
Origin = Literal["case", "library", "user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two dates (both included, trade days) or two instants (both included)."""

    start: date | datetime
    end: date | datetime


Window = Literal["before", "during", "after"] | Span


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
    this one. `required` tells readers that the story is none without it; a role that nobody plays is reported
    all the same (`Narrative.unbound_roles`), and nothing is weighed of it.
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
    derivations: tuple[Derivation, ...] = ()
    panel: Panel | None = None
    not_yet_known: int = 0
