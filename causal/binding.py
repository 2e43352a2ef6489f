"""Turns templates into narratives about one move: who plays each role, and which way the directions run.

Directions in a template are written for a fall of the thing held (in a template of rises: for a rise). Four rules
make them fit the move at hand:
1. a prediction marked `with_move` turns round where the move runs the other way;
2. a price prediction about something quoted the other way (a yield, a spread, a volatility index) turns round, and
   asks for the change of a yield or a spread instead of a return;
3. where a currency moved, a price `with_move` is asked for only of what shares a currency with it, on the same side;
4. a template of falls or of rises is left out of a move against it. A rise of a yield, a spread or a volatility index
   is a fall of what is held; a currency or a pair has no such side, so nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from causal.casting import Cast, Scene, build_scene, casts, fits
from causal.model import Direction, Dossier, Narrative, Prediction, Step, Template, TemplatePrediction, TemplateStep
from causal.world import Move

MAX_BINDINGS = 8
_QUOTED_INVERSELY = ("volatility index", "yield", "spread")
_TWO_SIDED = ("currency", "currency pair")
_PRICES = frozenset({"spot return", "price level", "price return year to date"})
_TURNED: dict[Direction, Direction] = {"up": "down", "down": "up"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """Which way the move runs for who holds the thing: `way` None where the return is not known."""

    way: Literal["down", "up"] | None
    two_sided: bool

    def admits(self, template: Template) -> bool:
        """Whether a template of this direction can explain the move."""
        return self.way is None or self.two_sided or template.move_direction in {"any", self.way}

    def turns(self, template: Template) -> bool:
        """Whether predictions marked `with_move` turn round."""
        written: Literal["down", "up"] = "up" if template.move_direction == "up" else "down"
        return self.way is not None and self.way != written


def bind(library: Iterable[Template], dossier: Dossier) -> tuple[tuple[Narrative, ...], ...]:
    """One group a story, its alternatives inside, best cast first.

    The dossier's own narratives come first, each a group of one; a template that one of them names is left out, and
    so is one that cannot explain a move this way. Several players for a role, or several variants, give several
    alternatives (at most `MAX_BINDINGS`), which all have the template's id.
    """
    own = tuple((narrative,) for narrative in dossier.narratives)
    replaced = {narrative.template for narrative in dossier.narratives}
    scene = build_scene(dossier)
    sense = sense_of(dossier.move, scene.kinds.get(dossier.move.instrument, ""))
    groups = [
        bind_template(template, scene, sense)
        for template in sorted(library, key=lambda template: template.id)
        if template.id not in replaced and sense.admits(template)
    ]
    return own + tuple(groups)


def sense_of(move: Move, kind: str) -> Sense:
    """Which way a move of an instrument of this kind runs."""
    if not move.return_:
        return Sense(way=None, two_sided=False)
    fell = (move.return_ < 0) != fits(kind, _QUOTED_INVERSELY)
    return Sense(way="down" if fell else "up", two_sided=fits(kind, _TWO_SIDED))


def bind_template(template: Template, scene: Scene, sense: Sense) -> tuple[Narrative, ...]:
    """The bindings of one template, best first; never empty."""
    variants: list[str | None] = [variant.split(":", 1)[0].strip() for variant in template.variants]
    told = {prediction.variant for step in template.steps for prediction in step.predictions} - {None}
    used: list[str | None] = [variant for variant in variants if variant in told] or [None]
    turn = sense.turns(template)
    bound = [_narrative(template, cast, variant, scene, turn) for cast in casts(template, scene) for variant in used]
    return tuple(bound[:MAX_BINDINGS])


def _narrative(template: Template, cast: Cast, variant: str | None, scene: Scene, turn: bool) -> Narrative:
    roles: dict[str, str] = {}
    for name, players in cast.items():
        for place, player in enumerate(players, start=1):
            roles[name if place == 1 else f"{name} {place}"] = player
    return Narrative(
        id=template.id,
        title=f"{template.title} ({variant})" if variant else template.title,
        summary=template.summary,
        slot=template.slots[0],
        origin="library",
        template=template.id,
        template_version=template.version,
        roles=roles,
        unbound_roles=tuple(role.name for role in template.roles if role.name not in cast),
        steps=tuple(
            _step(
                step,
                f"{template.id}.{step.n}",
                tuple(
                    _prediction(told, player, scene, turn)
                    for told in step.predictions
                    if told.variant is None or told.variant == variant
                    for player in cast.get(told.role, (None,))
                    if not (told.with_move and told.indicator in _PRICES and not _has_side(player, scene))
                ),
            )
            for step in template.steps
        ),
    )


def _step(step: TemplateStep, key: str, predictions: tuple[Prediction, ...]) -> Step:
    return Step(
        n=step.n,
        text=step.text,
        key=key,
        necessity=step.necessity,
        base_rate=step.base_rate,
        predictions=predictions,
    )


def _has_side(player: str | None, scene: Scene) -> bool:
    """Whether a move of a currency says which way the price of the player goes: not where they share no currency."""
    moved = scene.moved
    if player in (None, moved) or not fits(scene.kinds.get(moved, ""), _TWO_SIDED) or not scene.kinds.get(moved):
        return True
    return bool(_place(moved, scene) & _place(str(player), scene))


def _place(pair: str, scene: Scene) -> set[tuple[str, bool]]:
    """The currencies of a pair, each with whether it is the one that is priced (whose name the pair's begins with)."""
    if scene.kinds.get(pair) == "currency":
        return {(pair, True)}
    return {(currency, pair.startswith(currency)) for currency, _ in scene.links.get((pair, "quoted_in"), ())}


def _prediction(told: TemplatePrediction, player: str | None, scene: Scene, turn: bool) -> Prediction:
    indicator, direction = told.indicator, told.direction
    if turn and told.with_move:
        direction = _TURNED.get(direction, direction)
    kind = scene.kinds.get(player or "", "")
    if indicator in _PRICES and fits(kind, _QUOTED_INVERSELY) and kind:
        direction = _TURNED.get(direction, direction)
        indicator = {"yield": "yield change", "spread": "spread change"}.get(kind, indicator)
    return Prediction(
        indicator=indicator,
        subject=player,
        direction=direction,
        window=told.window,
        stated_window=told.window != "during",
        strength=told.strength,
        role=told.role,
        lag=told.lag,
        typical_size=told.typical_size,
        if_absent=told.if_absent,
        note=told.note,
    )
