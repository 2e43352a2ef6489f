"""`whymove ingest run`, `status`, `resume`, `cancel`, `reparse`, `sources`: facts and series from sources over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from api.dates import parse_clock, parse_when
from api.graphs import open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.connecting import Payload
    from ingest.ledger import Run, RunLedger
    from ingest.running import Progress
    from ingest.tracing import Trace

SOURCE = typer.Argument(metavar="SOURCE", help="name of a source; `whymove ingest sources` lists them")
RUN = typer.Argument(metavar="RUN", help="id of a run; `whymove ingest status` lists them")
_FIELDS = ("run", "source", "state", "phase", "fetched", "stored", "updated", "error")
_TRACE = ("fact", "says", "publisher", "licence", "payload", "request", "fetched", "bytes")
_EVERY = 20  # payloads after which a plain line is written


def add_trace_to(app: typer.Typer) -> None:
    """Add `whymove trace`."""
    app.command("trace")(trace)


def add_to(ingest: typer.Typer) -> None:
    """Add the commands to `whymove ingest`."""
    for command in (run, status, resume, cancel, reparse, sources):
        ingest.command(command.__name__)(command)


def run(
    source: Annotated[str, SOURCE],
    since: Annotated[
        str | None, typer.Option(help="day or instant from which on; else where the last run ended")
    ] = None,
    until: Annotated[str | None, typer.Option(help="last day, or instant before which; else now")] = None,
    symbol: Annotated[list[str] | None, typer.Option(help="symbol or instrument; else all of the source")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the requests and ask nothing")] = False,
) -> None:
    """Fetch a source into the graph and the series; what falls short of its expectations stores nothing."""
    # Imported here, because what fetches takes half a second to load that the other commands have no use for.
    from api.ingesting import new_run, open_ledger, planned_requests

    settings = load_settings()
    now = datetime.now(UTC)
    start = None if since is None else _start(since)
    end = None if until is None else parse_clock(until, "until", now)
    if dry_run:
        for line in planned_requests(source, settings, since=start, until=end, symbols=symbol or ()):
            answers().print(line, markup=False, soft_wrap=True)
        return
    ledger = open_ledger(settings)
    one = new_run(source, settings, ledger, since=start, until=end, symbols=symbol or ())
    _do(one, settings, ledger)


def resume(run: Annotated[str, RUN]) -> None:
    """Carry on a run that was interrupted, cancelled or failed, from where it stands."""
    from api.ingesting import open_ledger

    settings = load_settings()
    ledger = open_ledger(settings)
    _do(ledger.get(run), settings, ledger)


def reparse(source: Annotated[str, SOURCE]) -> None:
    """Parse every kept payload of a source anew; nothing is asked of the network."""
    from api.ingesting import new_reparse, open_ledger

    settings = load_settings()
    ledger = open_ledger(settings)
    _do(new_reparse(source, settings, ledger), settings, ledger)


def cancel(run: Annotated[str, RUN]) -> None:
    """Ask a run to end; what it has stored stays, and `resume` carries on."""
    from api.ingesting import open_ledger

    found = open_ledger(load_settings()).ask_cancel(run)
    say(f"{found.id}: {found.state}" + (", asked to end" if found.state == "running" else ""))


def status(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="id of a run; else the last twenty")] = None,
) -> None:
    """How far runs are."""
    from api.ingesting import open_ledger

    ledger = open_ledger(load_settings())
    if run is None:
        print_table(answers(), _FIELDS, [_row(one) for one in ledger.page(limit=20)])
        return
    one = ledger.get(run)
    rows = list(zip(_FIELDS, _row(one), strict=True))
    rows += [("since", one.window.since.isoformat()), ("until", one.window.until.isoformat())]
    rows += [("symbols", ", ".join(one.window.symbols)), ("cursor", one.cursor)]
    print_table(answers(), ("what", "value"), [*rows, *sorted(one.counters.items())])


def _start(text: str) -> datetime:
    """An instant, or the start of a day in UTC."""
    when = parse_when(text, "since")
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def sources() -> None:
    """The sources that can be fetched, whether they need a key, and what may be done with their values."""
    from api.ingesting import known_sources

    rows = [
        (one.name, one.title, _key(one.key), one.licence, len(one.series), ", ".join(sorted(one.hosts)))
        for one in known_sources(load_settings())
    ]
    print_table(answers(), ("source", "what", "key", "licence", "series", "hosts"), rows)


def trace(
    fact: Annotated[str, typer.Argument(metavar="FACT", help="key of a fact, or SERIES@2026-02-05 for a value")],
) -> None:
    """Where a fetched fact or value came from: source, request, time, and the file with the bytes."""
    rows = [
        (one.what, one.said, one.source.publisher, one.source.licence, one.payload.id, _asked(one.payload),
         f"{one.payload.fetched_at:%Y-%m-%d %H:%M:%SZ}", one.file)
        for one in asyncio.run(_traced(fact, load_settings()))
    ]  # fmt: skip
    for row in rows:
        print_table(answers(), ("what", "value"), list(zip(_TRACE, row, strict=True)))


async def _traced(fact: str, settings: Settings) -> tuple[Trace, ...]:
    from ingest.payloads import PayloadStore
    from ingest.tracing import trace as traced

    async with open_graph(settings) as graph:
        return await traced(fact, graph.store, PayloadStore(settings.payloads))


def _asked(payload: Payload) -> str:
    return payload.url + ("?" if payload.params else "") + "&".join(f"{name}={value}" for name, value in payload.params)


def _key(part: object) -> str:
    return "none" if part is None else "required" if getattr(part, "required", True) else "optional"


def _do(one: Run, settings: Settings, ledger: RunLedger) -> None:
    say(f"run {one.id}")
    with _telling() as tell:
        done = asyncio.run(_run(one.id, settings, ledger, tell))
    print_table(answers(), ("counter", "count"), [("payloads", done.fetched), *sorted(done.counters.items())])


async def _run(run_id: str, settings: Settings, ledger: RunLedger, tell: Callable[[Progress], None]) -> Run:
    from api.ingesting import do_run

    async with open_graph(settings, progress=lambda line: say(f"{line} ...")) as graph:
        return await do_run(run_id, settings, ledger, graph.store, tell=tell)


@contextmanager
def _telling() -> Iterator[Callable[[Progress], None]]:
    """Bars on a terminal, one a phase; else a plain line now and then and at the end of a phase."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _plainly
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console) as bars:
        tasks = {}

        def tell(progress: Progress) -> None:
            if progress.phase not in tasks:
                tasks[progress.phase] = bars.add_task(progress.phase, total=progress.total)
            bars.update(tasks[progress.phase], completed=progress.done, total=progress.total)

        yield tell


def _plainly(progress: Progress) -> None:
    if progress.done == progress.total or progress.done % _EVERY == 1:
        of = "" if progress.total is None else f" of {progress.total}"
        say(f"{progress.phase}: {progress.done}{of} payloads")


def _row(one: Run) -> tuple[object, ...]:
    updated = datetime.fromtimestamp(one.updated_at, UTC)
    return (
        one.id, one.source, one.state, one.phase, one.fetched, one.stored, f"{updated:%Y-%m-%d %H:%M:%SZ}", one.error,
    )  # fmt: skip
