"""`whymove serve`: the REST way in, in this process."""

from __future__ import annotations

from typing import Annotated

import typer

from api.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="port to listen on")] = None,
) -> None:
    """Serve the REST API until interrupted; the description is at /openapi.json, a page to try it at /docs."""
    # Imported here, because the web stack takes half a second that `explain` has no use for.
    import uvicorn

    from api.app import create_app

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings().model_copy(update=given)
    app = create_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False, log_level=settings.log_level)
