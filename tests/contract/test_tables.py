"""Tables by a mapping, through the command and into both servers: whole or not at all, the same twice the same."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph.endpoint import Endpoint
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.casefile import bundled_cases, load_case
from ingest.tablemap import load_map
from ingest.tables import read_tables
from tests.minimal_tables import a_map, a_series, written
from tests.samples import whole_graph

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "ingest" / "examples"
MARKET = ROOT.parent / "shared" / "data" / "market"
COMMAND = "import sys; from api.cli import main; sys.exit(main())"
ABOUT = """
MATCH (s:Series)-[:OF_INDICATOR]->(i:Indicator), (s)-[:ABOUT]->(t:Instrument|Actor)
RETURN s.id AS series, i.name AS indicator, t.id AS subject, s.frequency AS frequency,
  s.count AS count, s.first AS first
ORDER BY series
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What the command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """The command on the server under test, with a folder of data of its own."""

    endpoint: Endpoint
    data: Path

    def run(self, *words: str | Path, **more: str) -> Done:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")} | {
            "WHYMOVE_DATA": str(self.data),
            "WHYMOVE_GRAPH_URL": self.endpoint.url,
            "WHYMOVE_GRAPH_USER": self.endpoint.user,
            "WHYMOVE_GRAPH_PASSWORD": self.endpoint.password,
            "WHYMOVE_GRAPH_DATABASE": self.endpoint.database,
        }
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", COMMAND, *map(str, words)],
            cwd=ROOT,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def series(self) -> SeriesStore:
        return SeriesStore(self.data / "series")


@pytest.fixture
def command(endpoint: Endpoint, tmp_path: Path) -> Command:
    return Command(endpoint, tmp_path / "data")


async def rows(store: GraphStore) -> list[dict[str, Any]]:
    return (await store.read(ABOUT)).records()


async def test_the_example_is_stored_as_the_command_says(store: GraphStore, command: Command) -> None:
    done = command.run("ingest", "table", EXAMPLES, "--map", EXAMPLES / "prices.map.yaml")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "series                             rows  first       last        left out",
        "example_fund.price_level.daily     5     2026-02-02  2026-02-06  0",
        "example_fund.trading_volume.daily  5     2026-02-02  2026-02-06  0",
    ]
    values = await command.series().read("example_fund.price_level.daily")
    assert values.value.tolist() == [101.5, 103.0, 102.25, 93.0, 95.75]
    kept = await rows(store)
    assert [(one["indicator"], one["subject"], one["frequency"], one["count"]) for one in kept] == [
        ("price level", "example_fund", "P1D", 5),
        ("trading volume", "example_fund", "P1D", 5),
    ]
    assert kept[0]["first"].isoformat() == "2026-02-02T21:00:00+00:00"


async def test_the_same_twice_changes_nothing(store: GraphStore, command: Command) -> None:
    for _ in range(2):
        done = command.run("ingest", "table", EXAMPLES / "prices.csv", "--map", EXAMPLES / "prices.map.yaml")
        assert done.code == 0, done.err
    assert " 0 created" in done.err
    assert " 0 corrected" in done.err
    assert len(await rows(store)) == 2


async def test_a_bad_value_in_the_last_file_stores_nothing_of_the_first(store: GraphStore, command: Command) -> None:
    folder = command.data.parent
    (folder / "prices.csv").write_text("date,close\n2024-07-02,1\n", encoding="utf-8")
    (folder / "more.csv").write_text("date,close\n2024-07-02,what\n", encoding="utf-8")
    data = a_map()
    data["files"] += a_map(file="more.csv", series=[a_series(id="acme.more")])["files"]
    before = await whole_graph(store)
    done = command.run("ingest", "table", folder, "--map", written(folder, data))
    assert done.code == 2
    assert "more.csv: line 2, column close: 'what' is no number" in done.err
    assert (done.out, command.series().names()) == ("", ())
    assert await whole_graph(store) == before


async def test_without_a_graph_no_series_appears(command: Command) -> None:
    words = ("ingest", "table", EXAMPLES, "--map", EXAMPLES / "prices.map.yaml")
    done = command.run(*words, WHYMOVE_GRAPH_URL="bolt://127.0.0.1:1")
    assert done.code == 3, done.err
    assert command.series().names() == ()


def test_what_is_not_there_is_said(command: Command) -> None:
    folder = command.data.parent
    done = command.run("ingest", "table", folder / "none.csv", folder, "--map", EXAMPLES / "prices.map.yaml")
    assert done.code == 2
    assert "none.csv: (file): there is no such file or folder" in done.err
    assert "'prices.csv' is in none of the folders given" in done.err


async def test_an_instrument_that_a_case_holds_is_the_same_node(store: GraphStore, tmp_path: Path) -> None:
    case = next(file for file in bundled_cases() if file.stem.startswith("2026-02-05"))
    await store.upsert(load_case(case).batch)
    series = SeriesStore(tmp_path / "series")
    with read_tables(load_map(EXAMPLES / "prices.map.yaml"), [EXAMPLES], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
    found = await store.read("MATCH (i:Instrument {id: 'btcusd'}) RETURN i.name AS name, count(*) AS n")
    assert found.records() == [{"name": "Bitcoin against the US dollar", "n": 1}]
    tied = "MATCH (:Observation)-[:ABOUT]->(:Instrument {id: 'btcusd'})<-[:TRACKS]-(f) RETURN DISTINCT f.id AS id"
    assert {"example_fund", "ibit"} <= {row["id"] for row in (await store.read(tied)).records()}


def test_the_market_data_are_taken_whole(tmp_path: Path) -> None:
    if not (MARKET / "index.csv").exists():
        pytest.skip("the market data are not beside the repository")
    store = SeriesStore(tmp_path / "series")
    tables = load_map(ROOT / "tests" / "data" / "market.map.yaml")
    with read_tables(tables, [MARKET], store, lambda _: None) as load:
        store.publish(load.staged)
    planned = {one.id for plan in tables.plans for block in plan.blocks.values() for one in block}
    assert set(store.names()) == planned == {one.id for one in load.reports}
    assert all("no session" not in note or note.startswith(("vix", "no_licence/nikkei")) for note in load.notes)
