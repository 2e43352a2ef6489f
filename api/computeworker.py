"""Computes in a process of its own: `python -m api.computeworker`, given work over its standard input.

An explanation takes a tenth of a second of Python, during which a process answers nobody else. This one reads the graph
and the series by itself, so that only the answer's bytes cross the pipe. It ends with the service, when the pipe does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import structlog

from api.computeparts import Done, Failure, Order, Place, Ready, Stop, Told, framed
from api.graphs import open_series
from api.knowledge import Knowledge, load_knowledge
from api.logs import set_up_logs
from api.own_templates import OwnTemplates
from api.settings import Settings
from api.timing import PARTS
from graph.childprocess import live_as_child, next_message
from graph.store import GraphStore, open_store

if TYPE_CHECKING:
    from graph.series import SeriesStore

_log = structlog.get_logger("compute")


@dataclass(slots=True, kw_only=True)
class _Means:
    """The library, the graph and the series of this process."""

    settings: Settings
    store: GraphStore
    own: OwnTemplates
    knowledge: Knowledge
    _series: SeriesStore | None = None

    @classmethod
    def of(cls, place: Place) -> _Means:
        settings = place.settings
        knowledge = load_knowledge(recalibration=settings.recalibration)
        own = OwnTemplates.beside(knowledge, settings.templates_root)
        return cls(settings=settings, store=open_store(place.endpoint), own=own, knowledge=knowledge)

    async def graph(self) -> GraphStore:
        return self.store  # whose schema the service has made before it gives out work

    def series(self) -> SeriesStore | None:
        if self._series is None:
            self._series = open_series(self.settings)
        return self._series

    def look(self) -> None:
        """Take in what changed in the folder of own templates."""
        self.knowledge = self.own.looked_into(self.knowledge)


class _Worker:
    """Does what it is told to, all at once; whoever gives the work out knows how much that may be."""

    def __init__(self, means: _Means, send: Callable[[object], None]) -> None:
        self._means = means
        self._send = send
        self._running: dict[int, asyncio.Task[None]] = {}

    def take(self, message: object) -> None:
        """Take one message, in the event loop."""
        if isinstance(message, Order):
            self._running[message.number] = asyncio.create_task(self._do(message))
        elif isinstance(message, Stop) and message.number in self._running:
            self._running[message.number].cancel()

    async def _do(self, order: Order) -> None:
        parts: dict[str, float] = {}
        PARTS.set(parts)  # of this task alone
        structlog.contextvars.bind_contextvars(**order.bound)

        def tell(step: str) -> None:
            self._send(Told(number=order.number, step=step))

        try:
            self._means.look()
            answer = await order.work.run(self._means, tell)
            self._send(Done(number=order.number, answer=answer, parts=parts))
        except Exception as error:  # noqa: BLE001 - whoever asked has to be told, whatever it is
            self._send(Done(number=order.number, failure=Failure.of(error), parts=parts))
        finally:
            del self._running[order.number]


def _read(pipe: BinaryIO) -> object:
    content = next_message(pipe)
    return None if content is None else pickle.loads(content)


def _listen(pipe: BinaryIO, give: Callable[[object], object]) -> None:
    """Hand messages on; at the end of the pipe the service has gone, and nobody waits for what runs."""
    while (message := _read(pipe)) is not None:
        give(message)
    os._exit(0)


async def _work(place: Place, source: BinaryIO, send: Callable[[object], None]) -> None:
    worker, loop = _Worker(_Means.of(place), send), asyncio.get_running_loop()
    gc.collect()
    gc.freeze()  # what ships stays as it is; looking through it again takes longer than a small piece of work
    send(Ready())
    give = loop.call_soon_threadsafe
    threading.Thread(target=_listen, args=(source, lambda message: give(worker.take, message)), daemon=True).start()
    await asyncio.Event().wait()


def main() -> int:
    """Read where to work, then work until the pipe ends."""
    live_as_child()  # told to end, the service finishes first what runs here
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no message
    place = _read(sys.stdin.buffer)
    if not isinstance(place, Place):
        return 0
    set_up_logs(place.settings.log_format, place.settings.log_level)

    def send(message: object) -> None:
        sink.write(framed(message))
        sink.flush()

    asyncio.run(_work(place, sys.stdin.buffer, send))
    return 0


if __name__ == "__main__":
    sys.exit(main())
