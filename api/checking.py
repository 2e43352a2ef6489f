"""Asks for checks of the structural model in a process of its own, within a stated budget of seconds.

What is not done by the deadline is ended and told as not run; without DoWhy every check says how to install it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from api.checkworker import MISSING
from api.settings import environment_of_child
from causal.checkresults import EVERY, WHOLE_GRAPH, CheckAsk, CheckResult, not_run
from causal.moveshares import Shared

CheckState = Literal["done", "cut short", "not run"]
INSTALL = "DoWhy is not installed; pip install 'whymove[causal]'"
WORKER = (sys.executable, "-m", "api.checkworker")
MOST_DRIVERS = 4
LEAST_SHARE = 0.01  # of the move, below which a driver is not checked
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
_TAIL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The results in the order in which they were done, and whether all that was asked was done within `budget_s`."""

    state: CheckState
    budget_s: float
    results: tuple[CheckResult, ...]
    why: str | None = None


def ask_about(shared: Shared, checks: Sequence[str] = ()) -> CheckAsk | None:
    """What is to be checked of the joint graph of a move; None where it has no shares."""
    graph, found = shared.graph, shared.answer.attribution
    if graph is None or found is None:
        return None
    moved = [one for one in found.nodes if one.node != graph.target and abs(one.share) >= LEAST_SHARE * abs(found.move)]
    drivers = tuple(one.node for one in moved[:MOST_DRIVERS])
    columns = tuple(graph.history)
    rows = zip(*(graph.history[name].tolist() for name in columns), strict=True)
    return CheckAsk(
        edges=graph.edges,
        columns=columns,
        history=tuple(rows),
        day=dict(graph.day),
        target=graph.target,
        drivers=drivers,
        held=dict.fromkeys(drivers[:1], 0.0),
        split=len(graph.days) // 2,
        checks=tuple(checks),
    )


async def run_checks(
    ask: CheckAsk | None, seconds: float, command: Sequence[str] = WORKER, checks: Sequence[str] = ()
) -> Checks:
    """The results of a question, each as it was done by `command`, within so many seconds of wall time.

    Without a question the named `checks`, else all, are told as not run.
    """
    names = (checks or EVERY) if ask is None else (ask.checks or EVERY)
    if ask is None:
        why = "there are no shares to check"
        return Checks(state="not run", budget_s=seconds, results=_none(names, why), why=why)
    worker = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_of_child(**_THREADS),
        limit=2**24,
    )
    lines: list[dict[str, Any]] = []
    said: list[bytes] = []
    late = False
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(_tell(worker, ask), _listen(worker, lines), _overhear(worker, said))
            await worker.wait()
    except TimeoutError:
        late = True
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    return _summed(names, lines, seconds, _why(worker.returncode, lines, late, seconds, b"".join(said)))


async def _tell(worker: asyncio.subprocess.Process, ask: CheckAsk) -> None:
    assert worker.stdin is not None
    try:
        worker.stdin.write(orjson.dumps(ask))
        await worker.stdin.drain()
        worker.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended before it was asked; its own words say why


async def _listen(worker: asyncio.subprocess.Process, lines: list[dict[str, Any]]) -> None:
    assert worker.stdout is not None
    while line := await worker.stdout.readline():
        lines.append(orjson.loads(line))


async def _overhear(worker: asyncio.subprocess.Process, said: list[bytes]) -> None:
    """Keep the end of what it prints, and never let it wait for a reader."""
    assert worker.stderr is not None
    while part := await worker.stderr.read(65_536):
        said[:] = [(b"".join(said) + part)[-_TAIL:]]


def _why(code: int | None, lines: Sequence[Mapping[str, Any]], late: bool, seconds: float, said: bytes) -> str | None:
    if any(MISSING in line for line in lines):
        return INSTALL
    if late:
        return f"the budget of {seconds:g} seconds was over; give more"
    if code:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["no word"]
        return f"the process that checks ended with code {code}: {last[0]}"
    return None


def _summed(names: Sequence[str], lines: Sequence[Mapping[str, Any]], seconds: float, why: str | None) -> Checks:
    done = {line["check"]: [CheckResult(**one) for one in line["results"]] for line in lines if "check" in line}
    results = [one for found in done.values() for one in found]
    left = [name for name in names if name not in done]
    state: CheckState = "done" if not left else "cut short" if done else "not run"
    missing = _none(left, why or "it was not reached")
    return Checks(state=state, budget_s=seconds, results=(*results, *missing), why=why)


def _none(names: Sequence[str], why: str) -> tuple[CheckResult, ...]:
    return tuple(not_run(name, WHOLE_GRAPH, why) for name in names)
