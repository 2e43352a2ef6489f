"""A small graph to forecast in: the minimal case, and readings of the turnover of its share by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from graph.model import Batch, Link, Node
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.minimal_case import told, written

CASE = "2026-03-12-example"
AUTHOR = "big_holder"
MADE = datetime(2026, 3, 16, 12, tzinfo=UTC)
DUE = date(2026, 3, 20)
MORE = "trading_volume(exmp) > 40 million shares"
STEP = f"{CASE}:sold.1"
EVIDENCE = f"{CASE}:volume"


async def with_case(store: GraphStore, folder: Path) -> None:
    """The minimal case with one story of one step."""
    await store.upsert(load_case(written(folder, lambda case: case.update(narratives=[told()]))).batch)


async def with_turnover(store: GraphStore, **by_day: float) -> None:
    """Readings of the turnover in million shares, by day of March 2026 (`d18=50.0`); known the day after."""
    nodes: list[Node] = []
    links: list[Link] = []
    for name, value in by_day.items():
        at = datetime(2026, 3, int(name[1:3]), tzinfo=UTC)
        key = f"later:{name}"
        properties = {
            "value": value,
            "unit": "million shares",
            "value_base": value * 1e6,
            "unit_base": "shares",
            "trade_date": at.date(),
            "valid_from": at,
            "valid_to": at + timedelta(days=1),
            "known_at": at + timedelta(days=1),
            "known_at_precision": "day",
        }
        nodes.append(Node(label="Observation", id=key, properties=properties))
        for kind, label, id_ in (("OF_INDICATOR", "Indicator", "trading_volume"), ("ABOUT", "Instrument", "exmp")):
            links.append(Link(type=kind, from_label="Observation", from_id=key, to_label=label, to_id=id_))
    await store.upsert(Batch(nodes=tuple(nodes), links=tuple(links)))
