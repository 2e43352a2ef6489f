"""Checks of the structural model in an explanation over REST and by their own command, on both servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.checking import INSTALL
from api.knowledge import Knowledge, load_knowledge
from api.schemas_explanation import ExplanationBody
from causal.checkresults import EVERY, FAST
from graph.endpoint import Endpoint
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import got, refused, serving
from tests.e2e.series_world import a_world
from tests.e2e.test_case_with_series import CASE, a_case
from tests.e2e.test_commands_forecasts import Command
from tests.e2e.test_rest_later import ended

ASK = {"case": CASE}
BUDGET = 300.0


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def without_dowhy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that checks finds no DoWhy, as where the extra was not installed."""
    shadow = tmp_path / "without"
    shadow.mkdir()
    (shadow / "sitecustomize.py").write_text("import sys\nsys.modules['dowhy'] = None\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(shadow))


@pytest.fixture
async def client(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("WHYMOVE_CHECK_SECONDS", str(BUDGET))
    await a_world(store, knowledge, tmp_path)
    await store.upsert(load_case(a_case(tmp_path, [])).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def explained(client: httpx.AsyncClient, **body: Any) -> ExplanationBody:
    answer = await client.post("/v1/explanations", json={**ASK, **body}, timeout=120)
    assert answer.status_code == 201, answer.text
    return ExplanationBody.model_validate_json(answer.content)


async def test_fast_checks_come_with_the_explanation_within_the_budget_of_the_service(
    client: httpx.AsyncClient,
) -> None:
    told = (await explained(client, checks="fast", check_seconds=600)).checks
    assert told is not None
    assert (told.state, told.budget_s) == ("done", BUDGET)  # never more than the service allows
    assert {one.name for one in told.results} == set(FAST)
    assert "passed" in {one.outcome for one in told.results}


async def test_all_checks_are_a_job_whose_explanation_holds_their_results(client: httpx.AsyncClient) -> None:
    taken = await client.post("/v1/explain", json=ASK | {"checks": "all", "check_seconds": 0.01})
    assert taken.status_code == 202, taken.text
    assert "preference-applied" not in taken.headers
    job = await ended(client, taken.headers["location"])
    result = job["result"]
    assert isinstance(result, dict), job
    kept = ExplanationBody.model_validate(await got(client, result["location"]))
    assert kept.checks is not None
    assert {one.name for one in kept.checks.results} == set(EVERY)
    refused(await client.post("/v1/explanations", json=ASK | {"checks": "all", "store": False}), 422, "invalid_ask")
    refused(await client.post("/v1/explanations", json=ASK | {"checks": "slow"}), 422, "invalid_request")


@pytest.mark.usefixtures("without_dowhy")
async def test_without_dowhy_the_results_say_how_to_install_it(client: httpx.AsyncClient) -> None:
    waited = await client.post(
        "/v1/explanations", json=ASK | {"checks": "all"}, headers={"Prefer": "wait=60"}, timeout=90
    )
    assert waited.status_code == 201, waited.text
    checks = ExplanationBody.model_validate_json(waited.content).checks
    assert checks is not None
    assert (checks.state, checks.why) == ("not run", INSTALL)
    assert all(INSTALL in one.words for one in checks.results)


@pytest.mark.usefixtures("without_dowhy")
async def test_the_same_question_with_and_without_checks_is_kept_as_two(client: httpx.AsyncClient) -> None:
    clocks = dict.fromkeys(("as_of", "as_at"), datetime.now(UTC).isoformat())
    plain = await explained(client, **clocks)
    checked = await explained(client, **clocks, checks="fast", check_seconds=0.01)
    assert checked.checks is not None
    assert checked.checks.budget_s == 0.01
    assert plain.id != checked.id
    assert "checks" not in await got(client, f"/v1/explanations/{plain.id}")
    assert (await got(client, f"/v1/explanations/{checked.id}"))["checks"]["results"]


@pytest.mark.usefixtures("without_dowhy")
async def test_the_command_checks_a_case_and_a_move_by_its_key(
    client: httpx.AsyncClient,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    for name in ("url", "user", "password", "database"):
        monkeypatch.setenv(f"WHYMOVE_GRAPH_{name.upper()}", getattr(endpoint, name))
    run = Command(capfd)
    out, said = await run("checks", CASE, "--fast")
    assert [line.split()[0:2] for line in out.splitlines()[1:]] == [["not", "run"]] * len(FAST)
    assert INSTALL.replace("[", "").replace("]", "")[:20] in said
    by_key = json.loads((await run("checks", f"{CASE}:move", "--fast", "--json"))[0])
    assert by_key["move"]["id"] == f"{CASE}:move"
    assert [one["name"] for one in by_key["checks"]["results"]] == list(FAST)
    assert by_key["shares"]["nodes"]
    _, said = await run("checks", "nobody", code=2)
    assert "nobody" in said
