"""How long processes waited for a processor: without it a rate says little where other work is done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Turns(NamedTuple):
    """Seconds for which a thread ran, and for which it could have run and had to wait."""

    ran: float
    waited: float


def turns(pid: int) -> Mapping[str, Turns]:
    """The turns of each thread of a process until now; none where the system does not tell (it is not Linux)."""
    found: dict[str, Turns] = {}
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError, ValueError):  # a thread may end meanwhile
            ran, waited, _ = (thread / "schedstat").read_text().split()
            found[thread.name] = Turns(int(ran) / 1e9, int(waited) / 1e9)
    return found


def waited(before: Mapping[str, Turns], after: Mapping[str, Turns]) -> float:
    """Seconds for which the thread that ran the most between the two had to wait, the one that others wait for."""
    none = Turns(0.0, 0.0)
    busiest = max(after, key=lambda one: after[one].ran - before.get(one, none).ran, default=None)
    return 0.0 if busiest is None else after[busiest].waited - before.get(busiest, none).waited
