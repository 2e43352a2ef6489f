"""An invented coin that fell, a fund of it and a pair that fell with it, as tables, in a graph and in a store."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from api.ask import make_ask
from api.explaining import explain_move
from api.gathering import Gathered, survey
from api.knowledge import Knowledge
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.tablemap import load_map
from ingest.tables import read_tables

COUNT = 500
LAST = date(2025, 12, 20)
MOVE = date(2025, 12, 12)
PLACE = COUNT - 1 - (LAST - MOVE).days
THINGS = {"newcoin": "crypto spot", "newfund": "ETF", "usdjpy": "currency pair", "jpy": "currency"}
CLOSE = datetime.combine(MOVE + timedelta(days=1), datetime.min.time(), UTC)


@dataclass(frozen=True, slots=True)
class World:
    """A graph and a store that hold the same series."""

    graph: GraphStore
    series: SeriesStore
    knowledge: Knowledge

    async def survey(self, **asked: Any) -> Gathered:
        return await survey(
            make_ask(**{"instrument": "newcoin", "on": MOVE.isoformat(), **asked}),
            self.graph,
            self.knowledge,
            self.series,
        )

    async def explain(self, **asked: Any) -> dict[str, Any]:
        ask = make_ask(**{"instrument": "newcoin", "on": MOVE.isoformat(), **asked})
        return await explain_move(ask, self.graph, knowledge=self.knowledge, series=self.series)


def walk(seed: int, size: float, jump: float) -> list[float]:
    """Prices whose log return on the day of the move is this."""
    returns = size * np.random.default_rng(seed).standard_t(4, COUNT)
    returns[PLACE] = jump
    found: list[float] = (100.0 * np.exp(np.cumsum(returns))).round(6).tolist()
    return found


def written(columns: dict[str, list[Any]]) -> str:
    """A table, one row a day."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["date", *columns])
    days = [LAST - timedelta(days=COUNT - 1 - i) for i in range(COUNT)]
    rows.writerows([day, *values] for day, *values in zip(days, *columns.values(), strict=True))
    return out.getvalue()


def a_file(name: str, *series: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One table of a day at its end, in UTC."""
    return {
        "file": name,
        "source": "invented for tests",
        "licence": "may_show",
        "made_at": datetime(2026, 1, 1, tzinfo=UTC),
        "date": "date",
        "clock": {"day": "UTC"},
        "series": list(series),
        **more,
    }


def a_series(column: str, subject: str, indicator: str, unit: str = "USD") -> dict[str, Any]:
    """One series of a table."""
    return {"column": column, "id": f"{subject}.{column}", "indicator": indicator, "subject": subject, "unit": unit}


def tables(folder: Path, *, volume: float, later: float) -> Path:
    """A coin that fell, a fund of it, a pair that fell with it; the fund's volume comes two days later.

    `volume` is that of the day of the move, `later` multiplies every price after it.
    """
    traded = [1000.0 + (i * 37) % 100 for i in range(COUNT)]
    traded[PLACE] = volume
    folder.mkdir(exist_ok=True)
    coin, pair = walk(1, 0.03, -0.15), walk(3, 0.004, -0.02)
    for prices in (coin, pair):
        prices[PLACE + 1 :] = [price * later for price in prices[PLACE + 1 :]]
    texts = {
        "coin.csv": {"price": coin},
        "pair.csv": {"price": pair},
        "fund.csv": {"price": [price * 0.5 for price in coin]},
        "volume.csv": {"volume": traded},
    }
    for name, columns in texts.items():
        (folder / name).write_text(written(columns), encoding="utf-8")
    mapping = {
        "instruments": [
            {"id": name, "name": name.upper(), "type": kind, "identifiers": {"ticker": name.upper()}}
            for name, kind in THINGS.items()
        ],
        "relations": [
            {"type": "tracks", "from": "newfund", "to": "newcoin"},
            {"type": "quoted_in", "from": "usdjpy", "to": "jpy"},
        ],
        "files": [
            a_file("coin.csv", a_series("price", "newcoin", "price level")),
            a_file("pair.csv", a_series("price", "usdjpy", "fx level", "JPY per USD")),
            a_file("fund.csv", a_series("price", "newfund", "price level")),
            a_file("volume.csv", a_series("volume", "newfund", "trading volume", "shares"), publication_lag="P2D"),
        ],
    }
    path = folder / "tables.map.yaml"
    path.write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    return path


async def a_world(
    store: GraphStore, knowledge: Knowledge, folder: Path, *, volume: float = 9000.0, later: float = 1.0
) -> World:
    """The tables of a folder, taken in."""
    series = SeriesStore(folder / "series")
    with read_tables(load_map(tables(folder, volume=volume, later=later)), [folder], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
    return World(store, series, knowledge)


def by_series(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The items of evidence that series gave for the day of the move, by series."""
    day = MOVE.isoformat()
    return {one["series"]["id"]: one for one in told["evidence"] if one["series"] and one["window"] == day}


def posteriors(told: dict[str, Any]) -> dict[str, float]:
    """Of each narrative, and of something else."""
    return {one["id"]: one["posterior"] for one in told["narratives"]} | {"unknown": told["unknown"]["posterior"]}
