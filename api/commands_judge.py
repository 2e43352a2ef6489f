"""`whymove judge`: what an analyst holds of an item of evidence for a step, kept beside the answer."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from api.forecasts import Kept
from api.graphs import open_graph
from api.judgements import BESIDE, NewJudgement, add_judgement
from api.settings import load_settings
from api.terminal import answers, print_plainly, say, working


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("judge")(judge)


def judge(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    evidence: Annotated[str, typer.Argument(help="key of a fact or argument, or the last part of one")],
    step: Annotated[str, typer.Argument(help="id of a step, or the last part of one (story.3)")],
    bits: Annotated[float, typer.Option(help="log2 of a likelihood ratio; above zero it speaks for the step")],
    by: Annotated[str, typer.Option(help="who judges: id or name; a new name becomes a new analyst")],
    note: Annotated[str | None, typer.Option(help="why")] = None,
    new: Annotated[bool, typer.Option("--new", help="the analyst is new although the name is nearly known")] = False,
) -> None:
    """Keep what an analyst holds of evidence; `whymove ask Q28` ranks where analysts differ. It changes no answer."""
    wanted = NewJudgement(evidence=evidence, step=step, bits=bits, by=by, note=note, new_author=new)
    with working("keeping the judgement"):
        kept = asyncio.run(_judge(wanted))
    print_plainly(answers(), kept.key)
    done = kept.written
    say(f"graph: {done.created} created, {done.unchanged} unchanged, {done.corrected} corrected")
    say(f"note: {BESIDE}")


async def _judge(wanted: NewJudgement) -> Kept:
    async with open_graph(load_settings()) as graph:
        return await add_judgement(wanted, graph.store)
