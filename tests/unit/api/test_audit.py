"""The audit: one line an event whatever is in it, files that are turned over, and several that write to one."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

from api.audit import FILE, FOLDER, Audit


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_nothing_that_was_sent_can_forge_a_line(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    sent = 'x\n{"event": "call"}\r\u2028\x1b[2J\x00'
    audit.write("cypher", {"text": sent})
    audit.close()
    assert audit.file.read_bytes().count(b"\n") == 1
    (line,) = lines(audit.file)
    assert (line["event"], line["text"]) == ("cypher", sent)
    assert str(line["at"]).endswith("Z")


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    audit.write("call", {})
    audit.close()
    assert stat.S_IMODE(audit.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(audit.file.parent.stat().st_mode) == 0o700


def test_an_audit_that_writes_nothing_makes_nothing(tmp_path: Path) -> None:
    Audit(tmp_path).close()
    assert not (tmp_path / FOLDER).exists()


def test_files_are_turned_over_by_size_and_the_oldest_go(tmp_path: Path) -> None:
    audit = Audit(tmp_path, most_bytes=1000, kept=2)
    for number in range(60):
        audit.write("call", {"n": number, "more": "x" * 100})
    audit.close()
    files = sorted(audit.file.parent.glob(f"{FILE}*"))
    assert [file.name for file in files] == [FILE, f"{FILE}.1", f"{FILE}.2"]
    assert all(file.stat().st_size <= 1000 for file in files)
    kept = [line["n"] for file in (files[2], files[1], files[0]) for line in lines(file)]
    assert kept == list(range(60 - len(kept), 60))


def test_processes_that_share_a_file_lose_no_line(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from api.audit import Audit\n"
        "audit = Audit(Path(sys.argv[1]), most_bytes=20_000, kept=50)\n"
        "for n in range(500): audit.write('call', {'who': sys.argv[2], 'n': n})\n"
        "audit.close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("a", "b")]
    assert [process.wait(60) for process in started] == [0, 0]
    written = [line for file in (tmp_path / FOLDER).glob(f"{FILE}*") for line in lines(file)]
    assert sorted((str(line["who"]), line["n"]) for line in written) == [(who, n) for who in "ab" for n in range(500)]


def test_a_process_that_is_killed_loses_no_line(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from api.audit import Audit\n"
        "audit = Audit(Path(sys.argv[1]))\n"
        "for n in range(100): audit.write('call', {'n': n})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    assert [line["n"] for line in lines(tmp_path / FOLDER / FILE)] == list(range(100))


def test_a_line_that_a_full_disk_cut_spoils_none_after_it(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from api.audit import Audit\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "audit = Audit(Path(sys.argv[1]))\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))\n"
        "for n in range(30): audit.write('call', {'n': n})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "audit.write('call', {'n': 30})\n"
        "print(audit.lost)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True)
    *before, cut, last = (tmp_path / FOLDER / FILE).read_bytes().splitlines()
    assert [json.loads(line)["n"] for line in (*before, last)] == [*range(len(before)), 30]
    assert not cut.endswith(b"}")
    assert int(done.stdout.splitlines()[-1]) == 30 - len(before)


def test_a_line_that_cannot_be_written_fails_nobody_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    audit = Audit(tmp_path)
    audit.write("call", {})
    audit.close()
    assert audit.lost == 1
