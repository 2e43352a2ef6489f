"""Jobs over a ledger in a file: their states, what survives a restart, and what several processes see of each other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.errors import LedgerUnavailableError, TooManyJobsError, UnknownResourceError
from api.jobs.runner import MOST_WAITING, JobRunner
from api.jobs.store import JobStore
from api.ledger import Ledger
from tests.jobs_kit import Counting, running, until


async def test_a_job_runs_to_its_end_and_tells_of_every_step(tmp_path: Path) -> None:
    async with running(tmp_path, Counting()) as runner:
        taken = await runner.submit("counting", {"to": 3}, "req_1")
        assert (taken.state, taken.attempts, taken.request_id) == ("queued", 0, "req_1")
        job = await runner.finished(taken.id, 20)
        events = await runner.jobs.events(job.id, 0)
    assert (job.state, job.result, job.done, job.total) == ("succeeded", {"counted": 3}, 3, 3)
    assert job.counters == {"counted": 3}
    assert job.created_at <= (job.started_at or 0) <= (job.finished_at or 0)
    assert [one.event for one in events] == ["progress", "progress", "progress", "done"]
    assert [one.seq for one in events] == [1, 2, 3, 4]
    assert events[-1].data == {"state": "succeeded"}


async def test_what_it_raises_is_its_problem(tmp_path: Path) -> None:
    async with running(tmp_path, Counting()) as runner:
        job = await runner.submit("counting", {"to": 5, "fail_at": 3}, "req_2")
        job = await runner.finished(job.id, 20)
    assert (job.state, job.result, job.place) == ("failed", None, {"at": 2})
    assert job.error is not None
    assert (job.error["code"], job.error["status"], job.error["request_id"]) == ("invalid_ask", 422, "req_2")
    assert job.error["instance"] == f"/v1/jobs/{job.id}"


async def test_a_job_that_was_running_goes_on_where_it_stood_after_a_restart(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    async with running(tmp_path, first) as runner:
        job = await runner.submit("counting", {"to": 4, "stop_at": 3}, "req_3")
        await until(runner, job.id, lambda one: one.done == 2)
    left = await JobStore(Ledger(tmp_path / "ledger.sqlite3")).get(job.id)
    assert (left.state, left.place) == ("queued", {"at": 2})
    second.go.set()
    async with running(tmp_path, second) as runner:
        job = await runner.finished(job.id, 20)
    assert (job.state, job.attempts, second.begun) == ("succeeded", 2, [2])


async def test_the_job_of_a_process_that_died_is_claimed_when_its_lease_ran_out(tmp_path: Path) -> None:
    time = [1_000.0]
    jobs = JobStore(Ledger(tmp_path / "ledger.sqlite3", lambda: time[0]))
    job = await jobs.add("counting", {"to": 1}, "req_4")
    claimed = await jobs.claim("dead", ["counting"], 30.0)
    assert claimed is not None
    assert claimed.id == job.id
    assert await jobs.claim("alive", ["counting"], 30.0) is None
    time[0] += 31.0
    again = await jobs.claim("alive", ["counting"], 30.0)
    assert again is not None
    assert again.attempts == 2
    assert await jobs.renew("dead", 30.0) == {}
    await jobs.finish("dead", job.id, "succeeded", result={})
    assert (await jobs.get(job.id)).state == "running"
    assert await jobs.claim("alive", ["another kind"], 30.0) is None


async def test_two_processes_never_run_one_job_at_a_time(tmp_path: Path) -> None:
    one, two = (JobStore(Ledger(tmp_path / "ledger.sqlite3")) for _ in range(2))
    for n in range(20):
        await one.add("counting", {"to": n}, "")
    claims = await asyncio.gather(*(store.claim(str(n), ["counting"], 30) for n in range(20) for store in (one, two)))
    ids = [job.id for job in claims if job is not None]
    assert len(ids) == len(set(ids)) == 20


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "by another process"])
async def test_a_running_job_can_be_cancelled(tmp_path: Path, elsewhere: bool) -> None:
    async with running(tmp_path, Counting()) as runner:
        job = await runner.submit("counting", {"to": 4, "stop_at": 3}, "req_5")
        await until(runner, job.id, lambda one: one.done == 2)
        other = JobStore(Ledger(tmp_path / "ledger.sqlite3"))
        await (other.cancel(job.id) if elsewhere else runner.cancel(job.id))
        job = await runner.finished(job.id, 20)
        assert (job.state, job.done, job.result) == ("cancelled", 2, None)
        assert (await runner.cancel(job.id)).state == "cancelled"
        with pytest.raises(UnknownResourceError):
            await runner.cancel("job_none")


async def test_a_waiting_job_is_cancelled_at_once_and_never_begun(tmp_path: Path) -> None:
    kind = Counting()
    async with running(tmp_path, kind, at_once=1) as runner:
        first = await runner.submit("counting", {"to": 4, "stop_at": 3}, "")
        second = await runner.submit("counting", {"to": 4}, "")
        await until(runner, first.id, lambda one: one.done == 2)
        assert (await runner.cancel(second.id)).state == "cancelled"
        kind.go.set()
        assert (await runner.finished(first.id, 20)).state == "succeeded"
        assert (await runner.jobs.get(second.id)).attempts == 0


async def test_no_more_run_at_once_than_are_allowed_the_oldest_first(tmp_path: Path) -> None:
    kind = Counting()
    async with running(tmp_path, kind, at_once=1) as runner:
        jobs = [await runner.submit("counting", {"to": 2, "stop_at": 1}, "") for _ in range(3)]
        await until(runner, jobs[0].id, lambda one: one.state == "running")
        assert [(await runner.jobs.get(job.id)).state for job in jobs[1:]] == ["queued", "queued"]
        kind.go.set()
        ends = [(await runner.finished(job.id, 20)).finished_at or 0.0 for job in jobs]
    assert ends == sorted(ends)


async def test_a_long_queue_takes_nothing_more(tmp_path: Path) -> None:
    jobs = JobStore(Ledger(tmp_path / "ledger.sqlite3"))
    runner = JobRunner(jobs, [])
    for _ in range(MOST_WAITING):
        await jobs.add("counting", {}, "")
    with pytest.raises(TooManyJobsError):
        await runner.submit("counting", {}, "")


async def test_jobs_are_listed_the_youngest_first_and_go_after_a_week(tmp_path: Path) -> None:
    time = [1_000.0]
    jobs = JobStore(Ledger(tmp_path / "ledger.sqlite3", lambda: time[0]))
    added = []
    for _ in range(3):
        time[0] += 1.0
        added.append(await jobs.add("counting", {}, ""))
    page = await jobs.page(state=None, kind=None, before=None, limit=2)
    assert [job.id for job in page] == [added[2].id, added[1].id]
    rest = await jobs.page(state="queued", kind="counting", before=(page[-1].created_at, page[-1].id), limit=2)
    assert [job.id for job in rest] == [added[0].id]
    assert await jobs.page(state="failed", kind=None, before=None, limit=9) == []
    assert await jobs.page(state=None, kind="ingest", before=None, limit=9) == []
    await jobs.cancel(added[0].id)
    time[0] += 7 * 86_400.0 + 1.0
    await jobs.add("counting", {}, "")
    with pytest.raises(UnknownResourceError):
        await jobs.get(added[0].id)
    assert await jobs.events(added[0].id, 0) == []
    assert (await jobs.get(added[1].id)).state == "queued"


async def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_made_by_looking(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    jobs = JobStore(Ledger(tmp_path / "file" / "ledger.sqlite3"))
    with pytest.raises(LedgerUnavailableError, match="data folder"):
        await jobs.add("counting", {}, "")
    empty = JobStore(Ledger(tmp_path / "ledger.sqlite3"))
    assert await empty.page(state=None, kind=None, before=None, limit=1) == []
    assert not empty.ledger.exists()
