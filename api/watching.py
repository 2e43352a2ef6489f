"""Watches an instrument: fetches its sources, looks for an unusual move, and explains the one that has happened.

The explanation is kept in the graph, so that whoever listens to the stream of changes over REST is told of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from api.ask import make_ask
from api.asking import at_present
from api.detecting import Detected, all_moves, batch_of
from api.explaining import explain_move
from api.fetching_for import Tell, fetch_wanted, sources_about
from api.graphs import open_series
from api.knowledge import Knowledge
from api.settings import Settings
from api.values import return_is
from api.wording import change_in_words
from graph.reading import Record, explanations_of_move, find_instrument
from graph.store import GraphStore


@dataclass(slots=True, kw_only=True)
class Watch:
    """What is watched: moves of `instrument` that end on `since` or later with a score of at least `score`.

    `seen` are the moves that were explained already, by this watch or before it; `sources` are the only ones that are
    asked, all of the instrument where none is named.
    """

    instrument: str
    since: date
    score: float
    settings: Settings
    store: GraphStore
    knowledge: Knowledge
    seen: set[str] = field(default_factory=set)
    sources: tuple[str, ...] = ()

    async def look(self, now: datetime, tell: Tell) -> list[dict[str, Any]]:
        """Fetch, look, explain; gives the explanations of moves that were not explained before, the oldest first.

        Raises NotInGraphError, InvalidAskError (there are no prices) and what explaining raises.
        """
        about = sources_about(self.instrument, self.settings)
        wanted = [one for one in about if not self.sources or one.source.name in self.sources]
        await fetch_wanted(wanted, self.settings, self.store, now=now, tell=tell)
        instrument = await find_instrument(self.store, self.instrument)
        moves = await self._unusual(instrument)
        explained = []
        for move in moves:
            self.seen.add(move.key)
            change = change_in_words(move.return_, return_is(move.return_unit))
            tell(f"{move.instrument} moved {change} by the close of {move.end}; explaining it")
            await self.store.upsert(batch_of([move]))
            explained.append(
                await explain_move(
                    await at_present(make_ask(instrument=move.instrument, on=move.end), self.store),
                    self.store,
                    knowledge=self.knowledge,
                    series=open_series(self.settings),
                )
            )
        return explained

    async def _unusual(self, instrument: Record) -> list[Detected]:
        listing = await all_moves(instrument, self.store, open_series(self.settings))
        found = []
        for move, how in listing.moves:
            if how.end < self.since or how.score is None or how.score < self.score or move.key in self.seen:
                continue
            if await explanations_of_move(self.store, move.key):
                self.seen.add(move.key)
            else:
                found.append(move)
        return found
