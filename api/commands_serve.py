"""`whymove serve`: the REST way in, in this process or in several."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from api.errors import InvalidSettingsError
from api.settings import PREFIX, Settings, is_loopback, load_settings


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="processes that serve")] = None,
    jobs: Annotated[
        bool | None, typer.Option("--jobs/--no-jobs", help="fetch sources by their schedules meanwhile")
    ] = None,
) -> int:
    """Serve the REST API until interrupted; the description is at /openapi.json, a page to try it at /docs."""
    options = (("host", host), ("port", port), ("workers", workers), ("jobs", jobs))
    given = {name: value for name, value in options if value is not None}
    settings = load_settings().model_copy(update=given)
    check(settings)
    check_data(settings.data)
    # Imported here, because the web stack takes half a second that `explain` has no use for.
    if settings.workers > 1:
        from api.workers import Workers

        return Workers(settings).run()
    from api.serving import run_here

    return run_here(settings)


def check(settings: Settings) -> None:
    """Refuse to serve what could not be answered for. Raises InvalidSettingsError."""
    if settings.auth != "required" and not is_loopback(settings.host):
        raise InvalidSettingsError(
            f"{PREFIX}HOST",
            f"{settings.host} can be reached from elsewhere, and nobody would be asked who they are; set"
            f" {PREFIX}AUTH=required and make a key (whymove keys create), or listen on 127.0.0.1",
        )
    if settings.workers > 1 and settings.embedded:
        raise InvalidSettingsError(
            f"{PREFIX}WORKERS",
            "the embedded graph takes one: its watchdog starts the server again where a query cannot be ended"
            f" otherwise, which two processes would do to each other; set {PREFIX}GRAPH_URL to a Neo4j for several",
        )


def check_data(folder: Path) -> None:
    """Refuse to serve from a folder that cannot be made or written to. Raises InvalidSettingsError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as tried:
            tried.write(b"x")
    except OSError as error:
        raise InvalidSettingsError(
            f"{PREFIX}DATA",
            f"nothing can be written to the data folder {folder} ({error.strerror}); let this user write there and make"
            " room on its disk, or name another folder",
        ) from error
