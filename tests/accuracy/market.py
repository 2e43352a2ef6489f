"""The real market series beside the project, through the real path (files -> store and graph), where they are present.

They are read where they lie and never copied; who has none sees the reason printed.
"""

from __future__ import annotations

from pathlib import Path

from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.tablemap import load_map
from ingest.tables import read_tables

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT.parent / "shared" / "data" / "market"
MAP = ROOT / "tests" / "data" / "market.map.yaml"


def missing() -> str | None:
    """Why the series cannot be had, or None."""
    return None if (DATA / "index.csv").is_file() else f"no market series beside the project (../{DATA.parent.name})"


async def load_market(graph: GraphStore, series: SeriesStore) -> int:
    """All of them into the store, and what they are about into the graph; how many there are."""
    with read_tables(load_map(MAP), [DATA], series, lambda _: None) as load:
        series.publish(load.staged)
        await graph.upsert(load.batch)
        return len(load.staged)
