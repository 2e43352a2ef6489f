"""The processes that compute beside the service: what they answer, and what becomes of work when they go."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import structlog

import causal
from api.computeparts import Place
from api.computing import Computing
from api.errors import ComputingUnavailableError, InvalidAskError
from api.settings import Settings
from api.timing import PARTS
from graph.endpoint import Endpoint
from tests.compute_work import Die, Fail, Report, Wait, there

NOWHERE = Endpoint(url="bolt://127.0.0.1:1", user="", password="", database="")
BUNDLED = (Path(causal.__file__).parent / "templates" / "T01.yaml").read_text(encoding="utf-8")
PATIENCE = 120.0


def silent(_: str) -> None:
    """Tell nobody."""


@pytest.fixture
async def computing(tmp_path: Path) -> AsyncIterator[Computing]:
    """One process, over no graph."""
    opened = Computing(Place(settings=Settings(data=tmp_path, log_level="error"), endpoint=NOWHERE), 1)
    opened.start()
    async with asyncio.timeout(PATIENCE):
        yield opened
    await opened.close()


async def test_it_answers_with_steps_times_and_the_request_in_its_log(computing: Computing) -> None:
    steps: list[str] = []
    parts: dict[str, float] = {}
    token = PARTS.set(parts)
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        found = await computing.do(Report(), steps.append)
    PARTS.reset(token)
    assert found["pid"] in computing.pids()
    assert found["pid"] != os.getpid()
    assert found["bound"] == {"request_id": "req_1"}
    assert steps == ["first", "second"]
    assert set(parts) == {"queue", "looking"}
    assert psutil.Process(computing.pids()[0]).nice() > psutil.Process().nice()


async def test_a_template_that_is_added_is_seen_by_the_next_piece_of_work(computing: Computing, tmp_path: Path) -> None:
    before = (await computing.do(Report(), silent))["templates"]
    own = tmp_path / "templates"
    own.mkdir()
    (own / "OWN1.yaml").write_text(BUNDLED.replace("id: T01", "id: OWN1", 1), encoding="utf-8")
    after = (await computing.do(Report(), silent))["templates"]
    assert set(after) - set(before) == {"OWN1"}


async def test_an_error_comes_back_as_it_is_and_the_next_piece_is_done(computing: Computing) -> None:
    with pytest.raises(InvalidAskError) as refused:
        await computing.do(Fail(error=InvalidAskError("start", "missing")), silent)
    assert refused.value.field == "start"
    with pytest.raises(RuntimeError, match="ZeroDivisionError: by zero"):
        await computing.do(Fail(error=ZeroDivisionError("by zero")), silent)
    assert (await computing.do(Report(), silent))["pid"] in computing.pids()


async def test_work_whose_process_goes_is_given_out_once_more_and_no_oftener(
    computing: Computing, tmp_path: Path
) -> None:
    assert await computing.do(Die(counter=tmp_path / "once", times=1), silent) == 1
    with pytest.raises(ComputingUnavailableError):
        await computing.do(Die(counter=tmp_path / "often", times=9), silent)
    assert (tmp_path / "often").read_text(encoding="ascii") == "xx"
    assert (await computing.do(Report(), silent))["pid"] in computing.pids()
    assert computing.told() == {"running": 0.0, "waiting": 0.0, "ready": 1.0, "restarts": 3.0}


async def test_what_is_told_to_a_whole_group_leaves_its_work_be(computing: Computing, tmp_path: Path) -> None:
    done, running = tmp_path / "done", asyncio.Event()
    task = asyncio.create_task(
        computing.do(Wait(until=done, cancelled=tmp_path / "cancelled"), lambda _: running.set())
    )
    await running.wait()
    for one in (signal.SIGINT, signal.SIGTERM):
        os.kill(computing.pids()[0], one)
    done.touch()
    assert await task == "done"
    assert computing.restarts == 0


async def test_work_that_nobody_waits_for_is_cancelled(computing: Computing, tmp_path: Path) -> None:
    cancelled, running = tmp_path / "cancelled", asyncio.Event()
    task = asyncio.create_task(
        computing.do(Wait(until=tmp_path / "never", cancelled=cancelled), lambda _: running.set())
    )
    await running.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    await there(cancelled)
    assert computing.told()["running"] == 0.0


async def test_closed_it_leaves_no_process_and_tells_who_waits(computing: Computing, tmp_path: Path) -> None:
    running = asyncio.Event()
    waiting = asyncio.create_task(
        computing.do(Wait(until=tmp_path / "never", cancelled=tmp_path / "c"), lambda _: running.set())
    )
    await running.wait()
    pids = computing.pids()
    await computing.close()
    with pytest.raises(ComputingUnavailableError):
        await waiting
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_process_that_cannot_start_is_a_clear_refusal(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, log_level="error").model_copy(update={"log_level": "no such level"})
    computing = Computing(Place(settings=settings, endpoint=NOWHERE), 1)
    computing.start()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ComputingUnavailableError, match="did not start"):
            await computing.do(Report(), silent)
    await computing.close()
