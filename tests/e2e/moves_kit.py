"""Two invented price series, a share with sessions and a coin without, each with one planted fall, in a graph."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from graph.endpoint import Endpoint
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.sessions import closes
from ingest.tablemap import load_map
from ingest.tables import read_tables

FIRST, LAST = date(2024, 1, 2), date(2024, 6, 28)
FALL = date(2024, 5, 15)  # a Wednesday
AFTER_HOLIDAY = date(2024, 5, 28)  # a Tuesday: on Monday New York was shut
LAG = timedelta(hours=2)
COMMAND = "import sys; from api.cli import main; sys.exit(main())"


def sessions() -> list[date]:
    """The days of the share: sessions of New York."""
    return sorted(closes("XNYS", FIRST, LAST))


def every_day() -> list[date]:
    """The days of the coin."""
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def prices(days: Sequence[date], fall: float, seed: int) -> list[float]:
    """Invented prices with a quiet walk, but for one fall."""
    changes = np.random.default_rng(seed).normal(0.0, 0.01, len(days))
    changes[0] = 0.0
    changes[list(days).index(FALL)] = np.log1p(fall)
    return [round(float(price), 6) for price in 100.0 * np.exp(np.cumsum(changes))]


def mapping() -> dict[str, Any]:
    """The mapping of both tables; `fund` tracks the coin and has no series."""

    def file(name: str, clock: dict[str, str], subject: str) -> dict[str, Any]:
        series = {"column": "close", "id": f"{subject}.close", "indicator": "price level", "subject": subject}
        return {
            "file": name,
            "source": "invented for tests",
            "made_at": datetime(2030, 1, 1, tzinfo=UTC),
            "date": "date",
            "clock": clock,
            "publication_lag": "PT2H",
            "series": [series | {"unit": "USD"}],
        }

    return {
        "instruments": [
            {"id": "acme", "name": "Acme", "type": "equity", "identifiers": {"symbol": "ACM"}},
            {"id": "daycoin", "name": "Day coin", "type": "crypto spot", "identifiers": {"symbol": "DAY/USD"}},
            {"id": "fund", "name": "Fund of day coin", "type": "ETF", "identifiers": {"ticker": "DAYF"}},
        ],
        "relations": [{"type": "tracks", "from": "fund", "to": "daycoin"}],
        "files": [file("acme.csv", {"calendar": "XNYS"}, "acme"), file("daycoin.csv", {"day": "UTC"}, "daycoin")],
    }


def write_folder(folder: Path, acme_fall: float = -0.12) -> Path:
    """The two tables and their mapping as files; gives the mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, days, fall, seed in (("acme", sessions(), acme_fall, 1), ("daycoin", every_day(), -0.2, 2)):
        rows = [f"{day},{price}" for day, price in zip(days, prices(days, fall, seed), strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["date,close", *rows]) + "\n", encoding="utf-8")
    path = folder / "tables.map.yaml"
    path.write_text(yaml.safe_dump(mapping(), sort_keys=False), encoding="utf-8")
    return path


async def ingest(store: GraphStore, data: Path, acme_fall: float = -0.12) -> SeriesStore:
    """Both tables in the graph and in the series store of a data folder."""
    series = SeriesStore(data / "series")
    path = write_folder(data / "tables", acme_fall)
    with read_tables(load_map(path), [path.parent], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
    return series


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The command as a process of its own, on the server under test, with a data folder of its own."""

    endpoint: Endpoint
    data: Path

    async def run(self, *words: str | Path, interrupt: bool = False) -> Done:
        """Run it to its end; with `interrupt` it is stopped, as by Ctrl-C, once it has answered a first line."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            COMMAND,
            *map(str, words),
            env=self._environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        first = b""
        if interrupt and process.stdout is not None:
            first = await process.stdout.readline()
            process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        return Done(code=process.returncode or 0, out=(first + out).decode(), err=err.decode())

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
        return kept | {
            "WHYMOVE_DATA": str(self.data),
            "WHYMOVE_GRAPH_URL": self.endpoint.url,
            "WHYMOVE_GRAPH_USER": self.endpoint.user,
            "WHYMOVE_GRAPH_PASSWORD": self.endpoint.password,
            "WHYMOVE_GRAPH_DATABASE": self.endpoint.database,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
