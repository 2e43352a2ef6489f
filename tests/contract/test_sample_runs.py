"""The samples of sources of markets and news, fetched and stored as a run does, on both servers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from graph.hashing import series_hash
from graph.store import GraphStore
from ingest.connecting import Window
from ingest.running import run_source
from ingest.sources import load_connector
from tests.connector_kit import Asked, Reply, playing, reach, samples_of
from tests.ingest_kit import hashes, means_in

# source: since, until (also the time at which it is asked), symbols, series and how many values of it
RUNS = {
    "binance": ("2026-02-10 00:00", "2026-02-10 03:30", "BTCUSDT", "btcusd.price_level.hourly_binance", 2),
    "binance_bulk": ("2026-01-01 00:00", "2026-02-06 12:00", "BTCUSDT-PERP", "binance_btc_perp.open_interest.5m", 2),
    "binance_futures": (
        "2026-02-10 00:00",
        "2026-02-10 12:00",
        "BTCUSDT",
        "binance_btc_perp.funding_rate.8h_latest",
        2,
    ),
    "cboe": ("2026-02-01 00:00", "2026-02-10 18:00", "VIX", "vix.price_level.daily", 3),
    "cftc": ("2026-01-01 00:00", "2026-02-10 12:00", "BTC", "cme_btc_futures.positioning.weekly", 3),
    "coinbase": ("2026-02-05 20:00", "2026-02-06 00:30", "BTC-USD-HOURS", "btcusd.price_level.coinbase_hourly", 3),
    "deribit": ("2026-02-08 00:00", "2026-02-10 12:00", "DVOL-BTC", "dvol_btc.price_level.daily", 2),
    "deribit_options": (
        "2026-02-10 00:00",
        "2026-02-10 23:45",
        "BTC-OPTIONS",
        "deribit_btc_options.put_call_skew.daily",
        1,
    ),
    "gdelt": ("2026-02-05 20:50", "2026-02-05 21:20", "bitcoin", "btcusd.news_coverage.gdelt", 1),
    "gdelt_doc": ("2026-02-05 18:00", "2026-02-06 00:00", "carry-trade", "usdjpy.news_coverage.gdelt_doc_carry", 2),
}

# what is fetched by the first adds all that the second has
DOORS = (("cftc_bulk", "cftc", ("BTC", "GOLD")), ("ecb_fx", "frankfurter", ("all",)))


async def test_samples_of_markets_and_news_are_stored_once_and_can_be_parsed_anew(
    store: GraphStore, tmp_path: Path
) -> None:
    means = means_in(tmp_path, store)
    again = []
    for name, (since, until, symbol, series, count) in RUNS.items():
        start, end = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (since, until))
        window = Window(since=start, until=end, symbols=(symbol,))
        async with playing(lambda asked, name=name: answer(name, asked)) as endpoint:
            source, connector = endpoint.source(name), load_connector(name)
            run = means.ledger.add(name, "fetch", window)
            done = await run_source(run, source, connector, replace(means, reach=reach(end)))
        assert done.state == "succeeded"
        extent = means.series.extent(series)
        assert extent is not None
        assert extent.count == count, series
        again.append((means.ledger.add(name, "reparse", window, means.payloads.ids(name)), source, connector))
    before = await hashes(means)
    for run, source, connector in again:
        await run_source(run, source, connector, means)
    assert await hashes(means) == before
    rows = (await store.read("MATCH (s:Series)-[:ABOUT]->() RETURN s.id")).rows
    assert {series for _, _, _, series, _ in RUNS.values()} <= {row[0] for row in rows}


async def test_what_two_doors_give_is_stored_once(store: GraphStore, tmp_path: Path) -> None:
    start, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 2, 10, 12, tzinfo=UTC)
    for first, second, symbols in DOORS:
        means = means_in(tmp_path / first, store, reach=reach(end))
        told = []
        for name in (first, second, first):
            async with playing(samples_of(name)) as endpoint:
                run = means.ledger.add(name, "fetch", Window(since=start, until=end, symbols=symbols))
                done = await run_source(run, endpoint.source(name), load_connector(name), means)
            values = (done.counters.get("values new", 0), done.counters.get("values revised", 0))
            told.append((values, await series_hash(means.series)))
        (added, whole), *others = told
        assert added[0] > 0
        assert others == [((0, 0), whole)] * 2, first


def answer(name: str, asked: Asked) -> Reply:
    """The samples of a source, and the checksum of each file that is one of them."""
    file = samples_of(name)(Asked(method="GET", path=asked.path.removesuffix(".CHECKSUM"), params={}, headers={}))
    if not asked.path.endswith(".CHECKSUM") or file.status != 200:
        return samples_of(name)(asked) if file.status == 200 else file
    return Reply(body=f"{hashlib.sha256(file.body).hexdigest()}  file.zip\n".encode(), content_type="text/plain")
