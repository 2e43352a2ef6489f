"""The folder in which workers of a service keep what they count, and what services that were killed left of theirs.

Its name says whose it is, by process and the second in which that began, so that the next service knows that nobody
uses it any more.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from pathlib import Path

import psutil

PREFIX = "whymove-metrics-"
_OWNED = re.compile(rf"{PREFIX}(\d+)-(\d+)-")
_OF_WORKER = re.compile(r"_(\d+)\.db$")  # as prometheus-client names its files


def made_folder() -> Path:
    """A new folder of this process, beside which none is left of processes that are gone. Raises OSError."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob(f"{PREFIX}*"):
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
    me = psutil.Process()
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{me.pid}-{int(me.create_time())}-", dir=place))


def _is_left(folder: Path) -> bool:
    """Whether a folder is ours to take away: its owner has gone, and those who wrote in it."""
    owner = _OWNED.match(folder.name)
    if owner is None or folder.is_symlink() or _lives(int(owner[1]), int(owner[2])):
        return False
    with contextlib.suppress(OSError):
        files = (_OF_WORKER.search(file.name) for file in folder.iterdir())
        return not any(psutil.pid_exists(int(found[1])) for found in files if found is not None)
    return False


def _lives(pid: int, began: int) -> bool:
    try:
        found = psutil.Process(pid)
        return abs(found.create_time() - began) <= 1.0 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
