"""The processes that work for the service: deaf to what is told to a whole group, and gone when their parent is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from graph.analysts import Analysts, QueryLimits
from graph.server import Running
from graph.watchdog import Watchdog

LIMITS = QueryLimits(rows=10, bytes=1_000, seconds=30.0)
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", sys.argv[1]], stdin=0)
print(child.pid, flush=True)
time.sleep(3600)
"""


def of_queries() -> list[psutil.Process]:
    """The processes beneath this one that run queries."""
    living = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in living if "graph.queryworker" in one.cmdline()]


async def test_a_terminal_that_interrupts_everybody_ends_no_process_of_queries(embedded: Running) -> None:
    analysts = Analysts(embedded.analyst, Watchdog(embedded.service))
    before = {one.pid for one in of_queries()}
    assert (await analysts.ask("RETURN 1 AS n", {}, LIMITS)).rows == [[1]]
    (worker,) = [one for one in of_queries() if one.pid not in before]
    for one in (signal.SIGINT, signal.SIGTERM):
        worker.send_signal(one)
    assert (await analysts.ask("RETURN 2 AS n", {}, LIMITS)).rows == [[2]]
    assert {one.pid for one in of_queries()} - before == {worker.pid}
    await analysts.close()
    assert not worker.is_running()


@pytest.mark.skipif(sys.platform != "linux", reason="reads in /proc what a process ignores")
@pytest.mark.parametrize("module", ["graph.queryworker", "api.computeworker", "api.checkworker"])
def test_it_goes_with_its_parent_though_its_pipe_stays_open(module: str) -> None:
    theirs, ours = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", PARENT, module], stdin=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    listens(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs([child], timeout=30)
    os.close(ours)
    assert not alive


def listens(child: psutil.Process) -> None:
    """Wait until a process knows its parent, and leaves signals to it."""
    both = 1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1
    for _ in range(1200):
        told = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
        ignored = next(line for line in told.splitlines() if line.startswith("SigIgn:"))
        if int(ignored.split()[1], 16) & both == both:
            return
        time.sleep(0.05)
    raise AssertionError("it does not leave signals to its parent")
