"""Binds templates to a move: who plays which role is found through relations and the kinds of things.

Nothing here looks at a value. Several candidates for a role give several bindings of one story; a role that nothing
fills is reported, and its predictions have no subject.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from causal.model import (
    Direction,
    Dossier,
    Narrative,
    Prediction,
    Role,
    Step,
    Template,
    TemplatePrediction,
    TemplateStep,
)

CANDIDATES = 3
BINDINGS = 8
_MIRROR: dict[Direction, Direction] = {
    "up": "down",
    "down": "up",
    "flat": "flat",
    "occurs": "occurs",
    "absent": "absent",
}
_UPSIDE_DOWN = frozenset({"volatility index"})


def bind(library: Sequence[Template], dossier: Dossier) -> tuple[tuple[Narrative, ...], ...]:
    """One group a story: the case's own narratives, then every template that fits, with its alternatives.

    A template that a narrative of the case names is replaced by it; one whose direction is against the move is left
    out.
    """
    replaced = {narrative.template for narrative in dossier.narratives}
    down = _falls(dossier)
    own = [(narrative,) for narrative in dossier.narratives]
    told = [
        _bindings(template, dossier, down)
        for template in sorted(library, key=lambda one: one.id)
        if template.id not in replaced and template.move_direction in ("any", "down" if down else "up")
    ]
    return (*own, *told)


def _falls(dossier: Dossier) -> bool:
    """Whether risk fell: a rise of a volatility index is a fall of what it is written on."""
    kinds = {one.id: one.kind for one in dossier.instruments}
    rose = (dossier.move.return_ or 0.0) > 0
    return rose == (kinds.get(dossier.move.instrument) in _UPSIDE_DOWN)


def _bindings(template: Template, dossier: Dossier, down: bool) -> tuple[Narrative, ...]:
    world = _Ties(dossier)
    wanted = {
        role.name: {p.indicator for step in template.steps for p in step.predictions if p.role == role.name}
        for role in template.roles
    }
    found: list[dict[str, str]] = [{}]
    for role in template.roles:
        extended: list[dict[str, str]] = []
        for bound in found:
            candidates = list(itertools.islice(world.candidates(role, bound, wanted[role.name]), CANDIDATES))
            extended += [{**bound, role.name: name} for name in candidates] or [bound]
        found = extended[: BINDINGS * CANDIDATES]
    unique = list({tuple(sorted(bound.items())): bound for bound in found}.values())
    return tuple(_narrative(template, bound, down) for bound in unique[:BINDINGS])


class _Ties:
    """The relations of a dossier, both ways, and which subjects its facts speak of."""

    def __init__(self, dossier: Dossier) -> None:
        self.move = dossier.move.instrument
        self.kinds = {one.id: one.kind for one in dossier.instruments} | {one.id: one.kind for one in dossier.actors}
        self.reported = {(fact.subject, fact.indicator) for fact in dossier.facts}
        self.ties: dict[tuple[str, str], set[tuple[str, str | None]]] = {}
        for one in dossier.relations:
            self.ties.setdefault((one.from_, one.type), set()).add((one.to, one.role))
            self.ties.setdefault((one.to, f"<{one.type}"), set()).add((one.from_, one.role))
            if one.type == "peer_of":
                self.ties.setdefault((one.to, one.type), set()).add((one.from_, one.role))

    def candidates(self, role: Role, bound: dict[str, str], indicators: set[str]) -> Iterator[str]:
        """Who can play the role, best first: nearest path, then those with facts of what is predicted, then by id."""
        if role.of is None:
            if self._fits(role, self.move):
                yield self.move
            return
        start = bound.get(role.of)
        taken = set() if "" in role.via else set(bound.values())
        tiers = [self._follow(start, path, role.plays) for path in role.via] if start is not None else []
        if role.elsewhere and role.kinds and not any(self._fitting(role, tier, taken) for tier in tiers):
            tiers.append(set(self.kinds))
        seen: set[str] = set()
        for tier in tiers:
            fitting = self._fitting(role, tier, taken) - seen
            seen |= fitting
            yield from sorted(fitting, key=lambda name: (-self._known(name, indicators), name))

    def _fitting(self, role: Role, names: set[str], taken: set[str]) -> set[str]:
        return {name for name in names if name not in taken and self._fits(role, name)}

    def _fits(self, role: Role, name: str) -> bool:
        """Kinds are matched by their words: `retail investors` fits `retail investors and hedge funds`."""
        kind = self.kinds.get(name)
        return kind is not None and (not role.kinds or any(_means(word, kind) for word in role.kinds))

    def _known(self, name: str, indicators: set[str]) -> int:
        return sum((name, indicator) in self.reported for indicator in indicators)

    def _follow(self, start: str, path: str, plays: tuple[str, ...]) -> set[str]:
        reached = {start}
        for relation in filter(None, path.split("/")):
            reached = {
                name
                for at in reached
                for name, part in self.ties.get((at, relation), ())
                if relation.lstrip("<") != "plays" or not plays or part in plays
            }
        return reached


def _means(word: str, kind: str) -> bool:
    """Whether a kind says the word: equal, or among its parts joined by `and`."""
    plain, parts = word.lower(), kind.lower().split(" and ")
    return plain == kind.lower() or any(part == plain or part.rstrip("s") == plain.rstrip("s") for part in parts)


def _narrative(template: Template, roles: dict[str, str], down: bool) -> Narrative:
    return Narrative(
        id=template.id,
        title=template.title,
        summary=template.summary,
        slot=template.slots[0],
        origin="library",
        template=template.id,
        template_version=template.version,
        roles=roles,
        unbound_roles=tuple(role.name for role in template.roles if role.name not in roles),
        steps=tuple(_step(template, step, roles, down) for step in template.steps),
    )


def _step(template: Template, step: TemplateStep, roles: dict[str, str], down: bool) -> Step:
    return Step(
        n=step.n,
        text=step.text,
        key=f"{template.id}.{step.n}",
        necessity=step.necessity,
        base_rate=step.base_rate,
        predictions=tuple(_prediction(one, roles, down) for one in step.predictions),
    )


def _prediction(one: TemplatePrediction, roles: dict[str, str], down: bool) -> Prediction:
    return Prediction(
        indicator=one.indicator,
        subject=roles.get(one.role),
        direction=one.direction if down or not one.with_move else _MIRROR[one.direction],
        window=one.window,
        strength=one.strength,
        role=one.role,
        lag=one.lag,
        typical_size=one.typical_size,
        if_absent=one.if_absent,
        note=one.note,
    )
