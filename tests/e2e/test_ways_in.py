"""One question over the three ways in gives one answer, on both servers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import load_knowledge
from api.schemas_explanation import ExplanationBody
from api.settings import Settings
from graph.endpoint import Endpoint
from graph.store import GraphStore
from ingest.casefile import load_case

CASE = "2026-02-05-bitcoin-flash-crash"
COMMAND = "import sys; from api.cli import main; sys.exit(main())"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command left behind."""

    code: int
    out: bytes
    err: str


Run = Callable[..., Awaitable[Done]]


@pytest.fixture
def run(endpoint: Endpoint, tmp_path: Path) -> Run:
    """The command, as a process of its own, on the server under test."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")} | {
        "WHYMOVE_DATA": str(tmp_path),
        "WHYMOVE_GRAPH_URL": endpoint.url,
        "WHYMOVE_GRAPH_USER": endpoint.user,
        "WHYMOVE_GRAPH_PASSWORD": endpoint.password,
        "WHYMOVE_GRAPH_DATABASE": endpoint.database,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    async def start(*arguments: str) -> Done:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            COMMAND,
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Done(code=process.returncode or 0, out=out, err=err.decode())

    return start


@pytest.fixture
async def rest(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API, in this process, on the server under test."""
    app = create_app(Settings(data=tmp_path, log_level="error"), store)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        yield client


async def by_function(store: GraphStore, question: dict[str, str]) -> dict[str, Any]:
    knowledge = load_knowledge()
    return await explain_move(
        make_ask(**question),
        store,
        knowledge=knowledge,
    )


def timeless(explanation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in explanation.items() if name != "took_ms"}


async def test_function_command_and_rest_give_equal_answers(
    store: GraphStore, run: Run, rest: httpx.AsyncClient, cases_folder: Path
) -> None:
    await store.upsert(load_case(cases_folder / f"{CASE}.yaml").batch)
    question = {
        "instrument": "btcusd",
        "on": "2026-02-05",
        "as_of": "2026-02-14T00:00:00Z",
        "as_at": datetime.now(UTC).isoformat(),
    }
    function = await by_function(store, question)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in question.items() if name != "instrument"]
    command = await run("explain", question["instrument"], *options, "--json")
    assert command.code == 0, command.err
    answer = await rest.post("/v1/explanations", json=question)
    assert answer.status_code == 201
    alias = await rest.post("/v1/explain", json=question | {"store": False})
    assert alias.status_code == 200
    ExplanationBody.model_validate_json(answer.content)
    expected = json.dumps(timeless(function), sort_keys=True)
    for body in (command.out, answer.content, alias.content):
        assert json.dumps(timeless(json.loads(body)), sort_keys=True) == expected
    kept = await rest.get(answer.headers["location"])
    assert kept.content == answer.content
    assert function["ask"]["case"] == CASE
    assert len(function["narratives"]) >= 9


def beginning(file: Path) -> str:
    return file.read_text(encoding="utf-8")[:100]


async def test_a_case_alone_will_do_and_a_bundled_one_is_put_into_an_empty_graph(
    store: GraphStore, run: Run, tmp_path: Path
) -> None:
    done = await run("explain", "--case", CASE)
    assert done.code == 0, done.err
    assert f"Put the bundled case {CASE} into the graph." in done.err
    text = done.out.decode()
    assert text.startswith("btcusd fell 13.20 % between 2026-02-04 and 2026-02-05")
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100
    report = Path(done.err.split("Report: ", 1)[1].strip())
    assert report.parent == tmp_path / "reports"
    assert beginning(report).startswith("# btcusd fell 13.20 %")
    again = await run("explain", "--case", CASE, "--no-store", "--md")
    assert "Put the bundled case" not in again.err
    assert "Report:" not in again.err
    assert again.out.startswith(b"# btcusd fell 13.20 %")


async def test_no_facts_for_the_window_is_an_answer_and_not_an_error(rest: httpx.AsyncClient, run: Run) -> None:
    await rest.post("/v1/explanations", json={"case": CASE, "store": False})
    body = {"instrument": "btcusd", "start": "2019-03-04", "end": "2019-03-05", "store": False}
    answer = await rest.post("/v1/explanations", json=body)
    assert answer.status_code == 200
    assert answer.json()["answer"].startswith("Not enough evidence")
    assert max(part["posterior"] for part in answer.json()["narratives"]) < 0.5
    done = await run("explain", "btcusd", "--start", "2019-03-04", "--end", "2019-03-05", "--no-store")
    assert done.code == 0, done.err
    assert b"Not enough evidence" in done.out


async def test_without_any_evidence_something_else_is_likeliest(rest: httpx.AsyncClient) -> None:
    await rest.post("/v1/explanations", json={"case": CASE, "store": False})
    body = {"instrument": "btcusd", "start": "2019-03-04", "end": "2019-03-05", "store": False}
    explanation = (await rest.post("/v1/explanations", json=body)).json()
    others = [part["posterior"] for part in explanation["narratives"]]
    assert explanation["unknown"]["posterior"] > 0.5 > max(others)


async def test_an_unknown_instrument_proposes_near_names_on_both_ways_in(rest: httpx.AsyncClient, run: Run) -> None:
    await rest.post("/v1/explanations", json={"case": CASE, "store": False})
    answer = await rest.post("/v1/explanations", json={"instrument": "btcusdd", "on": "2026-02-05"})
    assert answer.status_code == 404
    assert "btcusd" in answer.json()["errors"][0]["near"]
    done = await run("explain", "btcusdd", "--on", "2026-02-05")
    assert done.code == 2
    assert "did you mean btcusd" in done.err.splitlines()[-1]
    assert done.out == b""


async def test_a_file_with_one_bad_fact_stores_nothing_unless_told_to_leave_it_out(
    store: GraphStore, run: Run, cases_folder: Path, tmp_path: Path
) -> None:
    lines = (cases_folder / f"{CASE}.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    grade = next(n for n, line in enumerate(lines) if line.lstrip().startswith("grade:"))
    lines[grade] = lines[grade].split("grade:")[0] + "grade: Z\n"
    bad = tmp_path / f"{CASE}.yaml"
    bad.write_text("".join(lines), encoding="utf-8")
    refused = await run("ingest", "case", str(bad))
    assert refused.code == 2
    assert str(bad) in refused.err
    assert "facts[" in refused.err
    assert "Traceback" not in refused.err
    assert (await store.read("MATCH (c:Case) RETURN count(c) AS cases")).rows == ((0,),)
    done = await run("ingest", "case", str(bad), "--skip-bad")
    assert done.code == 0, done.err
    assert "left out: " in done.err
    assert (await store.read("MATCH (c:Case) RETURN count(c) AS cases")).rows == ((1,),)


async def test_analysts_ask_in_cypher_and_may_not_write(store: GraphStore, run: Run, cases_folder: Path) -> None:
    await store.upsert(load_case(cases_folder / f"{CASE}.yaml").batch)
    question = "MATCH (n:Narrative) WHERE n.slot = $slot RETURN n.id AS id ORDER BY id"
    table = await run("cypher", question, "--param", "slot=catalyst")
    assert table.code == 0, table.err
    assert f"{CASE}:tradfi_degrossing" in table.out.decode()
    answer = json.loads((await run("cypher", question, "--param", "slot=catalyst", "--json")).out)
    assert answer["fields"] == ["id"]
    assert [f"{CASE}:tradfi_degrossing"] in answer["values"]
    refused = await run("cypher", "CREATE (n:Instrument {id: 'made_up'})")
    assert refused.code == 2 or await _made_up(store) == 0
    assert await _made_up(store) == 0


async def _made_up(store: GraphStore) -> object:
    return (await store.read("MATCH (n:Instrument {id: 'made_up'}) RETURN count(n)")).rows[0][0]


@pytest.mark.parametrize("resource", ["events", "instruments", "narratives", "templates"])
async def test_pages_of_a_list_hold_every_row_once_in_one_order(
    store: GraphStore, rest: httpx.AsyncClient, cases_folder: Path, resource: str
) -> None:
    for name in (CASE, "2024-08-05-yen-carry-unwind"):
        await store.upsert(load_case(cases_folder / f"{name}.yaml").batch)
    whole = (await rest.get(f"/v1/{resource}", params={"limit": 500})).json()
    assert whole["next_cursor"] is None
    ids: list[str] = []
    query: dict[str, Any] = {"limit": 7, "as_at": whole["as_at"], "as_of": whole["as_of"]}
    while True:
        page = (await rest.get(f"/v1/{resource}", params=query)).json()
        ids += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert ids == [row["id"] for row in whole["items"]]
    assert len(set(ids)) == len(ids) > 7 or resource == "events"
