"""Several processes that serve one address, and the one that watches over them.

The parent binds the socket and hands it to each. A worker that is killed is started again; one that gives up by itself
would do so again, and ends all. Where the parent goes without a word, the workers end by themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import threading
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from prometheus_client import multiprocess

from api.metrics import FOLDER_VARIABLE
from api.metricsfolder import made_folder
from api.serving import SIGNALS, DrainingServer, run, server_of
from api.settings import Settings, told_to_children
from api.terminal import say

_LOOK_SECONDS = 0.2
ORPHAN_SECONDS = 30.0  # beyond the time of requests: jobs are handed back, connections closed
_spawn = multiprocessing.get_context("spawn")


class Workers:
    """The processes of one service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._socket = _bound(settings)
        self._running: list[SpawnProcess] = []
        self._told = 0

    def run(self) -> int:
        """Serve until told to end; the exit code."""
        folder = made_folder()
        before = {one: signal.signal(one, self._tell) for one in SIGNALS}
        try:
            with told_to_children(FOLDER_VARIABLE, str(folder)):  # prometheus-client reads it in each worker
                for _ in range(self._settings.workers):
                    self._start()
                say(f"{self._settings.workers} workers at http://{_address(self._socket)}")
                return self._watch(folder)
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            shutil.rmtree(folder, ignore_errors=True)
            self._socket.close()

    def _start(self) -> None:
        worker = _spawn.Process(target=_serve, args=(self._settings, self._socket))
        worker.start()
        self._running.append(worker)

    def _watch(self, folder: Path) -> int:
        code = 0
        while self._running:
            time.sleep(_LOOK_SECONDS)
            for worker in [one for one in self._running if one.exitcode is not None]:
                self._running.remove(worker)
                multiprocess.mark_process_dead(worker.pid, str(folder))  # type: ignore[no-untyped-call]
                ended = worker.exitcode or 0
                if self._told or code:
                    code = code or max(ended, 0)
                elif ended > 0:
                    code = ended
                    say(f"a worker gave up (code {ended}); ending the others")
                    self._signal(signal.SIGTERM)
                else:
                    say("a worker has gone; starting another one")
                    self._start()
        return code

    def _tell(self, sig: int, frame: FrameType | None) -> None:
        self._told += 1
        self._signal(signal.SIGTERM if self._told == 1 else signal.SIGKILL)
        if self._told > 1:
            os._exit(128 + sig)

    def _signal(self, sig: int) -> None:
        for worker in list(self._running):
            if worker.pid is not None and worker.exitcode is None:
                os.kill(worker.pid, sig)


def _serve(settings: Settings, shared: socket.socket) -> None:
    """What a worker does; its exit code is that of the server."""
    server = server_of(settings, watched=True)
    threading.Thread(target=_end_with_parent, args=(server, settings.grace_seconds), daemon=True).start()
    raise SystemExit(run(server, settings, [shared]))


def _end_with_parent(server: DrainingServer, grace: float) -> None:
    """Wait until nobody watches over this worker any more; then end what it does, in bounded time.

    It takes no requests any more at once, so that whoever starts the service again can have the address.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker is started by another process"
    parent.join()
    server.should_exit = True
    time.sleep(grace + ORPHAN_SECONDS)
    os._exit(1)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((settings.host, settings.port))
    made.set_inheritable(True)
    return made


def _address(made: socket.socket) -> str:
    host, port = made.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
