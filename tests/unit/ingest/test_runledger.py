"""The ledger of runs and the store of payloads say what is wrong with their files, and lose nothing by it."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from ingest.bodies import Held
from ingest.connecting import Payload, Window
from ingest.errors import RunInUseError, RunLedgerError, UnknownRunError
from ingest.holding import this_process
from ingest.ledger import RunLedger
from ingest.payloads import PayloadStore, content_hash

AT = datetime(2026, 2, 1, tzinfo=UTC)
WINDOW = Window(since=AT, until=AT + timedelta(days=3), symbols=("A", "B"))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def a_payload(content: bytes = b"[1]", *, at: datetime = AT) -> Payload:
    return Payload(
        source="made",
        url="https://made.example/x",
        params=(("a", "1"),),
        fetched_at=at,
        status=200,
        content_type="application/json",
        body=Held(content),
        content_hash=content_hash(content),
        context={"symbol": "A"},
    )


def test_a_run_goes_through_its_phases(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    assert (run.state, run.phase, run.window, run.fetched) == ("queued", "fetching", WINDOW, 0)
    with ledger.holding(run):
        assert ledger.get(run.id).state == "running"
        assert ledger.fetched(run.id, "p1", "next") == 1
        assert ledger.get(run.id).cursor == "next"
        assert ledger.fetched(run.id, "p2", None) == 2
        assert ledger.get(run.id).phase == "checking"
        ledger.phase(run.id, "storing", {"points": 7})
        ledger.stored(run.id, 1, {"points": 7, "created": 3})
    found = RunLedger(tmp_path / "runs.sqlite3").get(run.id)
    assert (found.fetched, found.stored, found.counters) == (2, 1, {"points": 7, "created": 3})
    assert ledger.payloads(run.id, after=1) == ("p2",)
    assert found.state == "interrupted"


def test_runs_are_listed_page_by_page_the_youngest_first(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3", iter(range(1, 100)).__next__)
    assert ledger.page() == []
    with pytest.raises(UnknownRunError):
        ledger.get("none")
    ids = [ledger.add(name, "fetch", WINDOW).id for name in ("a", "b", "a")]
    first = ledger.page(limit=2)
    rest = ledger.page(limit=2, before=(first[-1].created_at, first[-1].id))
    assert [one.id for one in [*first, *rest]] == ids[::-1]
    assert [one.id for one in ledger.page(source="b")] == [ids[1]]


def test_one_source_is_held_once_and_another_beside_it(tmp_path: Path) -> None:
    ledger, other = RunLedger(tmp_path / "runs.sqlite3"), RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    with ledger.holding(run):
        with pytest.raises(RunInUseError, match=run.id), other.holding(other.add("made", "fetch", WINDOW)):
            pass
        with pytest.raises(RunInUseError):
            other.requeue(run.id)
        with other.holding(other.add("else", "fetch", WINDOW)):
            pass
    with other.holding(run):
        pass


def test_a_process_of_the_same_number_that_started_at_another_time_holds_nothing(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    me = this_process()
    with sqlite3.connect(tmp_path / "runs.sqlite3") as db:
        db.execute("INSERT INTO holder VALUES ('made', ?, 1, ?)", (run.id, me.created - 1e6))
    db.close()
    with ledger.holding(run):
        assert ledger.get(run.id).state == "running"


def test_a_source_that_another_process_holds_is_refused_until_it_ends(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with sqlite3.connect(tmp_path / "runs.sqlite3") as db:
            held = ("made", run.id, other.pid, psutil.Process(other.pid).create_time())
            db.execute("INSERT INTO holder VALUES (?, ?, ?, ?)", held)
        db.close()
        with pytest.raises(RunInUseError, match=f"by process {other.pid}"), ledger.holding(run):
            pass
        other.kill()
    with ledger.holding(run):
        pass


def test_a_queued_run_is_cancelled_at_once_and_can_wait_again(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    assert ledger.ask_cancel(run.id).state == "cancelled"
    assert ledger.requeue(run.id).state == "queued"
    with ledger.holding(run):
        assert ledger.ask_cancel(run.id).cancel


def test_another_form_of_the_ledger_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite3"
    RunLedger(path).add("made", "fetch", WINDOW)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(RunLedgerError, match=r"has the form 9, this program knows 1.*move the file away"):
        RunLedger(path).page()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM run").fetchone() == (1,)
    db.close()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunLedgerError, match="written to"):
        RunLedger(tmp_path / "file" / "runs.sqlite3").add("made", "fetch", WINDOW)
    with pytest.raises(RunLedgerError, match="then resume the run"):
        PayloadStore(tmp_path / "file").keep(a_payload())


def test_a_full_disk_is_said_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    ledger, store = RunLedger(tmp_path / "runs.sqlite3"), PayloadStore(tmp_path / "payloads")
    run = ledger.add("made", "fetch", WINDOW)
    kept = store.keep(a_payload())
    with files_of_at_most(64):
        with pytest.raises(RunLedgerError, match="make room"):
            ledger.fetched(run.id, kept.id, None)
        with pytest.raises(RunLedgerError, match="make room"):
            store.keep(a_payload(b"[1, 2, 3]"))
    assert ledger.get(run.id).fetched == 0
    assert store.ids("made") == (kept.id,)
    assert not list((tmp_path / "payloads").rglob(".*"))
    assert ledger.fetched(run.id, kept.id, None) == 1


def test_a_hold_that_could_not_be_given_back_on_a_full_disk_is_none(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "runs.sqlite3")
    run = ledger.add("made", "fetch", WINDOW)
    with ledger.holding(run):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with ledger.holding(run):
        assert ledger.get(run.id).state == "running"


def test_a_payload_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    kept = store.keep(a_payload(), etag='"x"')
    assert store.load(kept.id) == replace(a_payload(), first_at=AT)
    latest = store.latest("made", kept.question)
    assert latest is not None
    assert (latest.payload.id, latest.etag) == (kept.id, '"x"')


def test_the_same_bytes_again_only_move_the_time_and_others_stand_beside_them(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    first = store.keep(a_payload())
    again = store.keep(a_payload(at=AT + timedelta(days=1)))
    assert (again.id, again.known_at, again.fetched_at) == (first.id, AT, AT + timedelta(days=1))
    other = store.keep(a_payload(b"[2]", at=AT + timedelta(days=2)))
    assert store.ids("made") == (first.id, other.id)
    latest = store.latest("made", other.question)
    assert latest is not None
    assert latest.payload.content == b"[2]"


def test_bytes_that_changed_on_the_disk_are_no_payload(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    kept, other = store.keep(a_payload()), store.keep(a_payload(b"[2]"))
    store.file_of(kept).write_bytes(store.file_of(other).read_bytes())
    with pytest.raises(RunLedgerError, match="other bytes"):
        store.load(kept.id)
    store.file_of(kept).write_bytes(b"rubbish")
    with pytest.raises(RunLedgerError, match="fetch again"):
        store.load(kept.id)
    with pytest.raises(RunLedgerError, match="no payload"):
        store.load("made:000000000000000000000000:0000000000000000")
