"""The tools for agents over a real graph, on both servers: what they answer, and what they say of a wrong question."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from mcp.shared.exceptions import McpError
from mcp.types import TextResourceContents
from pydantic import AnyUrl

from api.mcp_tools import TOOLS
from graph.store import GraphStore
from tests.bundled_graph import CASE, fill, the_case
from tests.mcp_kit import called, in_memory, refused

MOST_BYTES = 60_000  # of one structured answer on the bundled case


async def test_an_agent_asks_why_and_then_what_stands_behind_it(store: GraphStore, tmp_path: Path) -> None:
    await store.upsert(the_case().batch)
    async with in_memory(store, tmp_path) as client:
        why = await called(client, "explain", instrument="btcusd", day="2026-02-05", as_of="2026-02-14")
        assert why["move"] == f"{CASE}:move"
        assert [story["rank"] for story in why["stories"]] == sorted(story["rank"] for story in why["stories"])
        assert 0 < why["something_else"] < 1
        assert why["as_of"].startswith("2026-02-15T00:00")
        assert all(len(story[side]) <= 3 for story in why["stories"] for side in ("against", "in_favour"))
        assert len(orjson.dumps(why)) < MOST_BYTES

        first = why["stories"][0]["id"]
        behind = await called(client, "evidence", explanation=why["explanation"], story=first)
        assert behind["posterior"] == why["stories"][0]["posterior"]
        assert all(item["bits"] < 0 for item in behind["against"])
        assert all(item["bits"] > 0 for item in behind["in_favour"])
        assert behind["in_favour"][:3] == why["stories"][0]["in_favour"]
        assert [step["n"] for step in behind["steps"]] == list(range(1, len(behind["steps"]) + 1))
        few = await called(client, "evidence", explanation=why["explanation"], story=first, limit=1)
        assert few["left_out"] == len(behind["against"]) + len(behind["in_favour"]) - 2 + behind["left_out"]

        gaps = await called(client, "data_gaps", move=why["move"], limit=3)
        assert len(gaps["items"]) == 3
        assert gaps["left_out"] > 0


async def test_an_agent_is_told_how_far_an_explanation_is(store: GraphStore, tmp_path: Path) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, step: str | None) -> None:
        told.append((done, total, step))

    async with in_memory(store, tmp_path) as client:
        await called(client, "explain", hear, instrument="btcusd", day="2026-02-05")
        steps = [step for _, _, step in told]
        assert [(done, total) for done, total, _ in told] == [(n, None) for n in range(1, len(told) + 1)]
        assert steps[0] == f"putting the bundled case {CASE} into the graph"
        assert steps[1] == "gathering what is known"
        assert steps[-1] == "keeping the explanation"

        told.clear()
        await called(client, "search", hear, text="IBIT")
        await called(client, "explain", instrument="btcusd", day="2026-02-05")  # nobody asks for progress
        assert told == []


async def test_an_agent_finds_names_disputes_and_saved_questions(store: GraphStore, tmp_path: Path) -> None:
    await fill(store)
    async with in_memory(store, tmp_path) as client:
        found = (await called(client, "search", text="IBIT"))["items"]
        assert (found[0]["kind"], found[0]["id"]) == ("instrument", "ibit")
        kinds = {one["kind"] for one in (await called(client, "search", text="bitcoin", limit=50))["items"]}
        assert {"instrument", "document"} <= kinds
        papers = await called(client, "search", text="bitwise advisor", kinds=["document"])
        assert {one["kind"] for one in papers["items"]} == {"document"}
        early = await called(client, "search", text="bitwise advisor", kinds=["document"], as_of="2020-01-01")
        assert early["items"] == []

        first = await called(client, "disputes", subject="ibit", limit=1)
        more = await called(client, "disputes", subject="ibit", limit=100, cursor=first["next_cursor"])
        keys = [row["key"] for row in (*first["items"], *more["items"])]
        assert len(keys) == len(set(keys)) > 1
        assert f"{CASE}:dispute.flow_feb5_ibit" in keys

        saved = (await called(client, "saved_queries"))["items"]
        assert [one["id"] for one in saved] == [f"Q{number}" for number in range(1, 31)]
        flows = {"indicator": "net_etf_flow", "instrument": "ibit"}
        rows = await called(client, "run_saved_query", query="Q5", parameters=flows, limit=2)
        assert rows["columns"] == saved[4]["columns"]
        assert len(rows["rows"]) == 2
        assert rows["left_out"] > 0
        gone = await called(client, "run_saved_query", query=saved[15]["name"], case=CASE)
        assert gone["query"] == "Q16"


async def test_a_wrong_question_is_told_what_to_do(store: GraphStore, tmp_path: Path) -> None:
    async with in_memory(store, tmp_path) as client:
        assert "say whose move" in await refused(client, "explain", day="2026-02-05")
        assert "day: 'lately' is neither a date" in await refused(client, "explain", instrument="x", day="lately")
        assert "lies in the future" in await refused(client, "search", text="x", as_of="2999-01-01")
        assert "not_in_graph" in await refused(client, "explain", instrument="no-such-thing", day="2020-01-02")
        assert "unknown explanation" in await refused(client, "evidence", explanation="exp_0", story="x")
        assert "unknown move" in await refused(client, "data_gaps", move="nothing")
        assert "start again without" in await refused(client, "disputes", cursor="bm90aGluZw")
        assert "unknown query" in await refused(client, "run_saved_query", query="MATCH (n) RETURN n")
        assert "did you mean template" in await refused(
            client, "run_saved_query", query="Q2", parameters={"templates": "T02"}
        )
        unknown = await refused(client, "search", text="x", txet="y")
        assert "txet: there is no such key; did you mean text?" in unknown
        assert "(arguments of search: text, kinds, limit, as_of, as_at)" in unknown
        assert "there are explain, evidence" in await refused(client, "cypher", query="RETURN 1")


async def test_the_library_and_the_catalogue_can_be_read(store: GraphStore, tmp_path: Path) -> None:
    async with in_memory(store, tmp_path) as client:
        listed = (await client.list_resources()).resources
        assert [str(one.uri) for one in listed] == ["whymove://templates", "whymove://indicators"]
        contents = [(await client.read_resource(one.uri)).contents[0] for one in listed]
        assert all(isinstance(one, TextResourceContents) for one in contents)
        templates, indicators = (json.loads(one.text) for one in contents if isinstance(one, TextResourceContents))
        assert {"T01", "T02"} <= {one["id"] for one in templates}
        assert any(one["name"] == "net ETF flow" for one in indicators)
        one = (await client.read_resource(AnyUrl("whymove://templates/T02"))).contents[0]
        assert isinstance(one, TextResourceContents)
        assert json.loads(one.text)["steps"]
        with pytest.raises(McpError, match="there is no resource"):
            await client.read_resource(AnyUrl("whymove://templates/none"))


async def test_every_tool_describes_what_it_takes_and_gives(store: GraphStore, tmp_path: Path) -> None:
    async with in_memory(store, tmp_path) as client:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
        for tool in listed:
            assert tool.inputSchema["additionalProperties"] is False
            assert tool.outputSchema is not None
            assert tool.outputSchema["type"] == "object"
            assert tool.annotations is not None
            assert tool.annotations.readOnlyHint is (tool.name != "explain")
            assert "cypher" not in json.dumps(tool.model_dump(mode="json")).lower()
