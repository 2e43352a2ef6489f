"""What callers have used of their limits, in a file that all workers, and the way of agents, map into their memory.

A kernel deals connections out to workers as it likes, so that a share of the limit for each would be another limit. The
file is a table of fixed size. Its lock is given back by the operating system when a worker dies; of the queries that a
worker ran or let wait, each counts in a column of its own, which is emptied once that worker is gone.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.exclusive import held

FILE = "limits-1.bin"  # another name for another form, so that no two versions map one file
MOST_WORKERS = 64
_OWNER = struct.Struct("<Qd")  # process id, when that process started
_SLOT = struct.Struct("<16sdd")  # who, requests held, when that was
_GROUPS, _IN_GROUP = 1024, 8
_HEAD = MOST_WORKERS * _OWNER.size
_RUNNING = _SLOT.size
_WAITING = _RUNNING + MOST_WORKERS
_SLOT_SIZE = _WAITING + MOST_WORKERS
_SIZE = _HEAD + _GROUPS * _IN_GROUP * _SLOT_SIZE


class LimitsTable:
    """The table of a data folder, and this process's column in it.

    Who asked longest ago is forgotten where there is no more room (8,192 callers, 8 of them to a group). The times are
    of the clock that all processes of a machine share (`time.monotonic`).
    """

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(data / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        with held(self._handle):
            if os.fstat(self._handle).st_size != _SIZE:
                os.write(self._handle, bytes(_SIZE))  # an empty table, on the disk: a hole could not be filled later
            self._map = mmap.mmap(self._handle, _SIZE)
            self._column = self._claim()

    def close(self) -> None:
        """Give the column back."""
        with held(self._handle):
            self._empty(self._column)
        self._map.close()
        os.close(self._handle)

    @contextmanager
    def slot(self, caller: str) -> Iterator[Slot]:
        """The slot of a caller, for this process alone while the block runs."""
        who = hashlib.blake2b(caller.encode(), digest_size=16).digest()
        with held(self._handle):
            yield Slot(map=self._map, at=self._place(who), column=self._column)

    def drop_the_dead(self) -> None:
        """Empty the columns of workers that are gone."""
        with held(self._handle):
            for column in range(MOST_WORKERS):
                pid, began = _OWNER.unpack_from(self._map, _owner_at(column))
                if pid and not _lives(pid, began):
                    self._empty(column)

    def _place(self, who: bytes) -> int:
        first = _HEAD + (int.from_bytes(who[:4], "little") % _GROUPS) * _IN_GROUP * _SLOT_SIZE
        places = range(first, first + _IN_GROUP * _SLOT_SIZE, _SLOT_SIZE)
        for at in places:
            if self._map[at : at + 16] == who:
                return at
        at = min(places, key=lambda one: (any(self._map[one + _RUNNING : one + _SLOT_SIZE]), self._asked_at(one)))
        self._map[at : at + _SLOT_SIZE] = _SLOT.pack(who, -1.0, 0.0).ljust(_SLOT_SIZE, b"\0")
        return at

    def _asked_at(self, at: int) -> float:
        _, held_, asked = _SLOT.unpack_from(self._map, at)
        return float(asked) if held_ >= 0 else 0.0

    def _claim(self) -> int:
        me = os.getpid()
        for column in range(MOST_WORKERS):
            pid, began = _OWNER.unpack_from(self._map, _owner_at(column))
            if not pid or not _lives(pid, began):
                self._empty(column)
                _OWNER.pack_into(self._map, _owner_at(column), me, psutil.Process(me).create_time())
                return column
        raise OSError(f"{MOST_WORKERS} processes use {FILE} of the data folder already; end some of them")

    def _empty(self, column: int) -> None:
        _OWNER.pack_into(self._map, _owner_at(column), 0, 0.0)
        for at in range(_HEAD, _SIZE, _SLOT_SIZE):
            self._map[at + _RUNNING + column] = 0
            self._map[at + _WAITING + column] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What one caller has used: `bucket` of requests, queries that run and wait in all workers."""

    map: mmap.mmap
    at: int
    column: int

    @property
    def bucket(self) -> tuple[float, float]:
        """Requests held (below zero: never asked), and when that was."""
        _, held_, asked = _SLOT.unpack_from(self.map, self.at)
        return (-1.0, 0.0) if asked > time.monotonic() else (held_, asked)  # the machine has started anew since

    def keep(self, held_: float, asked: float) -> None:
        """Note how many requests are held now."""
        struct.pack_into("<dd", self.map, self.at + 16, held_, asked)

    @property
    def running(self) -> int:
        """Queries that run, in all workers."""
        return sum(self.map[self.at + _RUNNING : self.at + _WAITING])

    @property
    def waiting(self) -> int:
        """Queries that wait, in all workers."""
        return sum(self.map[self.at + _WAITING : self.at + _SLOT_SIZE])

    def count(self, *, running: int = 0, waiting: int = 0) -> None:
        """Add to what this process runs and lets wait."""
        for more, at in ((running, self.at + _RUNNING + self.column), (waiting, self.at + _WAITING + self.column)):
            self.map[at] = max(0, self.map[at] + more)


def _owner_at(column: int) -> int:
    return column * _OWNER.size


def _lives(pid: int, began: float) -> bool:
    try:
        found = psutil.Process(pid)
        return abs(found.create_time() - began) < 1.0 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
