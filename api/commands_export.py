"""`whymove export`: an explanation's provenance or pictures, and what was found out about a claim, for other tools."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.clocks import chosen, chosen_of
from api.graphs import open_graph
from api.pictures import picture
from api.settings import load_settings
from api.terminal import say, working, write_bytes
from graph.reading import explanation_body

Out = Annotated[Path | None, typer.Option(help="write it to this file instead")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(
        help="Write provenance, reviews and pictures in public formats.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("prov")(prov)
    group.command("claimreview")(claimreview)
    group.command("svg")(svg)
    app.add_typer(group, name="export")


def prov(
    explanation: Annotated[str, typer.Argument(metavar="ID", help="the id of a kept explanation")], out: Out = None
) -> None:
    """The provenance of an explanation as PROV-JSON: what it used, where that came from, who answers for it."""
    _write(asyncio.run(_prov(explanation)), out)


def claimreview(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="the key of a claim, or the id of a version")],
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    out: Out = None,
) -> None:
    """What checks and disputes say of a claim, as ClaimReview JSON-LD."""
    chosen(as_of, None)  # refused before a server is started
    _write(asyncio.run(_claimreview(claim, as_of)), out)


def svg(
    explanation: Annotated[str, typer.Argument(metavar="ID", help="the id of a kept explanation")],
    name: Annotated[str, typer.Argument(metavar="PICTURE", help="belief, chain, matrix or waterfall")] = "waterfall",
    story: Annotated[str | None, typer.Option(help="of which narrative (id); the first by rank")] = None,
    out: Out = None,
) -> None:
    """A picture of an explanation as SVG."""
    body = orjson.loads(asyncio.run(_body(explanation)))
    _write(picture(body, name, story).svg().encode(), out)


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        write_bytes(content)
    else:
        out.write_bytes(content)
        say(f"Written: {out}")


async def _body(explanation: str) -> str:
    with working("reading the explanation"):
        async with open_graph(load_settings()) as graph:
            return await explanation_body(graph.store, explanation)


async def _prov(explanation: str) -> bytes:
    from api.provenance import lineage_of, to_prov_json

    with working("following what the explanation used"):
        async with open_graph(load_settings()) as graph:
            return to_prov_json(await lineage_of(graph.store, explanation))


async def _claimreview(claim: str, as_of: str | None) -> bytes:
    from api.claim_review import claim_review, reviewed

    with working("reading what is known about the claim"):
        async with open_graph(load_settings()) as graph:
            found = await reviewed(graph.store, claim, await chosen_of(as_of, None, graph.store.present))
    return orjson.dumps(claim_review(found), option=orjson.OPT_INDENT_2)
