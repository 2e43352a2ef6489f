"""Says when two names stand for one price, through the relations of the graph alone (evidence.md 1).

A currency and its pair are one price (with a sign), and so is a volatility index and the implied volatility that it
measures. An ETF speaks for what it tracks, and the other way round, where the exact subject has no report.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from causal.model import Dossier
from causal.world import AssetClass, Indicator, Instrument

PRICE = "price"
IMPLIED = "implied volatility"
VOLATILITY_INDEX = "volatility index"
_NO_CLASS = AssetClass(
    id="none", kinds=(), scale=4.0, stress=0, price_shift=0.0, shift_factor=1.0, source="no instrument"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The observable behind an (indicator, subject): `sign` is -1 where the subject is quoted the other way."""

    family: str
    subject: str
    sign: int


@dataclass(frozen=True, slots=True)
class World:
    """Look-ups over one dossier: classes of instruments, indicators by name, pairs, and what tracks what."""

    instruments: dict[str, Instrument] = field(default_factory=dict)
    classes: dict[str, AssetClass] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    pairs: dict[str, tuple[str, int]] = field(default_factory=dict)
    tracks: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def asset_class(self, subject: str) -> AssetClass:
        """The class of the subject; actors and unknown names have one that nothing shifts."""
        instrument = self.instruments.get(subject)
        return self.classes.get(instrument.asset_class, _NO_CLASS) if instrument else _NO_CLASS

    def is_volatility(self, subject: str) -> bool:
        """Whether the subject is an index of implied volatility."""
        instrument = self.instruments.get(subject)
        return instrument is not None and instrument.kind == VOLATILITY_INDEX

    def identity(self, indicator: str, subject: str) -> Identity | None:
        """The observable that this indicator of this subject reads; None where the indicator is not known."""
        known = self.indicators.get(indicator)
        if known is None:
            return None
        family, sign = known.family, 1
        if family == PRICE:
            subject, sign = self.pairs.get(subject, (subject, 1))
            if self.is_volatility(subject):
                family = IMPLIED
        return Identity(family=family, subject=subject, sign=sign)

    def same_price(self, one: str, other: str) -> bool:
        """Whether both names stand for one price: equal, or one tracks the other."""
        return one == other or other in self.tracks.get(one, ())


def build_world(dossier: Dossier) -> World:
    """The look-ups over a dossier, independent of the order of its parts."""
    instruments = {instrument.id: instrument for instrument in dossier.instruments}
    tracks: dict[str, set[str]] = {}
    for relation in dossier.relations:
        if relation.type == "tracks":
            tracks.setdefault(relation.from_, set()).add(relation.to)
            tracks.setdefault(relation.to, set()).add(relation.from_)
    return World(
        instruments=instruments,
        classes={one.id: one for one in dossier.asset_classes},
        indicators={one.name: one for one in dossier.indicators},
        pairs=_pairs(dossier, instruments),
        tracks={name: tuple(sorted(others)) for name, others in tracks.items()},
    )


def _pairs(dossier: Dossier, instruments: dict[str, Instrument]) -> dict[str, tuple[str, int]]:
    """currency -> (its pair, sign): a pair falls when the currency that it is quoted in rises.

    Of several the pair with the US dollar, which is what is meant by the price of a currency.
    """
    found: dict[str, tuple[str, int]] = {}
    for relation in sorted(dossier.relations, key=lambda r: ("usd" not in r.from_, r.from_, r.to)):
        pair, currency = instruments.get(relation.from_), instruments.get(relation.to)
        if relation.type != "quoted_in" or pair is None or currency is None:
            continue
        if currency.kind == "currency" and currency.id not in found:
            found[currency.id] = (pair.id, 1 if pair.id.startswith(currency.id) else -1)
    return found
