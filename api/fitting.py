"""Which templates fit a move with a given pattern, whoever moved: the question is asked of the library, not of a graph.

A pattern is a direction and readings of indicators. A template is ruled out where it is not for such moves, or where a
step that it cannot do without or does not usually miss predicts the opposite of a reading in the same window; it is
borne out where a step predicts what was read, and open where it is silent. Directions turn as they do when a template
is bound to a move (causal/binding.py); who plays which role is left open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast

from api.errors import InvalidAskError
from causal.binding import Sense
from causal.model import Template, TemplatePrediction, TemplateStep
from causal.world import Indicator

Way = Literal["down", "up"]
Verdict = Literal["borne out", "open", "ruled out"]
_OPPOSITE = {"up": "down", "down": "up", "occurs": "absent", "absent": "occurs"}
_TURNED = {"up": "down", "down": "up"}
_DIRECTIONS, _WINDOWS = ("up", "down", "flat", "occurs", "absent"), ("before", "during", "after")
_ORDER = {"borne out": 0, "open": 1, "ruled out": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One reading of a pattern: the indicator's name, its direction, and when."""

    indicator: str
    direction: str
    window: str = "during"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What a move looks like: its direction, the least size (a fraction, 0.1 for 10%) of comparable ones, readings."""

    move: Way
    size: float | None = None
    readings: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A step that speaks to a reading: which, how much the template needs it, and what it predicts."""

    step: int
    text: str
    necessity: str
    indicator: str
    role: str
    predicted: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a template (or one variant that its predictions tell apart) goes with a pattern, and why.

    `excused` are opposite predictions of steps that the template calls optional, and those of something else that is no
    opposite (flat where a rise was read); `unlike` says that it is for other
    moves; `silent` are the indicators of which it says nothing in that window.
    """

    template: str
    title: str
    variant: str | None
    verdict: Verdict
    unlike: str | None
    agrees: tuple[Reason, ...]
    against: tuple[Reason, ...]
    excused: tuple[Reason, ...]
    silent: tuple[str, ...]


def parse_pattern(move: str, size: float | None, readings: Sequence[str], indicators: Sequence[Indicator]) -> Pattern:
    """A pattern from words such as `net_etf_flow=up` or `net_etf_flow@after=up`.

    Raises InvalidAskError for what is no direction, window, share or indicator, with near names.
    """
    if move not in _TURNED:
        raise InvalidAskError("move", f"{move!r} is no direction of a move; write down or up")
    if size is not None and not 0.0 < size < 10.0:
        raise InvalidAskError("size", f"{size:g} is no share; write 0.1 for 10%")
    names = {one.id: one.name for one in indicators} | {one.name: one.name for one in indicators}
    found = tuple(_wanted(text, names) for text in readings)
    return Pattern(move=cast(Way, move), size=size, readings=found)


def _wanted(text: str, names: Mapping[str, str]) -> Wanted:
    named, sign, direction = text.partition("=")
    name, _, window = named.strip().partition("@")
    direction, window = direction.strip(), window.strip() or "during"
    if not sign or direction not in _DIRECTIONS:
        raise InvalidAskError("indicator", f"{text!r}: write NAME=DIRECTION, a direction of {', '.join(_DIRECTIONS)}")
    if window not in _WINDOWS:
        raise InvalidAskError("indicator", f"{text!r}: a window is one of {', '.join(_WINDOWS)}")
    if name not in names:
        near = get_close_matches(name, list(names), n=3, cutoff=0.4)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise InvalidAskError("indicator", f"{name!r} is no indicator{hint}")
    return Wanted(indicator=names[name], direction=direction, window=window)


def fits_of(library: Sequence[Template], pattern: Pattern) -> list[Fit]:
    """Every template, variants apart: what is borne out first, then what is open, then what is ruled out; by id."""
    fits = [_fit(template, variant, pattern) for template in library for variant in _variants(template)]
    return sorted(fits, key=lambda one: (_ORDER[one.verdict], -len(one.agrees), one.template, one.variant or ""))


def _variants(template: Template) -> list[str | None]:
    told = {part.variant for step in template.steps for part in step.predictions} - {None}
    named = [text.partition(":")[0].strip() for text in template.variants]
    return [name for name in named if name in told] or [None]


def _fit(template: Template, variant: str | None, pattern: Pattern) -> Fit:
    sense = Sense(way=pattern.move, two_sided=False)
    unlike = None if sense.admits(template) else f"it is for moves {template.move_direction}"
    agrees: list[Reason] = []
    against: list[Reason] = []
    excused: list[Reason] = []
    silent = []
    for wanted in pattern.readings:
        told = [
            (step, part, _direction(part, turned=sense.turns(template)))
            for step in template.steps
            for part in step.predictions
            if (part.indicator, part.window) == (wanted.indicator, wanted.window) and part.variant in {None, variant}
        ]
        agrees += [_reason(step, part, way, wanted) for step, part, way in told if way == wanted.direction]
        opposed = [one for one in told if _OPPOSITE.get(one[2]) == wanted.direction]
        against += [_reason(*one, wanted) for one in opposed if one[0].necessity != "optional"]
        excused += [
            _reason(step, part, way, wanted)
            for step, part, way in told
            if way != wanted.direction and (step.necessity == "optional" or _OPPOSITE.get(way) != wanted.direction)
        ]
        if not told:
            silent.append(wanted.indicator)
    ruled_out = unlike is not None or bool(against)
    return Fit(
        template=template.id,
        title=template.title,
        variant=variant,
        verdict="ruled out" if ruled_out else "borne out" if agrees else "open",
        unlike=unlike,
        agrees=tuple(agrees),
        against=tuple(against),
        excused=tuple(excused),
        silent=tuple(silent),
    )


def _direction(part: TemplatePrediction, *, turned: bool) -> str:
    return _TURNED.get(part.direction, part.direction) if turned and part.with_move else part.direction


def _reason(step: TemplateStep, part: TemplatePrediction, way: str, wanted: Wanted) -> Reason:
    return Reason(
        step=step.n,
        text=step.text,
        necessity=step.necessity,
        indicator=part.indicator,
        role=part.role,
        predicted=way,
        read=wanted.direction,
    )


def in_words(fit: Fit) -> str:
    """Why a template fits or does not, as sentences without the last full stop."""
    parts = [fit.unlike] if fit.unlike else []
    parts += [f"{_predicts(one)}, and it was {one.read}" for one in fit.against]
    parts += [f"{_predicts(one)}, as it was" for one in fit.agrees]
    parts += [
        f"{_predicts(one)}, which {'it can do without' if one.necessity == 'optional' else 'is missed'}"
        for one in fit.excused
    ]
    if fit.silent:
        parts.append(f"says nothing of {', '.join(fit.silent)}")
    return "; ".join(parts) or "nothing was read"


def _predicts(one: Reason) -> str:
    return f"step {one.step} predicts {one.indicator} of {one.role} {one.predicted}"


def as_rows(fits: Sequence[Fit], told: Mapping[str, Sequence[Mapping[str, object]]]) -> list[dict[str, object]]:
    """The fits as JSON-ready values; `told` are the moves of the graph of which a case tells a story of a template."""
    return [
        {
            "template": one.template,
            "title": one.title,
            "variant": one.variant,
            "verdict": one.verdict,
            "why": in_words(one),
            "agrees": [_row(part) for part in one.agrees],
            "against": [_row(part) for part in one.against],
            "excused": [_row(part) for part in one.excused],
            "silent": list(one.silent),
            "moves": [dict(part) for part in told.get(one.template, ())],
        }
        for one in fits
    ]


def _row(one: Reason) -> dict[str, object]:
    return {
        "step": one.step,
        "text": one.text,
        "necessity": one.necessity,
        "indicator": one.indicator,
        "role": one.role,
        "predicted": one.predicted,
        "read": one.read,
    }
