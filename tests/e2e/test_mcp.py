"""`whymove mcp` as a process, asked by the SDK's own client over both of its transports."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.cli import main
from api.keystore import KeyStore
from graph.server import Running, stop
from tests.bundled_graph import CASE
from tests.mcp_kit import called, http_process, http_server, over_http, over_pipes, refused

DAY = {"instrument": "btcusd", "day": "2026-02-05", "as_of": "2026-02-14"}
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
TAKES = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


def settings_of(embedded: Running, data: Path, **more: str) -> dict[str, str]:
    reach = embedded.service
    graph = {"graph_url": reach.url, "graph_user": reach.user, "graph_password": reach.password}
    return {**graph, "graph_database": reach.database, "data": str(data), **more}


async def test_over_pipes_a_fresh_installation_answers_and_nothing_but_the_protocol_goes_out(tmp_path: Path) -> None:
    log = tmp_path / "errors.log"
    try:
        async with over_pipes(log, data=str(tmp_path / "data")) as client:  # it starts the graph server as a child
            why = await called(client, "explain", **DAY)
            assert why["move"] == f"{CASE}:move"
            first = why["stories"][0]["id"]
            assert (await called(client, "evidence", explanation=why["explanation"], story=first))["in_favour"]
            assert "unknown explanation" in await refused(client, "evidence", explanation="none", story="x")
    finally:
        stop(tmp_path / "data" / "graph")
    told = log.read_text(encoding="utf-8")
    assert told.count("mcp.call") == 3
    assert "Traceback" not in told


async def test_over_http_progress_is_told_and_an_answer_that_was_begun_outlives_the_end(
    embedded: Running, tmp_path: Path
) -> None:
    settings = settings_of(embedded, tmp_path, drain_seconds="0", grace_seconds="100")
    async with http_process(**settings) as (address, process), over_http(address) as client:
        await client.list_tools()  # by whose schemas the client checks the answer, when nobody can be asked any more
        told: list[str | None] = []

        async def hear(_: float, __: float | None, step: str | None) -> None:
            if not told:
                process.terminate()
            told.append(step)

        why = await called(client, "explain", hear, **DAY)
        assert why["move"] == f"{CASE}:move"
        assert {"gathering what is known", "keeping the explanation"} <= set(told)
        assert await process.wait() == 0


async def test_over_http_who_takes_no_stream_gets_json(embedded: Running, tmp_path: Path) -> None:
    async with http_server(**settings_of(embedded, tmp_path)) as address, httpx.AsyncClient() as plain:
        asked = {"name": "saved_queries", "_meta": {"progressToken": 1}}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
        answer = await plain.post(address, json=call, headers={**TAKES, "Accept": "application/json"})
        assert answer.headers["content-type"] == "application/json"
        assert len(answer.json()["result"]["structuredContent"]["items"]) == 30
        assert (await plain.post(address, json=call, headers={**TAKES, "Accept": "text/html"})).status_code == 406


async def test_over_http_the_same_tools_answer(embedded: Running, tmp_path: Path) -> None:
    async with http_server(**settings_of(embedded, tmp_path)) as address, httpx.AsyncClient() as plain:
        async with over_http(address) as client:
            assert [one["id"] for one in (await called(client, "saved_queries"))["items"]][-1] == "Q30"
            assert (await called(client, "search", text="nothing is called so"))["items"] == []
        assert (await plain.get(address)).status_code == 405
        assert (await plain.post(address, json=HELLO, headers=TAKES)).status_code == 200
        elsewhere = {**TAKES, "Origin": "https://elsewhere.example"}
        assert (await plain.post(address, json=HELLO, headers=elsewhere)).status_code == 403
        rebound = {**TAKES, "Host": "elsewhere.example"}
        assert (await plain.post(address, json=HELLO, headers=rebound)).status_code == 421
        assert (await plain.post(address, content=b"x" * 70_000, headers=TAKES)).status_code == 413


async def test_over_http_keys_are_those_of_rest(embedded: Running, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    reader, other = (keys.create("agent", [scope])[1] for scope in ("read", "judge"))
    settings = settings_of(embedded, tmp_path, auth="required")
    async with http_server(**settings) as address, httpx.AsyncClient() as plain:
        async with over_http(address, reader) as client:
            assert await called(client, "saved_queries")
        for key, status in ((None, 401), ("whymove_live_nothing", 401), (other, 403)):
            headers = TAKES if key is None else {**TAKES, "Authorization": f"Bearer {key}"}
            answer = await plain.post(address, json=HELLO, headers=headers)
            assert answer.status_code == status
            assert "Bearer" in answer.headers["www-authenticate"]


def test_a_port_goes_with_http(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "--port", "1"]) == 2
    assert "--http" in capsys.readouterr().err
