"""With the flow table loaded, the article's figure for 5 February is recognised as that of the day after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import load_knowledge
from graph.reading import Clocks, ask
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.casefile import bundled_cases, load_case
from ingest.checkreading import read_world
from ingest.settling import read_disputes, settle, settlement_batch
from ingest.storing import settle_figures, store_document
from ingest.tablemap import load_map
from ingest.tables import read_tables
from tests.bundled_graph import the_documents

ROOT = Path(__file__).parents[2]
MARKET = ROOT.parent / "shared" / "data" / "market"
CASE = next(path for path in bundled_cases() if path.stem.startswith("2026-02-05"))
FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOW = Clocks(as_of=FAR, as_at=FAR)
FLOW = {"instrument": "ibit", "indicator": "net_etf_flow"}


async def with_flows(store: GraphStore, folder: Path) -> SeriesStore:
    """The case and the flow table beside it."""
    await store.upsert(load_case(CASE).batch)
    return await flows(store, folder)


async def flows(store: GraphStore, folder: Path) -> SeriesStore:
    """The flow table, in the graph and in a store of series."""
    mapping: dict[str, Any] = yaml.safe_load((ROOT / "tests/data/market.map.yaml").read_text(encoding="utf-8"))
    mapping["files"] = [one for one in mapping["files"] if one["file"].endswith("etf_flows_btc_daily.csv")]
    path = folder / "flows.map.yaml"
    path.write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    series = SeriesStore(folder / "series")
    with read_tables(load_map(path), [MARKET], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
    return series


async def settled(store: GraphStore, series: SeriesStore | None) -> None:
    world, _ = await read_world(store, series, NOW)
    rows = await read_disputes(store, NOW)
    await store.upsert(settlement_batch(settle(rows, world), rows))


async def sides(store: GraphStore, as_of: datetime = FAR) -> list[dict[str, object]]:
    return await ask(store, "q05_which_reading", {**FLOW, "as_of": as_of, "as_at": FAR})


async def test_the_figure_of_5_february_is_that_of_the_day_after(store: GraphStore, tmp_path: Path) -> None:
    if not MARKET.is_dir():
        pytest.skip("the market data are not beside the repository")
    series = await with_flows(store, tmp_path)
    await settled(store, series)
    rows = await sides(store)
    assert {row["preferred"] for row in rows} == {f"{CASE.stem}:flow_feb5_ibit"}
    assert all("date_shift" in row["kinds"] for row in rows)
    assert {row["status"] for row in rows} == {"open"}
    why = str(rows[0]["why"])
    assert "flow_feb5_ibit: the series has this value on this day" in why
    assert "flow_feb5_ibit_seed has the value of 2026-02-06 (231.6, the series)" in why
    answer = await explain_move(make_ask(case=CASE.stem), store, knowledge=load_knowledge(), record=False)
    dispute = next(one for one in answer["disputes"] if one["preferred"] == "flow_feb5_ibit")
    assert "date_shift" in dispute["kinds"]


async def test_a_figure_of_a_document_alone_is_held_against_the_series(store: GraphStore, tmp_path: Path) -> None:
    if not MARKET.is_dir():
        pytest.skip("the market data are not beside the repository")
    series = await flows(store, tmp_path)
    (article,) = (one for one in the_documents() if "SRC-01" in one.file.document.aliases)
    await store_document(store, article)
    opened = await settle_figures(store, series)
    assert "net ETF flow of ibit, 2026-02-05: 230 USD million (TechFlow) or -175.3 (series)" in opened
    rows = await sides(store)
    assert {row["value"] for row in rows} == {230.0, -175.3e6}
    assert {row["preferred"] for row in rows} == {"series:net_etf_flow.ibit.2026-02-05"}
    assert all("date_shift" in row["kinds"] for row in rows)
    assert "inflow_money has the value of 2026-02-06 (231.6, the series)" in str(rows[0]["why"])
    assert await settle_figures(store, series) == ()
    assert await sides(store) == rows


async def test_an_earlier_answer_does_not_know_what_was_found_later(store: GraphStore, tmp_path: Path) -> None:
    if not MARKET.is_dir():
        pytest.skip("the market data are not beside the repository")
    await settled(store, await with_flows(store, tmp_path))
    assert {row["preferred"] for row in await sides(store)} != {None}
    before = datetime(2026, 2, 8, 12, tzinfo=UTC)  # a Sunday: the figure of Friday appears on Monday
    rows = await sides(store, before)
    assert rows
    assert all(row["preferred"] is None and "date_shift" not in row["kinds"] for row in rows)


async def test_reading_the_case_again_takes_nothing_back(store: GraphStore) -> None:
    await store.upsert(load_case(CASE).batch)
    await settled(store, None)
    rows = await sides(store)
    done = await store.upsert(load_case(CASE).batch)
    assert (done.created, done.corrected) == (0, 0)
    assert await sides(store) == rows
    await settled(store, None)
    assert await sides(store) == rows
