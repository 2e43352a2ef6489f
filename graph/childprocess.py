"""How a process lives that works for another one, and hears from it: deaf to terminals, gone with its parent.

Who reads a pipe sees its end, but not while it computes or waits for a server, and not where somebody else holds the
pipe as well. On Windows, where a process keeps the number of a parent that is gone, the pipe has to do.
"""

from __future__ import annotations

import os
import signal
import struct
import threading
import time
from typing import BinaryIO

HEAD = struct.Struct(">I")  # before each message: its length in bytes
LOOK_SECONDS = 0.5


def live_as_child() -> None:
    """Leave SIGINT and SIGTERM to the parent, which ends this process when it needs it no more; end with the parent.

    To be called in the main thread, before any work.
    """
    parent = os.getppid()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def frame(content: bytes) -> bytes:
    """A message as it goes over a pipe: its length, then itself."""
    return HEAD.pack(len(content)) + content


def next_message(pipe: BinaryIO) -> bytes | None:
    """The next message, None at the end of the pipe, also of one that ends within a message."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    (length,) = HEAD.unpack(head)
    content = pipe.read(length)
    return content if len(content) == length else None


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)  # whatever it does: nobody waits for it
