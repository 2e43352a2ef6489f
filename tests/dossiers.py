"""Small dossiers for tests of the core: one place that knows how to make an indicator, a fact, a story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from causal.model import Dossier, Narrative, Prediction, Step
from causal.world import Actor, AssetClass, Citation, Fact, Indicator, Instrument, Move, Relation, Scale

DAY = date(2030, 3, 12)
CLOSE = datetime(2030, 3, 12, 21, tzinfo=UTC)
NOW = datetime(2030, 6, 1, tzinfo=UTC)


def an_indicator(name: str, reading: str = "return", **fields: Any) -> Indicator:
    values: dict[str, Any] = {"id": name.replace(" ", "_"), "name": name, "kind": "measure", "family": name}
    return Indicator(**{**values, "reading": reading, **fields})


INDICATORS = (
    an_indicator("spot return", family="price", by_price=True),
    an_indicator("fx spot return", family="price", by_price=True),
    an_indicator("fx level", "price_level", family="price", by_price=True),
    an_indicator("trading volume", "log_ratio", scales=(Scale(unit="ratio", size=0.5),), shift_any=0.8),
    an_indicator("implied volatility", "log_ratio", scales=(Scale(unit="ratio", size=0.22),), shift_any=1.0),
    an_indicator("net ETF flow", "flow", family="etf flow", scales=(Scale(unit="USD", size=3e8),), shift_stress=-0.4),
    an_indicator("open interest change", "percent", scales=(Scale(unit="percent", size=10.0),), shift_any=-0.4),
    an_indicator("holdings change", "sign", slow=True),
    an_indicator("loss", "sign", family="profit", sign=-1),
    an_indicator("default", "occurs", kind="event"),
    an_indicator("statement", "statement", kind="statement"),
    an_indicator("timing", "none"),
)
CLASSES = (
    AssetClass(
        id="crypto spot", kinds=("crypto spot",), scale=6, stress=1, price_shift=-0.6, shift_factor=1, source="test"
    ),
    AssetClass(id="equity", kinds=("equity",), scale=5, stress=1, price_shift=-0.6, shift_factor=0.3, source="test"),
    AssetClass(
        id="currency",
        kinds=("currency", "currency pair"),
        scale=0.8,
        stress=0,
        price_shift=0,
        shift_factor=0.3,
        source="test",
    ),
    AssetClass(
        id="volatility index",
        kinds=("volatility index",),
        scale=25,
        stress=-1,
        price_shift=0,
        shift_factor=1,
        source="test",
    ),
    AssetClass(id="ETF", kinds=("ETF",), scale=3, stress=1, price_shift=-0.6, shift_factor=1, source="test"),
)
INSTRUMENTS = tuple(
    Instrument(id=name, name=name.upper(), kind=kind, asset_class=cls)
    for name, kind, cls in (
        ("coin", "crypto spot", "crypto spot"),
        ("fund", "ETF", "ETF"),
        ("usdjpy", "currency pair", "currency"),
        ("jpy", "currency", "currency"),
        ("share", "equity", "equity"),
        ("coinvol", "volatility index", "volatility index"),
    )
)
RELATIONS = (
    Relation(type="tracks", from_="fund", to="coin"),
    Relation(type="quoted_in", from_="usdjpy", to="jpy"),
    Relation(type="underlying", from_="coinvol", to="coin"),
)


def a_citation(origin: str) -> Citation:
    return Citation(document_id=f"doc_{origin}", origin=origin, source_id=f"src_{origin}", publisher=origin, title="t")


def a_fact(name: str, indicator: str, subject: str, value: Any, *, origin: str | None = None, **fields: Any) -> Fact:
    day = fields.pop("day", DAY)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": name,
        "key": f"case:{name}",
        "indicator": indicator,
        "subject": subject,
        "value": value,
        "unit": "percent",
        "statement": f"{name} was reported.",
        "valid_from": midnight,
        "valid_to": midnight + timedelta(days=1),
        "trade_date": day,
        "known_at": midnight + timedelta(days=1),
        "known_at_precision": "day",
        "grade": "A",
        "credibility": 1,
        "citation": a_citation(origin or name),
    }
    return Fact(**{**values, **fields})


def a_prediction(indicator: str, subject: str | None, direction: Any, **fields: Any) -> Prediction:
    return Prediction(indicator=indicator, subject=subject, direction=direction, **fields)


def a_narrative(name: str, *steps: Sequence[Prediction], **fields: Any) -> Narrative:
    made = tuple(
        Step(n=n, text=f"step {n}", key=f"{name}.{n}", predictions=tuple(predictions))
        for n, predictions in enumerate(steps, start=1)
    )
    return Narrative(**{"id": name, "title": name, "steps": made, "recorded_from": NOW, **fields})


def a_dossier(facts: Sequence[Fact], narratives: Sequence[Narrative], **fields: Any) -> Dossier:
    move = Move(
        id="case:move",
        instrument="coin",
        start=date(2030, 3, 11),
        end=DAY,
        valid_from=CLOSE - timedelta(days=1),
        valid_to=CLOSE,
        return_=-0.12,
        measure="close to close",
    )
    values: dict[str, Any] = {
        "case": "case",
        "move": move,
        "as_of": NOW,
        "as_at": NOW,
        "instruments": INSTRUMENTS,
        "actors": (Actor(id="holder", name="Holder", kind="hedge fund"),),
        "relations": RELATIONS,
        "facts": tuple(facts),
        "narratives": tuple(narratives),
        "indicators": INDICATORS,
        "asset_classes": CLASSES,
    }
    return Dossier(**{**values, **fields})
