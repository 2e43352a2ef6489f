"""What the recorded examples of the description are asked of: documents, checks, proposals of a model, a series.

Of it only the bundled case and its documents are real, and nothing is asked of other machines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from math import sin
from pathlib import Path

import orjson
from pydantic import SecretStr

from api.extracting import extract_file
from api.settings import Settings
from graph.reading import Clocks
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from ingest.documents import bundled_documents, load_document
from ingest.storing import settle_figures, store_document
from ingest.tablemap import load_map
from ingest.tables import read_tables

CASE = "2026-02-05-bitcoin-flash-crash"
FUND, FUND_DAY = "example_fund", date(2026, 2, 5)
SERIES = f"{FUND}.price_level.daily"
NOBODY = "http://127.0.0.1:9"  # the discard port of this machine, at which nobody answers
_EXAMPLES = Path(__file__).parents[1] / "ingest" / "examples"
_DAYS = 400
_MAP = f"""
instruments:
  - {{id: {FUND}, name: Example Fund (invented), type: ETF, identifiers: {{ticker: EXMPL}}}}
files:
  - file: fund.csv
    source: invented
    licence: may_redistribute
    date: date
    clock: {{day: UTC}}
    series:
      - {{column: close, id: {SERIES}, indicator: price level, subject: {FUND}, unit: USD}}
"""
_PROPOSED = {
    "quote": "fell 20 percent on Wednesday",
    "statement": "The shares lost a fifth.",
    "modality": "stated",
    "about": ["harbour_lines"],
    "indicator": "spot return",
    "at": "2026-03-04",
    "value": -20.0,
    "unit": "percent",
}


def example_settings(data: Path) -> Settings:
    """Settings of the service that is asked: sources are looked for where nobody answers."""
    return Settings(data=data, log_level="error", source_hosts={"coinbase.api": NOBODY})


async def fill(store: GraphStore, settings: Settings) -> None:
    """Add all of it."""
    for path in bundled_documents(CASE):
        await store_document(store, load_document(path))
    await settle_figures(store, None)
    world, _ = await read_world(store, None, Clocks.now())
    await store.upsert(check_batch(check_all(world.readings.values(), world)))
    await _add_proposals(store, settings)
    await _add_series(store, settings)


async def _add_proposals(store: GraphStore, settings: Settings) -> None:
    async with _model() as url:
        asks = {"extraction_url": url, "extraction_model": "example", "extraction_key": SecretStr("none")}
        text, meta = _EXAMPLES / "document.txt", _EXAMPLES / "document.yaml"
        await extract_file(store, settings.model_copy(update=asks), text, meta)


@asynccontextmanager
async def _model() -> AsyncIterator[str]:
    """The address of a chat-completions endpoint on this machine that always answers the same."""
    message = {"role": "assistant", "content": orjson.dumps({"proposals": [_PROPOSED]}).decode()}
    content = orjson.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(asked.partition("content-length: ")[2].partition("\r\n")[0]))
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + content)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _add_series(store: GraphStore, settings: Settings) -> None:
    table, mapping = settings.data / "fund.csv", settings.data / "fund.map.yaml"
    table.write_text("".join(_rows()), encoding="utf-8")
    mapping.write_text(_MAP, encoding="utf-8")
    series = SeriesStore(settings.series_root)
    with read_tables(load_map(mapping), [table], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)


def _rows() -> Iterator[str]:
    """A price that swings, and falls by a tenth on one day."""
    yield "date,close\n"
    first = FUND_DAY + timedelta(days=5 - _DAYS)
    for number in range(_DAYS):
        day = first + timedelta(days=number)
        fall = 0.9 if day >= FUND_DAY else 1.0
        yield f"{day},{(100 + 5 * sin(number / 9) + sin(number * number)) * fall:.2f}\n"
