"""What the service costs beside the least that could do the same, each pair in one run, in turns.

Reads of one resource beside an empty route of the framework; `/v1/cypher` beside the driver alone; an explanation
beside its parts, the mathematics and the reads. Prints; decides nothing. The figure to trust is CPU: that of the whole
process tree of the service, without the graph's, for one request, the least of several rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from api.ask import make_ask
from api.attributing import first_of
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.explain import explain
from causal.model import Dossier
from causal.moveshares import share_out
from graph.endpoint import Endpoint
from graph.model import Limits, Table
from graph.server import Running, ensure_running, stop
from graph.store import DEFAULT_LIMITS, READER_POOL, GraphReader, open_store
from tests.benchmarks.empty_route import PATH
from tests.benchmarks.http_driver import Connection, drive, get, post
from tests.benchmarks.raw_reads import Cost, Statement, raw_cost, read_many
from tests.benchmarks.served import Served, serving, serving_nothing
from tests.bundled_graph import CASE, fill

ROUNDS, READS, CONNECTIONS = 4, 1500, 8
EXPLANATIONS = 8
QUERIES = {1: 400, 100: 300, 10_000: 10}
QUESTION = orjson.dumps({"case": CASE, "as_of": "2026-11-01", "store": False})
KEPT = orjson.dumps({"case": CASE, "as_of": "2026-11-01"})


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def cost_of(served: Served, requests: Sequence[bytes], count: int, connections: int, status: int = 200) -> Cost:
    """What one request takes."""
    cpu, wall = served.usage().cpu, time.perf_counter()
    driven = await drive(served.port, requests, count, connections)
    cpu, wall = served.usage().cpu - cpu, time.perf_counter() - wall
    assert set(driven.statuses) == {status}, driven.statuses
    return Cost(cpu=1e6 * cpu / count, wall=1e6 * wall / count)


def least(costs: Sequence[Cost]) -> Cost:
    """The least CPU and the least wall time of several rounds."""
    return Cost(cpu=min(one.cpu for one in costs), wall=min(one.wall for one in costs))


async def an_explanation(served: Served) -> str:
    """The id of an explanation that is kept."""
    connection = Connection(port=served.port)
    reply = await connection.ask(post("/v1/explanations", KEPT))
    connection.close()
    assert reply.status == 201, reply.body
    return str(orjson.loads(reply.body)["id"])


async def say_reads(served: Served) -> None:
    """Reads of one resource beside the empty route."""
    explanation = await an_explanation(served)
    paths = {
        "an explanation": f"/v1/explanations/{explanation}",
        "a template": "/v1/templates/T02",
        "an instrument": "/v1/instruments/btcusd",
        "an indicator": "/v1/indicators/price_level",
        "the health": "/healthz",
    }
    empty: list[Cost] = []
    found: dict[str, list[Cost]] = {name: [] for name in paths}
    async with serving_nothing(PATH) as nothing:
        for _ in range(ROUNDS):
            empty.append(await cost_of(nothing, [get(PATH)], READS, CONNECTIONS))
            for name, path in paths.items():
                found[name].append(await cost_of(served, [get(path)], READS, CONNECTIONS))
    base = least(empty)
    say(f"{'the empty route':<46}{base.cpu:9.0f} us CPU{base.wall:9.0f} us wall")
    for name, costs in found.items():
        one = least(costs)
        share = (
            f"{100 * base.cpu / one.cpu:6.0f} % of the empty route by CPU, {100 * base.wall / one.wall:.0f} % by wall"
        )
        say(f"{'GET ' + name + ' (target 70 %)':<46}{one.cpu:9.0f} us CPU{one.wall:9.0f} us wall{share}")


def rows_query(rows: int) -> str:
    """A statement of so many rows of five columns, which no plan can make cheaper."""
    return (
        f"UNWIND range(1, {rows}) AS n"
        " RETURN n AS number, n * 0.5 AS half, 'row ' + toString(n) AS name, n % 2 = 0 AS even, 'btcusd' AS of"
    )


async def say_cypher(served: Served, reader: Endpoint) -> None:
    """Analysts' Cypher beside the driver alone, and beside the driver and an empty route, one at a time."""
    async with serving_nothing(PATH) as nothing:
        empty = least([await cost_of(nothing, [get(PATH)], READS, 1) for _ in range(ROUNDS)])
    for rows, count in QUERIES.items():
        query = rows_query(rows)
        request = post("/v1/cypher", orjson.dumps({"query": query}))
        await drive(served.port, [request], 2, 1)
        ours, raw = [], []
        for _ in range(ROUNDS):
            raw.append(await raw_cost(reader, query, count, 1))
            ours.append(await cost_of(served, [request], count, 1))
        one, other = least(ours), least(raw)
        say(
            f"{f'POST /v1/cypher, {rows:,} rows (target 1.3)':<46}{one.cpu:9.0f} us CPU{one.wall:9.0f} us wall"
            f"{one.cpu / other.cpu:7.2f} x the driver's {other.cpu:.0f} by CPU, {one.wall / other.wall:.2f} x its"
            f" {other.wall:.0f} by wall; {one.cpu / (other.cpu + empty.cpu):.2f} x it and an empty route by CPU"
        )


class Listening(GraphReader):
    """A reader that keeps what it was asked."""

    heard: list[Statement]

    async def read(
        self, cypher: str, params: Mapping[str, object] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Table:
        """See `GraphReader`."""
        self.heard.append((cypher, params or {}))
        return await super().read(cypher, params, limits)


def core_us(dossier: Dossier, knowledge: Knowledge) -> float:
    """CPU microseconds of the mathematics of an explanation."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.process_time()
        groups = bind(knowledge.library, dossier)
        share_out(dossier, first_of(groups), knowledge.method)
        explain(dossier, groups, knowledge.method)
        best = min(best, time.process_time() - before)
    return 1e6 * best


async def say_explanations(served: Served, endpoint: Endpoint) -> None:
    """An explanation beside its parts; keeping one beside them."""
    reader, knowledge = Listening(endpoint, pool=READER_POOL), load_knowledge()
    reader.heard = []
    dossier = await gather(make_ask(case=CASE, as_of="2026-11-01"), reader, knowledge)
    await reader.close()
    reads = least([await read_many(endpoint, reader.heard, EXPLANATIONS, 1) for _ in range(ROUNDS)])
    core = core_us(dossier, knowledge)
    parts = core + reads.cpu
    say(
        f"parts of an explanation: core {core / 1e3:.1f} ms CPU, {len(reader.heard)} raw reads {reads.cpu / 1e3:.1f} ms"
    )
    for label, body, status in (("not kept (target 3)", QUESTION, 200), ("kept, with its writes", KEPT, 201)):
        request = post("/v1/explanations", body)
        one = least([await cost_of(served, [request], EXPLANATIONS, 1, status) for _ in range(ROUNDS)])
        say(
            f"{'POST /v1/explanations, ' + label:<46}{one.cpu / 1e3:9.1f} ms CPU{one.wall / 1e3:9.1f} ms wall"
            f"{one.cpu / parts:7.2f} x its parts"
        )


async def run(folder: Path, graph: Running, only: str | None) -> None:
    """All of it over one graph, or one part."""
    store = open_store(graph.service)
    await store.create_schema()
    await fill(store)
    await store.close()
    # as it is started by default, without a limit on callers; over the embedded server of the folder
    async with serving({"WHYMOVE_DATA": str(folder)}) as served:
        if only in {None, "reads"}:
            await say_reads(served)
        if only in {None, "cypher"}:
            await say_cypher(served, graph.analyst)
        if only in {None, "explanations"}:
            await say_explanations(served, graph.service)


def main() -> int:
    """Print the figures beside their targets; `--only reads`, `cypher` or `explanations` prints one part of them."""
    parser = argparse.ArgumentParser(description="what the service costs beside the least that could do the same")
    parser.add_argument("--only", choices=("reads", "cypher", "explanations"))
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            asyncio.run(run(folder, ensure_running(folder / "graph", keep=True), only))
        finally:
            stop(folder / "graph")
    return 0


if __name__ == "__main__":
    sys.exit(main())
