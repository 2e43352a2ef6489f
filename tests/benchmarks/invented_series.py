"""Invented series for benchmarks: thirty daily ones that explanations ask for, and large hourly ones that none does.

They go the way of all tables: files and a mapping are written, read, published and put into the graph. Who is who comes
from the mapping of the market data, which carries no numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq
import yaml
from numpy.typing import NDArray

from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.tablemap import load_map
from ingest.tables import read_tables

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "tests" / "data" / "market.map.yaml"
MADE_AT = datetime(2026, 1, 2, tzinfo=UTC)
LAST = date(2025, 12, 31)
FALL = date(2025, 11, 5)
TEN_YEARS = 3_653
MOVED = "btcusd"
ASKED: Mapping[str, str] = {
    "price level": "btcusd ethusd ibit mstr coin spx ndx nikkei igv gold silver cme_btc_futures dvol_btc vix",
    "fx level": "usdjpy eurusd audjpy usdmxn dxy",
    "yield level": "ust2 ust10 jgb2",
    "trading volume": "btcusd ibit cme_btc_futures",
    "open interest": "binance_btc_perp cme_btc_futures",
    "funding rate": "binance_btc_perp",
    "net ETF flow": "us_spot_btc_etfs",
    "positioning": "jpy_futures",
}
UNITS: Mapping[str, str] = {"yield level": "percent", "funding rate": "percent", "trading volume": "USD"}
OTHER_KINDS = ("equity", "crypto token", "futures", "government bond")
Array = NDArray[np.float64]


def asked_series() -> list[tuple[str, str]]:
    """(indicator, subject) of each of the thirty."""
    return [(indicator, subject) for indicator, subjects in ASKED.items() for subject in subjects.split()]


def numbers(indicator: str, common: Array, source: np.random.Generator) -> Array:
    """One value a day, which shares something with the factor `common` (T,)."""
    own = source.standard_t(4, len(common))
    if indicator in ("price level", "fx level"):
        size = 0.02 if indicator == "price level" else 0.004
        return np.round(100.0 * np.exp(np.cumsum(size * (0.6 * common + 0.6 * own))), 6)
    if indicator in ("trading volume", "open interest"):
        return np.round(1e6 * np.exp(0.2 * np.abs(common) + 0.02 * np.cumsum(own) + 0.1 * own), 2)
    if indicator == "yield level":
        return np.round(3.0 + 0.02 * np.cumsum(0.3 * common + 0.6 * own), 6)
    return np.round(0.3 * common + own, 6)


def daily_table(days: int) -> pa.Table:
    """So many days up to the last, one column a series; on the day of the fall the common factor falls far."""
    told = [LAST - timedelta(days=days - 1 - n) for n in range(days)]
    source = np.random.default_rng(days)
    common = source.standard_t(4, days)
    common[told.index(FALL)] = -7.0
    columns = {_column(*one): numbers(one[0], common, source) for one in asked_series()}
    return pa.table({"date": pa.array(told, pa.date32()), **columns})


def hourly_table(series: int, rows: int) -> pa.Table:
    """So many hours up to the last day, one column a series."""
    end = np.datetime64(LAST.isoformat(), "s")
    at = end - np.timedelta64(3600, "s") * np.arange(rows - 1, -1, -1)
    source = np.random.default_rng(rows)
    paths = {
        f"other{n}": np.round(100.0 * np.exp(np.cumsum(0.004 * source.standard_normal(rows))), 6) for n in range(series)
    }
    return pa.table({"time": pa.array(at), **paths})


def _column(indicator: str, subject: str) -> str:
    return f"{subject}.{indicator.replace(' ', '_')}"


def _file(name: str, clock: dict[str, str], when: str, series: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "file": name,
        "source": "invented",
        "licence": "may_redistribute",
        "made_at": MADE_AT,
        when: when if when == "date" else "time",
        "clock": clock,
        "publication_lag": "PT1H",
        "series": series,
    }


def _entry(column: str, indicator: str, subject: str, every: str) -> dict[str, str]:
    unit = UNITS.get(indicator, "USD")
    return {
        "column": column,
        "id": f"{subject}.{indicator.replace(' ', '_')}.{every}",
        "indicator": indicator,
        "subject": subject,
        "unit": unit,
    }


async def ingest_asked(store: GraphStore, series: SeriesStore, folder: Path, days: int) -> int:
    """The thirty daily series over so many days; gives the rows stored. Again: they replace what was there."""
    world = yaml.safe_load(WORLD.read_text(encoding="utf-8"))
    entries = [_entry(_column(*one), *one, "daily") for one in asked_series()]
    mapping = {key: world[key] for key in ("instruments", "actors", "relations")}
    mapping["files"] = [_file("daily.csv", {"day": "UTC"}, "date", entries)]
    pv.write_csv(daily_table(days), folder / "daily.csv")
    return await _ingest(store, series, folder, mapping)


async def ingest_others(store: GraphStore, series: SeriesStore, folder: Path, count: int, rows: int) -> int:
    """Hourly prices of so many other things, which nothing relates to what moved; gives the rows stored."""
    things = [
        {"id": f"other{n}", "name": f"Other thing {n} (invented)", "type": OTHER_KINDS[n % len(OTHER_KINDS)]}
        | {"identifiers": {"symbol": f"OTHER{n}"}}
        for n in range(count)
    ]
    entries = [_entry(f"other{n}", "price level", f"other{n}", "hourly") for n in range(count)]
    clock = {"bar": "PT1H", "tz": "UTC", "label": "end"}
    mapping = {"instruments": things, "files": [_file("hourly.parquet", clock, "datetime", entries)]}
    pq.write_table(hourly_table(count, rows), folder / "hourly.parquet")
    return await _ingest(store, series, folder, mapping)


async def _ingest(store: GraphStore, series: SeriesStore, folder: Path, mapping: Mapping[str, Any]) -> int:
    path = folder / "tables.map.yaml"
    path.write_text(yaml.safe_dump(dict(mapping), sort_keys=False), encoding="utf-8")
    with read_tables(load_map(path), [folder], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
        return sum(report.rows for report in load.reports)
