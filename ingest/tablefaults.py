"""Gathers what is wrong with rows of tables: file, line, column, what was found, what to do; twenty at most."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from ingest.errors import RecordRejectedError, Rejection

SHOWN = 20


class TooManyFaultsError(Exception):
    """As many as are shown: reading on tells nobody more. Never leaves ingest.tables."""


class FileAbandonedError(Exception):
    """What is wrong with a file makes the rest of it meaningless. Never leaves ingest.tables."""


class Faults:
    """What is wrong so far."""

    def __init__(self) -> None:
        self.found: list[Rejection] = []

    def add(self, file: Path, place: str, reason: str) -> None:
        """One more; raises TooManyFaultsError when it is the last to be shown."""
        self.found.append(Rejection(file=str(file), path=place, reason=reason))
        if len(self.found) >= SHOWN:
            self.found.append(Rejection(file="(more)", path="", reason=f"only the first {SHOWN} are shown"))
            raise TooManyFaultsError

    def abandon(self, file: Path, place: str, reason: str) -> NoReturn:
        """One more, after which the rest of the file is not looked at: raises FileAbandonedError."""
        self.add(file, place, reason)
        raise FileAbandonedError

    def raise_if_any(self) -> None:
        """RecordRejectedError with all of them."""
        if self.found:
            raise RecordRejectedError(tuple(self.found))
