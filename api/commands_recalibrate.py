"""`whymove recalibrate`: from moves that were judged, how much of its posteriors to believe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.errors import InvalidLabelsError
from api.graphs import open_graph, open_series
from api.knowledge import load_knowledge
from api.labels import Label, Question, read_labels
from api.recalibrating import learn
from api.settings import Settings, load_settings
from api.terminal import BAD_INPUT, answers, print_plainly, say, working
from api.wording import probability
from causal.recalibration import STACK_MOVES, Recalibration, require_enough

EXAMPLES = (0.1, 0.3, 0.5, 0.8)


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("recalibrate")(recalibrate)


def recalibrate(
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS.csv", help="columns case, or instrument and on; narrative; true")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write it here; `explain` does not look there")
    ] = None,
) -> None:
    """Learn from judged moves what posteriors are worth; `whymove explain` then gives both."""
    settings = load_settings()
    try:
        read = read_labels(labels)
        require_enough(len(read))
        with working("reading templates and indicators") as progress:
            found, judged = asyncio.run(_learn(read, settings, progress))
    except InvalidLabelsError as error:
        for number, reason in error.faults:
            say(f"line {number}: {' '.join(reason.split())}")
        say(f"whymove: nothing learned and nothing written, {len(error.faults)} faults in {labels}")
        raise typer.Exit(BAD_INPUT) from error
    path = settings.recalibration if out is None else out
    _write(path, found.to_json())
    for sentence in _told(found, judged):
        print_plainly(answers(), sentence)
    say(f"Recalibration: {path}")
    if found.log_loss_after >= found.log_loss_before:
        say("note: moves that were left out are foretold no better with it; judge more, or remove the file")


async def _learn(
    labels: dict[Question, list[Label]], settings: Settings, progress: Callable[[str], None]
) -> tuple[Recalibration, int]:
    knowledge = load_knowledge(settings.templates_root)
    async with open_graph(settings, progress=progress) as graph:
        return await learn(labels, graph.store, knowledge, open_series(settings), progress)


def _write(path: Path, text: str) -> None:
    from ingest.tablewriting import write_file  # Arrow, which it loads, is no use to what went wrong before

    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, text.encode())


def _told(found: Recalibration, judged: int) -> Iterator[str]:
    """What was learned, in sentences."""
    yield f"Learned from {judged} judged narratives of {len(found.moves)} moves."
    yield (
        f"Log loss of moves that were left out: {found.log_loss_before:.3f} before, {found.log_loss_after:.3f} after."
    )
    yield f"Log odds are {found.alpha:+.2f} and {found.beta:.2f} times what they were."
    if not found.corrections:
        pairs = ", ".join(f"{probability(p)} > {probability(found.apply('', p))}" for p in EXAMPLES)
        yield f"Of any narrative: {pairs}."
        more = STACK_MOVES - len(found.moves)
        yield f"From {STACK_MOVES} judged moves on each narrative is learned for itself: {more} more."
        return
    strongest = sorted(found.corrections.items(), key=lambda one: (-abs(one[1].intercept), one[0]))[:5]
    named = ", ".join(f"{name} {one.intercept:+.2f}" for name, one in strongest)
    yield f"Each of {len(found.corrections)} narratives has its own correction as well; the largest: {named}."
