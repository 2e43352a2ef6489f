"""Fetching from sources as the command and REST do it: what the settings say, joined with the runner of `ingest`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.errors import InvalidSettingsError
from api.settings import PREFIX, Settings
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.errors import InvalidWindowError
from ingest.fetching import Fetcher, Reach, printed
from ingest.ledger import Run, RunLedger
from ingest.payloads import PayloadStore
from ingest.running import Means, Progress, run_source
from ingest.runwindow import window_of
from ingest.sources import load_connector, load_source, source_names

if TYPE_CHECKING:
    from ingest.sourceformat import SourceFile


def open_ledger(settings: Settings) -> RunLedger:
    """The ledger of runs of the data folder."""
    return RunLedger(settings.runs)


def configured_source(name: str, settings: Settings) -> SourceFile:
    """A source with the hosts that the settings give it. Raises UnknownSourceError, InvalidSettingsError."""
    source = load_source(name)
    hosts = {
        host.partition(".")[2]: url for host, url in settings.source_hosts.items() if host.partition(".")[0] == name
    }
    try:
        return source.at(hosts)
    except ValueError as error:
        raise InvalidSettingsError(f"{PREFIX}SOURCE_HOSTS", str(error)) from error


def reach_of(name: str, settings: Settings) -> Reach:
    """The key and proxy with which a source is asked."""
    key = settings.source_keys.get(name)
    return Reach(key=None if key is None else key.get_secret_value(), proxy=settings.source_proxy)


def planned_requests(
    name: str,
    settings: Settings,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    symbols: Sequence[str] = (),
) -> tuple[str, ...]:
    """What a run would ask, one line a request, before any answer is known; nothing is asked and nothing kept."""
    source = configured_source(name, settings)
    window = window_of(
        source, SeriesStore(settings.series_root), now=datetime.now(UTC), since=since, until=until, symbols=symbols
    )
    return tuple(printed(request) for request in load_connector(name).plan(source, window))


def new_run(
    name: str,
    settings: Settings,
    ledger: RunLedger,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    symbols: Sequence[str] = (),
) -> Run:
    """A queued run of a source; what cannot be fetched is refused before it is written down."""
    source = configured_source(name, settings)
    Fetcher.check(source, reach_of(name, settings))
    window = window_of(
        source, SeriesStore(settings.series_root), now=datetime.now(UTC), since=since, until=until, symbols=symbols
    )
    return ledger.add(name, "fetch", window)


def new_reparse(name: str, settings: Settings, ledger: RunLedger) -> Run:
    """A queued run over all kept payloads of a source. Raises InvalidWindowError where there are none."""
    source = configured_source(name, settings)
    ids = PayloadStore(settings.payloads).ids(name)
    if not ids:
        raise InvalidWindowError(f"no payload of {name} is kept; fetch it by `whymove ingest run {name}`")
    now = datetime.now(UTC)
    window = window_of(source, SeriesStore(settings.series_root), now=now, since=now - source.backfill)
    return ledger.add(name, "reparse", window, ids)


async def do_run(
    run_id: str,
    settings: Settings,
    ledger: RunLedger,
    graph: GraphStore,
    *,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Run:
    """Do a run from where it stands. Raises what `run_source` raises."""
    run = await asyncio.to_thread(ledger.get, run_id)
    means = Means(
        ledger=ledger,
        payloads=PayloadStore(settings.payloads),
        graph=graph,
        series=SeriesStore(settings.series_root),
        reach=reach_of(run.source, settings),
        tell=tell,
    )
    return await run_source(run, configured_source(run.source, settings), load_connector(run.source), means)


def known_sources(settings: Settings) -> tuple[SourceFile, ...]:
    """Every source, with the hosts that the settings give it."""
    return tuple(configured_source(name, settings) for name in source_names())
