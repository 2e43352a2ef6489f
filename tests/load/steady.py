"""Sends mixed traffic: as fast as it is taken, to find the capacity, or at a rate that does not wait for the answers.

At a rate, latency counts from when a request was due, so that a server that stalls does not hide what it kept waiting.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.benchmarks.http_driver import Connection
from tests.load.traffic import Kind

MOST_AT_ONCE = 128


@dataclass(slots=True, kw_only=True)
class Seen:
    """What came back: statuses, 5xx and milliseconds by kind, samples of memory by second, the seconds it all took.

    `dropped` requests were never sent, `broken` ones got no answer.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: list[tuple[float, int]] = field(default_factory=list)
    dropped: int = 0
    broken: int = 0
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    def share_of(self, kind: str, share: float) -> float:
        """The milliseconds within which this share of the requests of a kind was answered."""
        found = sorted(self.ms[kind])
        return found[min(len(found) - 1, int(share * len(found)))]

    def slope(self, half: int) -> float:
        """Bytes a minute that memory grows by in the first or the second half of the time (0, 1), by least squares."""
        middle_one = len(self.memory) // 2
        points = self.memory[middle_one:] if half else self.memory[:middle_one]
        if len(points) < 2:
            return 0.0
        middle = sum(at for at, _ in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _ in points)
        return 60.0 * sum((at - middle) * size for at, size in points) / spread if spread else 0.0


async def as_fast_as_taken(port: int, kinds: Iterator[Kind], *, count: int, connections: int) -> Seen:
    """Send `count` requests over so many connections, each when the one before is answered."""
    seen, loop, numbers = Seen(), asyncio.get_running_loop(), iter(range(count))
    began = loop.time()

    async def one() -> None:
        connection = Connection(port=port)
        for _ in numbers:
            await _ask(connection, next(kinds), loop.time(), seen)
        connection.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    seen.seconds = loop.time() - began
    return seen


async def at_a_rate(
    port: int, kinds: Iterator[Kind], *, rate: float, seconds: float, memory: Callable[[], int], seed: int = 7
) -> Seen:
    """Send requests at `rate` a second on average, at random instants, for so many seconds.

    What comes while `MOST_AT_ONCE` are unanswered is dropped and counted: the load is bounded whatever the server does.
    """
    seen, loop, chance = Seen(), asyncio.get_running_loop(), random.Random(seed)
    idle: list[Connection] = []
    running: set[asyncio.Task[None]] = set()
    began = due = loop.time()

    async def one(kind: Kind, when: float) -> None:
        connection = idle.pop() if idle else Connection(port=port)
        await _ask(connection, kind, when, seen)
        idle.append(connection)

    sampling = asyncio.create_task(_sample(seen, memory, began))
    try:
        while (due := due + chance.expovariate(rate)) < began + seconds:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if len(running) >= MOST_AT_ONCE:
                seen.dropped += 1
                continue
            task = asyncio.create_task(one(next(kinds), due))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
    finally:
        sampling.cancel()
        for connection in idle:
            connection.close()
    seen.seconds = loop.time() - began
    return seen


async def _ask(connection: Connection, kind: Kind, due: float, seen: Seen) -> None:
    try:
        reply = await connection.ask(kind.request)
    except (OSError, EOFError, TimeoutError):
        seen.broken += 1
        return
    seen.ms[kind.name].append(1000.0 * (asyncio.get_running_loop().time() - due))
    seen.statuses[reply.status] += 1
    if reply.status >= 500:
        seen.refused[kind.name] += 1


async def _sample(seen: Seen, memory: Callable[[], int], began: float) -> None:
    loop = asyncio.get_running_loop()
    while True:
        seen.memory.append((loop.time() - began, memory()))
        await asyncio.sleep(1.0)
