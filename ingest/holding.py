"""Whether the process that holds something still lives: a process id alone proves nothing, ids are given again."""

from __future__ import annotations

import os
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


def is_alive(holder: Holder | None) -> bool:
    """Whether that very process runs now."""
    if holder is None:
        return False
    try:
        found = psutil.Process(holder.pid)
        return abs(found.create_time() - holder.created) < 1.0 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
