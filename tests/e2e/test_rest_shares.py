"""Shares, suppositions and root causes over REST and in an explanation, on simulated series and on both servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.knowledge import Knowledge, load_knowledge
from api.rendering_markdown import to_markdown
from api.schemas_attributions import AttributionBody, CounterfactualBody, RootCausesBody
from api.schemas_explanation import ExplanationBody
from causal.checkresults import FAST
from causal.root_causes import rank_root_causes
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import every, got, refused, serving
from tests.e2e.series_world import MOVE, a_world
from tests.e2e.test_case_with_series import CASE, a_case

ASK = {"case": CASE}
BUDGET = 0.05


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
async def client(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("WHYMOVE_CHECK_SECONDS", str(BUDGET))
    await a_world(store, knowledge, tmp_path)
    await store.upsert(load_case(a_case(tmp_path, [])).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def posted(client: httpx.AsyncClient, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_move_is_shared_out_and_an_explanation_tells_the_same_shares(client: httpx.AsyncClient) -> None:
    body = AttributionBody.model_validate(await posted(client, "/v1/attributions", **ASK))
    shares = body.shares
    assert shares.move is not None
    assert shares.mean is not None
    assert shares.unexplained is not None
    total = sum(node.share for node in shares.nodes) + shares.unexplained.share
    assert total == pytest.approx(shares.move - shares.mean, abs=1e-9)
    assert [node.subject for node in shares.nodes] == ["usdjpy"]
    carry = next(one for one in shares.stories if one.narrative == "carry")
    assert carry.nodes == ["usdjpy spot return"]
    explanation = await posted(client, "/v1/explanations", 201, **ASK)
    told = ExplanationBody.model_validate(explanation)
    assert told.shares == shares
    assert told.checks is None
    report = to_markdown(explanation)
    assert "## Where the move came from" in report
    assert "usdjpy spot return" in report
    assert AttributionBody.model_validate(await got(client, "/v1/attributions", **ASK)).shares == shares
    again = await got(client, "/v1/attributions", instrument="newcoin", on=MOVE.isoformat(), narrative="carry")
    assert again["shares"]["edges"] == [{"cause": "usdjpy spot return", "effect": "newcoin"}]


async def test_a_graph_can_be_given_and_a_bad_one_is_refused(client: httpx.AsyncClient) -> None:
    found = await posted(client, "/v1/attributions", **ASK, graph=[["usdjpy", "newfund"], ["newfund", "newcoin"]])
    assert found["shares"]["edges"] == [
        {"cause": "newfund spot return", "effect": "newcoin"},
        {"cause": "usdjpy spot return", "effect": "newfund spot return"},
    ]
    for graph in ([["nobody", "newcoin"]], [["usdjpy", "newfund"]], [["usdjpy", "newcoin"], ["newcoin", "usdjpy"]]):
        answer = await client.post("/v1/attributions", json={**ASK, "graph": graph})
        refused(answer, 422, "invalid_graph")
    both = await client.post("/v1/attributions", json={**ASK, "graph": [["usdjpy", "newcoin"]], "narrative": "carry"})
    refused(both, 422, "invalid_ask")


async def test_checks_that_do_not_fit_into_their_budget_say_so_beside_the_shares(client: httpx.AsyncClient) -> None:
    found = AttributionBody.model_validate(await posted(client, "/v1/attributions", **ASK, checks="fast"))
    assert found.shares.move is not None
    assert found.checks is not None
    assert (found.checks.state, found.checks.budget_s) == ("not run", BUDGET)
    assert [one.name for one in found.checks.results] == list(FAST)
    assert "budget of 0.05 seconds was over" in str(found.checks.why)


async def test_a_supposition_is_answered_kept_and_found_by_the_question_of_analysts(
    client: httpx.AsyncClient, store: GraphStore
) -> None:
    explanation = await posted(client, "/v1/explanations", 201, **ASK)
    answer = await client.post("/v1/counterfactuals", json={**ASK, "narrative": "carry", "step": 1})
    assert answer.status_code == 201, answer.text
    body = CounterfactualBody.model_validate_json(answer.content)
    assert body.identifiable
    assert body.estimate is not None
    assert body.low is not None
    assert body.high is not None
    assert body.low <= body.estimate <= body.high
    kept = await got(client, answer.headers["location"])
    assert kept["estimate"] == body.estimate
    assert await every(client, "/v1/counterfactuals") == [{**kept, "explanation": explanation["id"]}]
    assert await every(client, "/v1/counterfactuals", explanation="exp_0") == []
    rows = await store.read(
        "MATCH (:Explanation {id: $id})<-[:VARIANT_OF]-(:Explanation)-[:UNDER]->(c:Scenario {kind: 'without_step'})"
        " MATCH (c)-[:ABOUT]->(s:Step), (c)-[:ABOUT]->(i:Instrument)"
        " RETURN c.estimate, c.low, c.high, c.identifiable, s.text, i.id",
        {"id": explanation["id"]},
    )
    assert rows.rows == ((body.estimate, body.low, body.high, True, "carry", "newcoin"),)


async def test_a_series_at_its_own_value_changes_nothing_and_what_cannot_be_known_says_why(
    client: httpx.AsyncClient,
) -> None:
    shares = (await posted(client, "/v1/attributions", **ASK))["shares"]
    value = shares["nodes"][0]["value"]
    same = await posted(client, "/v1/counterfactuals", **ASK, changes=[{"node": "usdjpy", "to": value}], store=False)
    assert (same["id"], same["estimate"]) == (None, pytest.approx(shares["move"], abs=1e-9))
    fund = await posted(client, "/v1/counterfactuals", **ASK, changes=[{"node": "newfund"}], store=False)
    assert not fund["identifiable"]
    assert "newfund" in fund["not_identifiable"]
    asked = {"narrative": "carry", "step": 1, "outcome": "newfund", "store": False}
    unknown = await posted(client, "/v1/counterfactuals", **ASK, **asked)
    assert (unknown["identifiable"], unknown["estimate"]) == (False, None)
    for body in (
        {},
        {"narrative": "carry"},
        {"narrative": "carry", "step": 9},
        {"narrative": "carry", "step": 1, "changes": [{"node": "usdjpy"}]},
    ):
        refused(await client.post("/v1/counterfactuals", json={**ASK, **body}), 422, "invalid_ask")
    refused(await client.get("/v1/counterfactuals/scn_nobody"), 404, "not_found")


async def test_root_causes_over_rest_are_those_of_the_function(client: httpx.AsyncClient) -> None:
    rng = np.random.default_rng(3)
    load = rng.normal(10.0, 1.0, 3000)
    normal = {"load": load, "latency": 2.0 * load + rng.normal(0, 1, 3000), "errors": rng.normal(0, 1, 3000)}
    normal["errors"] = normal["errors"] + normal["latency"]
    anomalous = {name: values[:40] + (25.0 if name != "load" else 0.0) for name, values in normal.items()}
    anomalous["load"][4] = np.nan
    edges = [("load", "latency"), ("latency", "errors")]
    tables = {
        name: {column: [None if np.isnan(v) else v for v in values.tolist()] for column, values in table.items()}
        for name, table in (("normal", normal), ("anomalous", anomalous))
    }
    body = {"graph": edges, "target": "errors", **tables}
    assert len(json.dumps(body)) > 128 * 1024  # more than other bodies may be
    found = RootCausesBody.model_validate(await posted(client, "/v1/root-causes", **body))
    own = rank_root_causes(edges, normal, anomalous, "errors")
    assert [(one.node, one.posterior) for one in found.nodes] == [(one.node, one.posterior) for one in own.nodes]
    assert found.nodes[0].node == "latency"
    refused(await client.post("/v1/root-causes", json={**body, "target": "nobody"}), 422, "invalid_graph")
    ragged = {**body, "normal": {"load": [1.0], "errors": [1.0, 2.0]}}
    refused(await client.post("/v1/root-causes", json=ragged), 422, "invalid_table")
