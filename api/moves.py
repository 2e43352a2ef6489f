"""Moves as the API lists them: those that the graph holds, and those that a series tells of, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.catalog import Listed, Resource, Row, plain_row
from api.detecting import DETECTED, Detected, all_moves
from api.errors import UnknownCursorError
from api.gathering_series import measure_of
from api.paging import FIRST_TIME, Page
from api.unusual import Wanted
from api.values import return_is
from causal.moves import SessionMove
from graph.errors import NotInGraphError
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

if TYPE_CHECKING:
    from graph.series import SeriesStore


def move_row(record: Mapping[str, object]) -> Row:
    """A record of `list_moves` as a row; how unusual a move was is told of detected ones alone."""
    cases = record["cases"]
    unknown = dict.fromkeys(("scale", "score", "share_as_large"))
    return {**plain_row(record), "cases": sorted(map(str, cases)) if isinstance(cases, list) else [], **unknown}


MOVES = Resource(name="moves", query="list_moves", shape=move_row)


async def one_move(reader: GraphReader, name: str, clocks: Clocks) -> Row:
    """One stored move by the id of a version or by its key. Raises NotInGraphError."""
    rows = await ask(reader, "one_move", {"id": name, **clocks.params()})
    if not rows:
        raise NotInGraphError("move", name)
    return move_row(rows[0])


async def list_detected(
    instrument: Record, bounds: Wanted, page: Page, reader: GraphReader, store: SeriesStore | None
) -> Listed:
    """One page of the moves that the series of an instrument tells of by `as_of`, the most unusual first.

    Nothing is stored. Raises InvalidAskError where no price series of it is stored, UnknownCursorError where the series
    has changed since the page before.
    """
    listing = await all_moves(instrument, reader, store, page.as_of)
    found = bounds.most_unusual(listing)
    start = _place([move.key for move, _ in found], page.after_id)
    shown, more = found[start : start + page.limit], len(found) > start + page.limit
    cursor = page.cursor_after(FIRST_TIME, shown[-1][0].key) if more else None
    return Listed(items=tuple(_detected_row(*pair) for pair in shown), next_cursor=cursor)


def _place(keys: list[str], after: str) -> int:
    if not after:
        return 0
    if after not in keys:
        raise UnknownCursorError("the series has changed since that page; start again without a cursor")
    return keys.index(after) + 1


def _detected_row(found: Detected, move: SessionMove) -> Row:
    return plain_row(
        {
            "id": found.key,
            "key": found.key,
            "instrument": found.instrument,
            "start": found.start,
            "end": found.end,
            "valid_from": found.opens,
            "valid_to": found.closes,
            "known_at": found.known_at,
            "return": found.return_,
            "return_is": return_is(found.return_unit),
            "measure": measure_of(found.series, found.start, found.end),
            "origin": DETECTED,
            "cases": [],
            "series": found.series,
            "scale": move.scale,
            "score": move.score,
            "share_as_large": move.share,
        }
    )
