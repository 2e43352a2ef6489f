"""Runs every check on claims: those that a claim asks for, those that suit any claim, and what is doubted by hand.

What can be recomputed is recomputed; what no rule can find says why (`by_hand`). A check is stored as a `Check` beside
the claim, and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graph.model import Batch, Link, Node
from ingest import checkarithmetic as arithmetic
from ingest import checkorder as order
from ingest import checkwords as words
from ingest.checkarithmetic import Rule, not_checkable
from ingest.checkmodel import Finding, Reading, World
from ingest.settling import date_shift

# The rules that a claim may ask for: the names of `checkparts.CHECK_RULES`.
RULES: Mapping[str, Rule] = {
    "normal_tail": arithmetic.normal_tail,
    "rarer_than": arithmetic.rarer_than,
    "ratio": arithmetic.ratio,
    "percent_change": arithmetic.percent_change,
    "times_record": arithmetic.times_record,
    "per_share": arithmetic.per_share,
    "baskets": arithmetic.baskets,
    "writing_day": order.writing_day,
    "confirms": order.confirms,
    "caused_by": order.caused_by,
    "continues": order.continues,
    "reconciled_by": order.reconciled_by,
    "barrier_hit": order.barrier_hit,
}
BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check of one claim; `ids` are the names of the doubts that it answers, `n` tells it from others like it."""

    finding: Finding
    ids: tuple[str, ...]
    n: int

    @property
    def key(self) -> str:
        """The key of its node."""
        return f"check:{self.finding.claim.key}:{self.finding.kind}" + (f".{self.n}" if self.n > 1 else "")


def check_all(claims: Iterable[Reading], world: World) -> list[Checked]:
    """Every check of the claims, by the key of the claim, each claim's in the order of its rules."""
    return [one for claim in sorted(claims, key=lambda one: one.key) for one in _numbered(claim, world)]


def _numbered(claim: Reading, world: World) -> Iterator[Checked]:
    counts: dict[str, int] = {}
    findings = [*_asked(claim, world), *words.agreement(claim, world), *words.direction_vs_level(claim, world)]
    findings += [*words.superlatives(claim, world), *order.dates(claim, world), *date_shift(claim, world)]
    findings += _doubted(claim, {one.kind for one in findings})
    for one in findings:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        ids = tuple(id_ for id_, kind, _ in claim.doubts if kind == one.kind)
        if one.kind == BY_HAND:
            ids = (one.expected,)
        yield Checked(finding=one, ids=ids, n=counts[one.kind])


def _asked(claim: Reading, world: World) -> Iterator[Finding]:
    for check in claim.checks:
        kind = str(check["rule"])
        missing = [name for name in check["of"] if name not in world.readings]
        if missing:
            why = f"{', '.join(missing)} is not in the graph, or was not known then"
            yield not_checkable(kind, claim, (), why)
            continue
        yield RULES[kind](claim, tuple(world.readings[name] for name in check["of"]), check, world)


def _doubted(claim: Reading, found: set[str]) -> Iterator[Finding]:
    """What no rule can find, and what a rule should have found and had nothing to compare with."""
    for id_, kind, why in claim.doubts:
        if not kind:
            yield Finding(kind=BY_HAND, claim=claim, expected=id_, found="", outcome="not_checkable", why=why)
        elif kind not in found:
            yield not_checkable(kind, claim, (), f"nothing to compare with yet: {why}")


def check_batch(checked: Iterable[Checked]) -> Batch:
    """The checks as nodes beside their claims."""
    nodes: list[Node] = []
    links: list[Link] = []
    for one in checked:
        found = one.finding
        properties = {
            "kind": found.kind,
            "expected": found.expected,
            "found": found.found,
            "outcome": found.outcome,
            "why": found.why,
            "aliases": one.ids or None,
            "known_at": found.known_at,
            "known_at_precision": "instant",
        }
        kept = {name: value for name, value in properties.items() if value is not None}
        nodes.append(Node(label="Check", id=one.key, properties=kept))
        links.append(_link("CHECKS", one.key, found.claim))
        links += [_link("WAS_DERIVED_FROM", one.key, other) for other in found.of]
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _link(kind: str, check: str, to: Reading) -> Link:
    return Link(type=kind, from_label="Check", from_id=check, to_label=to.label, to_id=to.key)
