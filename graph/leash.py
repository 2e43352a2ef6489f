"""Ends a server when the process that it was started for is gone: `python -m graph.leash OWNER SERVER`."""

from __future__ import annotations

import contextlib
import sys

import psutil


def main(arguments: list[str]) -> int:
    """Wait until the owner or the server ends; end the server if the owner was first."""
    with contextlib.suppress(psutil.NoSuchProcess):
        owner, server = (psutil.Process(int(one)) for one in arguments)
        while owner.is_running() and server.is_running() and owner.status() != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.TimeoutExpired):
                server.wait(0.5)
        if server.is_running():
            server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
