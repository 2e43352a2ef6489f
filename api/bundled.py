"""Puts a bundled case into the graph when somebody asks for it, so that a fresh installation can answer at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import ingest
from api.ask import Ask
from graph.store import GraphStore

_NEAR = timedelta(days=7)
_FACTS = "\nfacts:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What of a bundled case file is needed to see whether it is meant: its id, moves and instruments' names."""

    id: str
    title: str
    path: Path
    moves: tuple[tuple[str, date | datetime, date | datetime], ...]
    names: dict[str, frozenset[str]]


def bundled_paths() -> dict[str, Path]:
    """The bundled case files by their id, in its order."""
    return {path.stem: path for path in sorted((Path(ingest.__file__).parent / "cases").glob("*.yaml"))}


def bundled_heads(paths: Iterable[Path] | None = None) -> tuple[Head, ...]:
    """The heads of the bundled case files (of `paths` where given), in order of their id."""
    return tuple(_head(path) for path in (bundled_paths().values() if paths is None else paths))


def _head(path: Path) -> Head:
    # The facts are nine tenths of a file, and what is needed stands before them.
    text = path.read_text(encoding="utf-8").split(_FACTS, 1)[0]
    content: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    moves = [content["move"], *content.get("related_moves", ())]
    return Head(
        id=content["id"],
        title=content["title"],
        path=path,
        moves=tuple((move["instrument"], move["start"], move["end"]) for move in moves),
        names={part["id"]: _names(part) for part in content.get("instruments", ())},
    )


def _names(instrument: dict[str, Any]) -> frozenset[str]:
    identifiers = instrument.get("identifiers") or {}
    names = [instrument["id"], instrument.get("name"), identifiers.get("symbol"), identifiers.get("ticker")]
    return frozenset(str(name).casefold() for name in names if name)


def matching_case(ask: Ask) -> Path | None:
    """The bundled case that an ask means: by its id, or by an instrument and dates that are those of a move in it."""
    paths = bundled_paths()
    if ask.no_case:
        return None
    if ask.case is not None:
        return paths.get(ask.case)
    when = ask.on or ask.end
    if ask.instrument is None or when is None:
        return None
    day = when.date() if isinstance(when, datetime) else when
    near = [path for path in paths.values() if abs(date.fromisoformat(path.stem[:10]) - day) <= _NEAR]
    return next((head.path for head in bundled_heads(near) if _is_meant(head, ask)), None)


def _is_meant(head: Head, ask: Ask) -> bool:
    wanted = (ask.instrument or "").casefold()
    meant = {id_ for id_, names in head.names.items() if wanted in names} | {wanted}
    return any(
        instrument in meant and (end == ask.on if ask.on is not None else (start, end) == (ask.start, ask.end))
        for instrument, start, end in head.moves
    )


async def ensure_case(ask: Ask, store: GraphStore, progress: Callable[[str], None] = lambda _: None) -> str | None:
    """Put the bundled case that `ask` means into the graph unless it is there; its id when it was put there.

    Raises GraphUnavailableError, RecordRejectedError, OntologyError.
    """
    path = matching_case(ask)
    if path is None:
        return None
    found = await store.read("// clocks: none\nMATCH (c:Case {id: $id}) RETURN c.id AS id", {"id": path.stem})
    if found.rows:
        return None
    # Imported here, because the models of a case file take a fifth of a second that a stored case has no use for.
    from ingest.casefile import load_case
    from ingest.casestoring import store_case

    progress(f"putting the bundled case {path.stem} into the graph")
    await store_case(store, load_case(path))
    return path.stem
