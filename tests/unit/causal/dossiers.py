"""Small made-up dossiers for tests of roles and bindings: a coin, a share, an index, a pair, a yield."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from causal.model import Dossier, Narrative
from causal.world import Actor, Citation, Fact, Indicator, Instrument, Move, Relation

AS_OF = datetime(2030, 3, 20, tzinfo=UTC)
CITATION = Citation(document_id="doc_1", origin="doc_1", source_id="src_1", publisher="Daily", title="Prices")


def things(*lines: str) -> tuple[tuple[str, str], ...]:
    """`id: kind` lines as pairs."""
    return tuple((name.strip(), kind.strip()) for name, kind in (line.split(":") for line in lines))


def instruments(*lines: str) -> tuple[Instrument, ...]:
    return tuple(Instrument(id=name, name=name, kind=kind, asset_class="any") for name, kind in things(*lines))


def actors(*lines: str) -> tuple[Actor, ...]:
    return tuple(Actor(id=name, name=name, kind=kind) for name, kind in things(*lines))


def relations(*lines: str) -> tuple[Relation, ...]:
    """`from type to [role]` lines as relations."""
    found = []
    for line in lines:
        from_, kind, to, *role = line.split()
        found.append(Relation(type=kind, from_=from_, to=to, role=role[0] if role else None))
    return tuple(found)


def fact(subject: str, indicator: str) -> Fact:
    when = datetime(2030, 3, 12, tzinfo=UTC)
    return Fact(
        id=f"{subject}.{indicator}",
        key=f"{subject}.{indicator}",
        indicator=indicator,
        subject=subject,
        value=1.0,
        unit="percent",
        statement="A reading.",
        valid_from=when,
        valid_to=when,
        known_at=when,
        known_at_precision="day",
        citation=CITATION,
    )


def dossier(
    moved: str,
    return_: float | None,
    *,
    instruments: tuple[Instrument, ...],
    actors: tuple[Actor, ...] = (),
    relations: tuple[Relation, ...] = (),
    facts: Iterable[Fact] = (),
    narratives: tuple[Narrative, ...] = (),
    indicators: tuple[Indicator, ...] = (),
) -> Dossier:
    start, end = datetime(2030, 3, 11, 21, tzinfo=UTC), datetime(2030, 3, 12, 21, tzinfo=UTC)
    move = Move(
        id="case:move",
        instrument=moved,
        start=start.date(),
        end=end.date(),
        valid_from=start,
        valid_to=end,
        return_=return_,
        measure="close to close",
    )
    return Dossier(
        case="case",
        move=move,
        as_of=AS_OF,
        as_at=AS_OF,
        instruments=instruments,
        actors=actors,
        relations=relations,
        facts=tuple(facts),
        narratives=narratives,
        indicators=indicators,
    )


COIN_INSTRUMENTS = (
    "coin: crypto spot",
    "fund_a: ETF",
    "fund_b: ETF",
    "all_funds: ETF group",
    "fund_options: listed options",
    "dated: futures",
    "perp_one: perpetual futures",
    "perp_two: perpetual futures",
    "coin_vol: volatility index",
    "shares: equity index",
    "shares_vol: volatility index",
    "other_coin: crypto spot",
    "usdjpy: currency pair",
    "metal: commodity",
)
COIN_ACTORS = (
    "pods: multi-strategy fund",
    "quants: hedge fund",
    "dealer: market maker",
    "degens: retail and crypto-fund traders",
    "venue_x: exchange",
    "ministry: government",
)
COIN_RELATIONS = (
    "fund_a tracks coin",
    "fund_b tracks coin",
    "fund_a part_of all_funds",
    "fund_b part_of all_funds",
    "fund_options underlying fund_a",
    "dated underlying coin",
    "perp_one underlying coin",
    "perp_two underlying coin",
    "coin_vol underlying coin",
    "shares_vol underlying shares",
    "other_coin peer_of coin",
    "perp_one listed_on venue_x",
    "pods plays fund_a holder",
    "dealer plays fund_options market_maker",
    "degens plays perp_one holder",
)


def coin(
    return_: float | None = -0.15, *, facts: Iterable[Fact] = (), narratives: tuple[Narrative, ...] = ()
) -> Dossier:
    """A coin with two funds, dated and perpetual futures, options on a fund, holders and makers."""
    return dossier(
        "coin",
        return_,
        instruments=instruments(*COIN_INSTRUMENTS),
        actors=actors(*COIN_ACTORS),
        relations=relations(*COIN_RELATIONS),
        facts=facts,
        narratives=narratives,
    )
