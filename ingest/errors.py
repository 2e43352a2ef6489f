"""Why something could not be ingested.

IngestError
├── SourceUnavailableError   the source does not answer (retry)
├── SourceRefusedError       the source does not let this key or address in (change the setting)
├── RecordRejectedError      values that do not hold together: each with file, path and reason
├── SourceChangedError       the source no longer has the shape that was agreed (stop)
└── AlreadyDecidedError      a proposal that somebody has accepted or rejected before
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One refused value: the file, the path inside it (`facts[3].unit`), why, and what to do."""

    file: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.reason}"


class IngestError(Exception):
    """Root of everything this package raises."""


class SourceUnavailableError(IngestError):
    """The source does not answer."""


class SourceRefusedError(IngestError):
    """The source does not let this key or address in; asking again changes nothing."""


class RecordRejectedError(IngestError):
    """Values that do not hold together; nothing was stored."""

    def __init__(self, rejections: tuple[Rejection, ...]) -> None:
        super().__init__("\n".join(str(rejection) for rejection in rejections))
        self.rejections = rejections


class SourceChangedError(IngestError):
    """The source no longer has the shape that was agreed."""


class AlreadyDecidedError(IngestError):
    """A proposal that was accepted or rejected before; a decision is made once."""
