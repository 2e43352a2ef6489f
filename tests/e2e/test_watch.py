"""A move is explained when it has happened; what was lacking is fetched; a saved page is read like a fetched one."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.changes import Mark, changes_after
from api.explaining_fetched import explain_again
from api.ingesting import do_run, open_ledger
from api.knowledge import load_knowledge
from api.saving import new_saved
from api.settings import Settings
from api.watching import Watch
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.errors import InvalidWindowError, SourceChangedError
from ingest.sources import sample_payloads
from tests.connector_kit import Asked, Reply, playing

DAY = 86_400
TOTAL = "us_spot_btc_etfs.net_etf_flow.daily"


def falling(day: int) -> Any:
    """Candles of a quiet coin that lost a fifth on one day, for whatever span is asked for."""

    def answer(asked: Asked) -> Reply:
        start, end = (datetime.fromisoformat(asked.params[name]).timestamp() // DAY for name in ("start", "end"))
        rows: Sequence[Sequence[float]] = [
            [n * DAY, 1, 200, 100, 100 * math.exp(0.01 * math.sin(7.3 * n)) * (0.8 if n >= day else 1), 5]
            for n in range(int(start), int(end) + 1)
        ]
        return Reply(body=orjson.dumps(rows[::-1]))

    return answer


async def test_a_move_is_explained_once_when_it_has_happened(store: GraphStore, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    told: list[str] = []
    async with playing(falling(int(now.timestamp() // DAY) - 2)) as endpoint:
        settings = Settings(data=tmp_path, source_hosts={"coinbase.api": f"{endpoint.url}/api"})
        watch = Watch(
            instrument="btcusd",
            since=(now - timedelta(days=4)).date(),
            score=5.0,
            settings=settings,
            store=store,
            knowledge=load_knowledge(),
            sources=("coinbase",),
        )
        (found,) = await watch.look(now, told.append)
        asked = len(endpoint.asked)
        assert await watch.look(now, told.append) == []
        watch.seen.clear()
        assert await watch.look(now, told.append) == []
        assert len(endpoint.asked) == asked  # not due again
    assert found["move"]["instrument"] == "btcusd"
    assert found["move"]["end"] == (now - timedelta(days=2)).date().isoformat()
    assert any("btcusd moved -" in line for line in told)
    (change,) = await changes_after(store, Mark(recorded=now - timedelta(minutes=1)))
    assert change.data is not None
    assert change.data["explanation"] == found["id"]


async def test_what_was_lacking_is_fetched_and_the_move_explained_again(store: GraphStore, tmp_path: Path) -> None:
    now, told = datetime(2026, 2, 10, 23, 30, tzinfo=UTC), list[str]()
    page = sample_payloads("farside")[0].content
    first: dict[str, Any] = {
        "move": {"start": "2026-02-04", "end": "2026-02-05"},
        "narratives": [],
        "look_next": [{"indicator": "net ETF flow", "subject": "us_spot_btc_etfs"}],
    }
    async with playing(lambda _: Reply(body=page, content_type="text/html")) as endpoint:
        settings = Settings(data=tmp_path, source_hosts={"farside.farside": f"{endpoint.url}/f"})

        async def explain() -> dict[str, Any]:
            extent = SeriesStore(settings.series_root).extent(TOTAL)
            return {**first, "look_next": [] if extent is not None else first["look_next"]}

        async def again() -> dict[str, Any]:
            told.clear()
            return await explain_again(
                first, explain, settings=settings, store=store, knowledge=load_knowledge(), now=now, tell=told.append
            )

        assert (await again())["look_next"] == []
        assert told == [
            "fetching farside: net ETF flow of us_spot_btc_etfs",
            "no longer lacking: net ETF flow of us_spot_btc_etfs",
        ]
        endpoint.answer = lambda _: Reply(status=403, body=b"no")
        assert await again() is first
        assert "could not be fetched" in told[-1]


async def test_a_page_that_was_saved_is_read_like_one_that_was_fetched(store: GraphStore, tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path), datetime(2026, 3, 1, tzinfo=UTC)
    file = tmp_path / "flows.html"
    file.write_bytes(sample_payloads("farside")[0].content)
    saved_at = datetime(2026, 2, 10, 23, 30, tzinfo=UTC).timestamp()
    os.utime(file, (saved_at, saved_at))
    with closing(open_ledger(settings)) as ledger:
        run = new_saved("farside", file, settings, ledger, symbol="btc", now=now)
        done = await do_run(run.id, settings, ledger, store)
        assert (done.state, done.counters["values new"]) == ("succeeded", 10)
        extent = SeriesStore(settings.series_root).extent(TOTAL)
        assert extent is not None
        assert (extent.last, extent.count) == (datetime(2026, 2, 9, 21, tzinfo=UTC), 3)  # that day was not over
        with pytest.raises(InvalidWindowError, match="--symbol"):
            new_saved("farside", file, settings, ledger, symbol=None, now=now)
        file.write_text("<html><body>Just a moment...</body></html>")
        with pytest.raises(SourceChangedError, match="no table"):
            new_saved("farside", file, settings, ledger, symbol="btc", now=now)
        assert len(ledger.page()) == 1
