"""What sources answered, fetched by `whymove ingest run`, is read by an explanation: on both servers."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import load_knowledge
from graph.endpoint import Endpoint
from graph.store import GraphStore
from ingest.connecting import Window
from ingest.running import run_source
from ingest.sources import load_connector
from tests.connector_kit import NOTHING, Asked, Reply, playing, reach
from tests.e2e.moves_kit import Command
from tests.ingest_kit import means_in

FIRST, LAST, FALL = date(2025, 6, 1), date(2026, 2, 12), date(2026, 2, 5)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
MS, DAY = 1000, 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching(Command):
    """The command, with the hosts of sources at an endpoint."""

    hosts: dict[str, str]

    def _environment(self) -> dict[str, str]:
        return Command._environment(self) | {"WHYMOVE_SOURCE_HOSTS": json.dumps(self.hosts)}


@dataclass(frozen=True, slots=True)
class Market:
    """An invented coin that fell on one day, when the volatility of its options rose, and its futures were closed."""

    close: dict[date, float]
    volatility: dict[date, float]

    def answer(self, asked: Asked) -> Reply:
        """Coinbase, Deribit and the CFTC in one."""
        if asked.path.endswith("/candles"):
            since, until = (datetime.fromisoformat(asked.params[name]).date() for name in ("start", "end"))
            rows = [self._candle(day) for day in DAYS if since <= day <= until]
            return Reply(body=json.dumps(rows[::-1]).encode())
        if asked.path.endswith("/get_volatility_index_data"):
            rows = [[_start(day) * MS, 1, 1, 1, self.volatility[day]] for day in DAYS]
            if asked.params["resolution"] != "1D":
                rows = rows[-2:]
            return Reply(body=json.dumps({"result": {"data": rows, "continuation": None}, "testnet": False}).encode())
        if asked.path.endswith("/gpe5-46if.json"):
            return Reply(body=json.dumps([_report(day) for day in DAYS if day.weekday() == 1]).encode())
        return NOTHING

    def _candle(self, day: date) -> list[float]:
        price = self.close[day]
        return [_start(day), 0.99 * price, 1.01 * price, price, price, 10.0]


def a_market() -> Market:
    luck = random.Random(3)
    close, volatility, price, level = {}, {}, 1000.0, 50.0
    for day in DAYS:
        price *= 1 + luck.gauss(0, 0.01) - (0.15 if day == FALL else 0)
        level *= 1 + luck.gauss(0, 0.01) + (0.4 if day == FALL else 0)
        close[day], volatility[day] = round(price, 4), round(level, 4)
    return Market(close, volatility)


def _start(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _report(day: date) -> dict[str, str]:
    held = 1000 if day <= FALL else 700
    return {
        "report_date_as_yyyy_mm_dd": f"{day}T00:00:00.000",
        "cftc_contract_market_code": "133741",
        "open_interest_all": str(held + day.day),
        "lev_money_positions_long": "100",
        "lev_money_positions_short": str(held // 2 + day.day),
    }


async def test_a_move_is_explained_from_series_that_sources_answered(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    means = means_in(tmp_path, store, reach=reach())
    since, until = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (FIRST, LAST))
    async with playing(a_market().answer) as played:
        for name, symbol in (("coinbase", "BTC-USD"), ("cftc", "BTC")):
            run = means.ledger.add(name, "fetch", Window(since=since, until=until, symbols=(symbol,)))
            await run_source(run, played.source(name), load_connector(name), means)
        command = Fetching(endpoint=endpoint, data=tmp_path, hosts={"deribit.api": f"{played.url}/api"})
        words = ("--since", FIRST.isoformat(), "--until", LAST.isoformat(), "--symbol", "DVOL-BTC")
        done = await command.run("ingest", "run", "deribit", *words)
        assert done.code == 0, done.err
    told = await explain_move(
        make_ask(instrument="btcusd", on=FALL.isoformat()), store, knowledge=load_knowledge(), series=means.series
    )
    read = {(one["series"]["id"], one["window"]): one for one in told["evidence"]}
    assert read["dvol_btc.price_level.daily", FALL.isoformat()]["bin"] == 5
    kept = await store.read("MATCH (s:Series {id: 'dvol_btc.price_level.daily'}) RETURN s.provider, s.licence")
    assert kept.rows == (("deribit", "private_use"),)
    assert "cme_btc_futures.open_interest.weekly" in {series for series, _ in read}
