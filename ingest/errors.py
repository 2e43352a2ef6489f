"""Why something could not be ingested.

IngestError
├── SourceUnavailableError   the source does not answer (retry)
├── SourceRefusedError       the source does not let this key or address in (change the setting)
├── SourceBlockedError       the source answers with a page for people in place of data (stop asking for a while)
├── RecordRejectedError      values that do not hold together: each with file, path and reason
├── SourceChangedError       the source no longer has the shape that was agreed (stop)
├── UnknownSourceError       a name that no connector has (proposes near ones)
├── ShortRunError            a run that fell short of what its source is expected to bring; nothing was stored
├── RunInUseError            another process runs this source or job now
├── RunCancelledError        a run that somebody asked to end
├── InvalidWindowError       a span of time or a symbol that cannot be fetched
├── UnknownRunError          no run of this id
├── RunLedgerError           the ledger of runs or the store of payloads cannot be used
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


class SourceBlockedError(IngestError):
    """The source answers with a page for people in place of data, as those do that keep programs out."""


class UnknownSourceError(IngestError):
    """A name that no connector has; `near` proposes some that are."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(f"no source {name!r}; there are {', '.join(near)}")
        self.name = name
        self.near = near


class ShortRunError(IngestError):
    """A run that fell short of what its source is expected to bring; nothing of it was stored."""

    def __init__(self, source: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"{source}: {'; '.join(reasons)}; nothing was stored, its payloads are kept")
        self.source = source
        self.reasons = reasons


class RunInUseError(IngestError):
    """Another process runs this source, or this job, now."""


class RunCancelledError(IngestError):
    """A run that somebody asked to end; what it has stored stays, and resuming it carries on."""


class InvalidWindowError(IngestError):
    """A span of time or a symbol that cannot be fetched; the message says what can."""


class UnknownRunError(IngestError):
    """No run of this id."""

    def __init__(self, run: str) -> None:
        super().__init__(f"no run {run!r}; `whymove ingest status` lists them")
        self.run = run


class RunLedgerError(IngestError):
    """The ledger of runs or the store of payloads cannot be used; the message says what to do."""


class RecordRejectedError(IngestError):
    """Values that do not hold together; nothing was stored."""

    def __init__(self, rejections: tuple[Rejection, ...]) -> None:
        super().__init__("\n".join(str(rejection) for rejection in rejections))
        self.rejections = rejections


class SourceChangedError(IngestError):
    """The source no longer has the shape that was agreed."""


class AlreadyDecidedError(IngestError):
    """A proposal that was accepted or rejected before; a decision is made once."""
