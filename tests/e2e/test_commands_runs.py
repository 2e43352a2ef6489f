"""`whymove ingest run` and what goes with it, and `whymove trace`, in one sitting, on both servers."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.cli import main
from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.connector_kit import Asked, Reply, playing

DAY, FIRST = 86_400, 1_767_225_600
SPAN = ("--symbol", "BTC-USD", "--since", "2026-01-01", "--until", "2026-02-09")
SERIES = "btcusd.price_level.coinbase_daily"


def candles(_asked: Asked) -> Reply:
    """Forty daily candles from 2026-01-01 on."""
    return Reply(body=orjson.dumps([[FIRST + n * DAY, 90, 110, 100, 100 + n, 5] for n in range(40)]))


def bytes_in(path: str) -> Any:
    """The JSON in a kept payload."""
    return json.loads(gzip.decompress(Path(path).read_bytes()))


Command = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture
def run(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """The command over the graph under test: what it answers, and what it says beside that."""
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    for name in ("url", "user", "password", "database"):
        monkeypatch.setenv(f"WHYMOVE_GRAPH_{name.upper()}", getattr(endpoint, name))

    async def command(*arguments: str, code: int = 0) -> tuple[str, str]:
        capfd.readouterr()
        found = await asyncio.to_thread(main, arguments)
        out, err = capfd.readouterr()
        assert found == code, err
        return out, " ".join(err.split())

    return command


async def test_a_source_is_fetched_traced_and_parsed_anew(
    store: GraphStore, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with playing(candles) as played:
        monkeypatch.setenv("WHYMOVE_SOURCE_HOSTS", json.dumps({"coinbase.api": f"{played.url}/api"}))
        out, _ = await run("ingest", "run", "coinbase", *SPAN, "--dry-run")
        assert out.startswith(f"GET {played.url}/api/products/BTC-USD/candles?granularity=86400&start=2026-01-01T00")
        assert not played.asked
        assert not (tmp_path / "runs.sqlite3").exists()
        out, err = await run("ingest", "run", "coinbase", *SPAN)
        assert re.search(r"values new +80", out)
        assert "storing: 1 of 1 payloads" in err
        asked = len(played.asked)
    name = re.search(r"run (coinbase-\w+)", err)
    assert name is not None
    out, _ = await run("ingest", "status")
    assert re.search(rf"{name[1]} +coinbase +succeeded +done +1 +1", out)
    assert "BTC-USD" in (await run("ingest", "status", name[1]))[0]
    assert "succeeded" in (await run("ingest", "cancel", name[1]))[1]
    out, _ = await run("ingest", "reparse", "coinbase")
    assert re.search(r"values new +0", out)
    assert len(played.asked) == asked
    out, _ = await run("trace", f"{SERIES}@2026-01-03")
    file = re.search(r"bytes +(\S+(?:\n +\S+)*)", out)
    assert re.search(r"says +102", out)
    assert file is not None
    assert bytes_in("".join(file[1].split()))[2][4] == 102
    assert "unknown" in (await run("trace", f"{SERIES}@1999-01-03", code=2))[1]
    assert "no source 'coinbas'" in (await run("ingest", "run", "coinbas", code=2))[1]
    assert re.search(r"coinbase +Coinbase Exchange candles +none +private_use", (await run("ingest", "sources"))[0])
