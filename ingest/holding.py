"""Whether the process that holds something still lives: a process id alone proves nothing, ids are given again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process: its id, and when it started, in seconds since 1970."""

    pid: int
    created: float


def this_process() -> Holder:
    """The process that asks."""
    return Holder(pid=os.getpid(), created=psutil.Process().create_time())


_HELD: set[str] = set()


@contextmanager
def held_here(name: str) -> Iterator[None]:
    """This process holds something while the block runs, also where it could not be written down that it ended."""
    _HELD.add(name)
    try:
        yield
    finally:
        _HELD.discard(name)


def holds(holder: Holder | None, name: str) -> bool:
    """Whether a process that is written down as a holder still is one."""
    if holder is not None and holder.pid == os.getpid() and name not in _HELD:
        return False
    return is_alive(holder)


def is_alive(holder: Holder | None) -> bool:
    """Whether that very process runs now."""
    if holder is None:
        return False
    try:
        found = psutil.Process(holder.pid)
        return abs(found.create_time() - holder.created) < 1.0 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
