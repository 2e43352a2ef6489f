"""`whymove backup` and `restore`: one file with all that answers are made of, and the ledgers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.settings import load_settings
from api.terminal import answers, print_table, say

if TYPE_CHECKING:
    from api.backup_archive import Manifest

FILE = typer.Argument(metavar="FILE", help="file of the backup")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(file: Annotated[Path, FILE]) -> None:
    """Write a backup of the data folder to a new file, while the graph runs; it is checked before it has its name."""
    from api.backing_up import make_backup

    _print(asyncio.run(make_backup(load_settings(), file.absolute(), tell=_tell)))


def restore(
    file: Annotated[Path, FILE],
    force: Annotated[bool, typer.Option("--force", help="in place of the data that are there")] = False,
) -> None:
    """Lay a backup out in an empty data folder; a damaged one is refused, and changes nothing."""
    from api.backing_up import restore_backup

    _print(asyncio.run(restore_backup(load_settings(), file.absolute(), force=force, tell=_tell)))


def _tell(line: str) -> None:
    say(f"{line} ...")


def _print(manifest: Manifest) -> None:
    size = sum(one.size for one in manifest.files.values())
    rows = [
        ("taken", manifest.made_at),
        ("by whymove", manifest.made_by or "an early version"),
        ("files", len(manifest.files)),
        ("bytes", size),
        ("graph", manifest.graph_hash),
        ("series", manifest.series_hash),
    ]
    print_table(answers(), ("what", "value"), rows)
