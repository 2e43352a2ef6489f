"""The service's end of a process that runs analysts' queries: started, given one order at a time, killed when late.

It hears the pipe itself and not through a stream, whose reader would be woken three times for an answer of one row.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from graph.endpoint import Endpoint
from graph.errors import QueryOverBudgetError
from graph.queryparts import LENGTHS, Failure, Order, Part, framed, read_part

_STDIN, _STDOUT = 0, 1
_MOST_BYTES = 64 * 2**20  # of one part: beyond what any may have


class QueryProcess(asyncio.SubprocessProtocol):
    """One process that runs queries, one after the other.

    `tag` names its queries to the server. It stays from one to the next, so that a text that is asked again is the same
    to the server's cache of plans; `rename` gives another once somebody was told to end what has it.
    """

    def __init__(self) -> None:
        self.tag = ""
        self.rename()
        self._ended = asyncio.get_running_loop().create_future()
        self._gone = False
        self._buffer = bytearray()
        self._heard: Callable[[Part], None] | None = None
        self._done: asyncio.Future[Failure | None] | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None

    @classmethod
    async def start(cls, endpoint: Endpoint) -> QueryProcess:
        """A new process for a graph; it ends with this one, when its pipe does."""
        _, process = await asyncio.get_running_loop().subprocess_exec(
            cls,
            sys.executable,
            "-m",
            "graph.queryworker",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,  # where `-m` looks first: not in whatever folder somebody stands
        )
        process._send(framed(endpoint))
        return process

    @property
    def alive(self) -> bool:
        """Whether it can be given a query."""
        return not self._gone

    def rename(self) -> None:
        """Give the queries that follow another tag."""
        self.tag = f"whymove:{uuid4().hex}"

    def begin(self, order: Order, heard: Callable[[Part], None]) -> asyncio.Future[Failure | None]:
        """Run a query; `heard` is called with each part of its answer.

        What is given back is done when the query is over: with None, or with why there is no answer, or none of it any
        more. Not to be called again before.
        """
        self._heard = heard
        self._done = asyncio.get_running_loop().create_future()
        if self._gone:
            self._finish(_lost())
        else:
            self._send(framed(order))
        return self._done

    async def end(self) -> None:
        """Kill the process, whatever it does."""
        assert self._transport is not None
        if not self._gone:
            self._gone = True
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
        await asyncio.shield(self._ended)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.SubprocessProtocol`."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._stdin = transport.get_pipe_transport(_STDIN)  # type: ignore[assignment]  # the one that is written to

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take in what came, and tell of each part that is whole."""
        self._buffer += data
        while not self._gone and len(self._buffer) >= LENGTHS.size:
            told, rows = LENGTHS.unpack_from(self._buffer)
            middle, end = LENGTHS.size + told, LENGTHS.size + told + rows
            if self._done is None or end > _MOST_BYTES:  # it speaks unasked, or no words of ours
                self._give_up()
                return
            if len(self._buffer) < end:
                return
            message = read_part(bytes(self._buffer[LENGTHS.size : middle]), bytes(self._buffer[middle:end]))
            del self._buffer[:end]
            self._tell(message)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """A process that closes its pipe answers nothing any more."""
        self._gone = True
        self._finish(_lost())

    def process_exited(self) -> None:
        """See `asyncio.SubprocessProtocol`."""
        self._gone = True
        self._finish(_lost())

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.SubprocessProtocol`."""
        assert self._transport is not None
        self._transport.close()
        self._ended.set_result(None)

    def _send(self, message: bytes) -> None:
        assert self._stdin is not None
        self._stdin.write(message)

    def _tell(self, message: Part | Failure) -> None:
        if isinstance(message, Failure):
            self._finish(message)
            return
        assert self._heard is not None
        self._heard(message)
        if message.over:
            self._finish(None)

    def _give_up(self) -> None:
        self._gone = True
        self._buffer.clear()
        assert self._transport is not None
        with contextlib.suppress(ProcessLookupError):
            self._transport.kill()
        self._finish(_lost())

    def _finish(self, failure: Failure | None) -> None:
        done, self._done, self._heard = self._done, None, None
        if done is not None and not done.done():
            done.set_result(failure)


def _lost() -> Failure:
    return Failure(error=QueryOverBudgetError("the answer takes more memory than it is given"), said=None)
