"""Makes a payload of a file that somebody saved from a source, and a run over it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.ingesting import configured_source
from api.settings import Settings
from graph.series import SeriesStore
from ingest.bodies import Held
from ingest.connecting import Payload
from ingest.errors import InvalidWindowError
from ingest.ledger import Run, RunLedger
from ingest.payloads import PayloadStore, content_hash
from ingest.runwindow import window_of
from ingest.sources import load_connector

_KINDS = {".csv": "text/csv", ".json": "application/json", ".zip": "application/zip"}


def new_saved(
    name: str, file: Path, settings: Settings, ledger: RunLedger, *, symbol: str | None, now: datetime
) -> Run:
    """A queued run over the bytes of a file, as the answer to the one question that the source is asked of a symbol.

    It counts as had when the file was last written. Raises UnknownSourceError, InvalidWindowError where the source asks
    several questions, SourceChangedError where the file is not as agreed, OSError; then nothing is kept.
    """
    source, connector = configured_source(name, settings), load_connector(name)
    window = window_of(
        source,
        SeriesStore(settings.series_root),
        now=now,
        since=now - source.backfill,
        symbols=() if symbol is None else (symbol,),
    )
    requests = connector.plan(source, window)
    if len(requests) != 1:
        raise InvalidWindowError(
            f"{name} is asked {len(requests)} questions for this, and a file answers one; name one of"
            f" {', '.join(source.symbols)} by --symbol, or fetch it by `whymove ingest run {name}`"
        )
    (request,) = requests
    content = file.read_bytes()
    payload = Payload(
        source=name,
        url=request.url,
        params=request.params,
        fetched_at=min(now, datetime.fromtimestamp(file.stat().st_mtime, UTC)),
        status=200,
        content_type=_KINDS.get(file.suffix.lower(), "text/html"),
        body=Held(content),
        content_hash=content_hash(content),
        context=request.context,
    )
    connector.parse(payload, source)
    kept = PayloadStore(settings.payloads).keep(payload)
    return ledger.add(name, "reparse", window, [kept.id])
