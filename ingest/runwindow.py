"""Which span of time and which symbols a run fetches, where its caller says only some of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime

from graph.series import SeriesStore
from ingest.connecting import Window
from ingest.errors import InvalidWindowError
from ingest.sourceformat import SourceFile, SymbolPart


def window_of(
    source: SourceFile,
    series: SeriesStore,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    symbols: Sequence[str] = (),
) -> Window:
    """The window; without `since` from the newest stored value on, a little earlier for revisions, else the backfill.

    Where much was missed, no more of it is made good than `catch_up` of the source: the rest takes a `since`. A symbol
    may be named as the source calls it or by the instrument that it is about, in capitals or not. Raises
    InvalidWindowError.
    """
    wanted = _symbols(source, symbols)
    until = until or now
    if since is None:
        since = _carried_on(source, series, wanted) or until - source.backfill
        if source.catch_up is not None:
            since = max(since, until - source.catch_up)
    if since >= until:
        raise InvalidWindowError(f"the window from {since.isoformat()} to {until.isoformat()} is empty; turn it round")
    return Window(since=since, until=until, symbols=wanted)


def _symbols(source: SourceFile, symbols: Sequence[str]) -> tuple[str, ...]:
    if not symbols:
        return tuple(source.symbols)
    found: list[str] = []
    for name in symbols:
        wanted = name.casefold()
        subjects = {one.symbol for one in source.series if one.subject.casefold() == wanted}
        subjects |= {symbol for symbol, part in source.symbols.items() if wanted in _names(symbol, part)}
        if not subjects:
            known = sorted({*source.symbols, *(one.subject for one in source.series)})
            near = difflib.get_close_matches(name, known) or list(source.symbols)[:20]
            raise InvalidWindowError(f"{source.name} has no symbol {name!r}; it has {', '.join(near)}")
        found += [symbol for symbol in source.symbols if symbol in subjects]
    return tuple(dict.fromkeys(found))


def _names(symbol: str, part: SymbolPart) -> set[str]:
    """What a symbol answers to, in lower case: its name, and what it is about."""
    return {one.casefold() for one in (symbol, part.subject) if one is not None}


def _carried_on(source: SourceFile, series: SeriesStore, symbols: Sequence[str]) -> datetime | None:
    """The oldest end of the series that are wanted, less the overlap; None where one of them is not stored yet."""
    extents = [series.extent(one.id) for one in source.series if one.symbol in symbols]
    if not extents or None in extents:
        return None
    return min(one.last for one in extents if one is not None) - source.overlap
