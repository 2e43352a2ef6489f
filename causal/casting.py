"""Finds who plays a template's roles, through relations and kinds alone: no value of any fact is looked at.

Whether the dossier *holds* facts of what a role is predicted to do does count: a player about whom nothing was
reported could only win by silence. Ranks are made of closeness, facts held, relations held and id, in this order, so
that the order of the dossier does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from causal.model import Dossier, Role, Template
from causal.world import Actor, Instrument

MAX_CASTS = 8
MAX_PLAYERS = 3
LISTED_KINDS = frozenset(
    """equity, equity index, ETF, ETF group, exchange-traded note, strategy index, market aggregate, volatility index,
    futures, perpetual futures, listed options, OTC options, structured product, currency, currency pair,
    currency index, yield, government bond, spread, auction, commodity, crypto spot, crypto token, stablecoin,
    liquid-staking token, hedge fund, multi-strategy fund, systematic fund, leveraged fund, mutual fund, pension fund,
    family office, asset manager, institutional investors, retail investors, official investor, large trader,
    short seller, trading firm, market maker, prime broker, broker, bank, authorised participant, ETF issuer,
    ETN issuer, stablecoin issuer, crypto lender, exchange, clearing house, index provider, data vendor, company,
    executive, corporate holder, bankruptcy estate, central bank, government, regulator, academic, commentator,
    press""".lower()
    .replace("\n    ", " ")
    .split(", ")
)
_SYMMETRIC = frozenset({"peer_of"})
Cast = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a search needs of a dossier: kinds and names of things, their relations, the facts held about them.

    `held` is subject -> families of indicators with at least one fact, `measured` those with a series; `degree` counts
    relations.
    """

    moved: str
    kinds: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    links: dict[tuple[str, str], list[tuple[str, str | None]]] = field(default_factory=dict)
    degree: Counter[str] = field(default_factory=Counter)
    held: dict[str, set[str]] = field(default_factory=dict)
    measured: dict[str, set[str]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)

    def family(self, indicator: str) -> str:
        """The family of an indicator, its own name where it is not known."""
        return self.families.get(indicator, indicator)

    def follow(self, starts: Iterable[str], path: str, plays: tuple[str, ...]) -> set[str]:
        """Everything at the end of a path (see `Role.via`)."""
        reached = set(starts)
        for link in filter(None, path.split("/")):
            if link == "*":
                reached = set(self.kinds)
                continue
            wanted = plays if link.removeprefix("<") == "plays" else ()
            reached = {
                other
                for one in reached
                for other, part in self.links.get((one, link), ())
                if not wanted or part in wanted
            }
        return reached


def build_scene(dossier: Dossier) -> Scene:
    """The look-ups over one dossier."""
    scene = Scene(dossier.move.instrument)
    things: list[Instrument | Actor] = [*dossier.instruments, *dossier.actors]
    for thing in things:
        scene.kinds[thing.id] = thing.kind.lower()
        scene.labels[thing.id] = f"{thing.id} {thing.name}".lower()
    for relation in dossier.relations:
        forth, back = relation.type, f"<{relation.type}"
        ends = [(relation.from_, forth, relation.to), (relation.to, back, relation.from_)]
        if relation.type in _SYMMETRIC:
            ends += [(relation.to, forth, relation.from_), (relation.from_, back, relation.to)]
        for one, link, other in ends:
            scene.links.setdefault((one, link), []).append((other, relation.role))
        scene.degree.update({relation.from_, relation.to})
    scene.families.update({indicator.name: indicator.family for indicator in dossier.indicators})
    scene.measured.update(answerable(dossier))
    for fact in dossier.facts:
        scene.held.setdefault(fact.subject, set()).add(scene.family(fact.indicator))
    return scene


def answerable(dossier: Dossier) -> dict[str, set[str]]:
    """subject -> families that a stored series of it can answer about the time of the move."""
    found: dict[str, set[str]] = {}
    panel = dossier.panel
    for column in panel.columns if panel else ():
        if panel is None or not panel.covers(column):
            continue
        for derivation in dossier.derivations:
            if column.indicator in derivation.reads:
                found.setdefault(column.subject, set()).update(derivation.answers)
    return found


def casts(template: Template, scene: Scene) -> tuple[Cast, ...]:
    """The ways to fill the roles, best first, at most `MAX_CASTS`; a role that nobody plays is left out of each."""
    found: list[tuple[int, dict[str, tuple[str, ...]]]] = [(0, {})]
    for role in template.roles:
        wanted = {scene.family(p.indicator) for step in template.steps for p in step.predictions if p.role == role.name}
        wider: list[tuple[int, dict[str, tuple[str, ...]]]] = []
        for cost, cast in found:
            players = _players(role, cast, scene, wanted)
            if not players:
                wider.append((cost, cast))
            elif role.many > 1:
                wider.append((cost, {**cast, role.name: tuple(players[: role.many])}))
            else:
                several = players[:MAX_PLAYERS] if wanted else players[:1]
                wider += [(cost + place, {**cast, role.name: (player,)}) for place, player in enumerate(several)]
        found = sorted(wider, key=lambda entry: (entry[0], sorted(entry[1].items())))[:MAX_CASTS]
    return tuple(cast for _, cast in found)


def fits(kind: str, wanted: tuple[str, ...]) -> bool:
    """Whether a kind of thing is one of those wanted (empty: any).

    A kind that the exchange format lists must be equal to one of them (`futures` is not `perpetual futures`); any
    other, such as `retail investors and hedge funds`, need only contain one.
    """
    kind = kind.lower()
    return not wanted or kind in wanted or (kind not in LISTED_KINDS and any(one in kind for one in wanted))


def _players(role: Role, cast: Cast, scene: Scene, wanted: set[str]) -> list[str]:
    """Who can play the role, best first; those without a fact only where nobody has one.

    A series makes a player preferred among those that are related: there are series of far more things than matter.
    """
    if role.of is None and not role.via and not role.elsewhere:
        return [scene.moved] if fits(scene.kinds.get(scene.moved, ""), role.kinds) else []
    tier: dict[str, int] = {}
    for place, path in enumerate(role.via):
        for player in sorted(scene.follow(cast.get(role.of or "", ())[:1], path, role.plays)):
            tier.setdefault(player, place)
    related = set(tier)
    if role.elsewhere:
        for player, label in scene.labels.items():
            if not role.names or any(name.lower() in label for name in role.names):
                tier.setdefault(player, len(role.via))
    barred = {player for other in role.apart for player in cast.get(other, ())}
    able = {p for p in tier if p in scene.kinds and p not in barred and fits(scene.kinds[p], role.kinds)}
    facts = {player: wanted & scene.held.get(player, set()) for player in able}
    told = {player: len(facts[player] | (wanted & scene.measured.get(player, set()))) for player in able}
    chosen = {p for p in able if facts[p] or (told[p] and p in related)} or (able & related) or able
    return sorted(chosen, key=lambda p: (tier[p], -told[p], -scene.degree[p], p))
