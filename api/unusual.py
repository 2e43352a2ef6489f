"""Which of the moves that a series tells of are wanted, and in what order: for `whymove moves` and for REST alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.dates import parse_day
from api.detecting import Detected, Listing
from api.errors import InvalidAskError
from causal.moves import SessionMove

Shown = Sequence[tuple[Detected, SessionMove]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which moves are meant: that end on these days (both included), and that are at least so large (a fraction)."""

    since: date | None
    until: date | None
    least: float | None

    def of(self, listing: Listing) -> list[tuple[Detected, SessionMove]]:
        """Those of a listing, in order of time."""
        return [
            (found, move)
            for found, move in listing.moves
            if (self.since is None or move.end >= self.since)
            and (self.until is None or move.end <= self.until)
            and (self.least is None or abs(move.change) >= self.least)
        ]

    def most_unusual(self, listing: Listing) -> list[tuple[Detected, SessionMove]]:
        """The same, the most unusual first; of equals the earliest."""
        return sorted(self.of(listing), key=lambda pair: (-(pair[1].score or 0.0), pair[1].end))


def wanted(since: str | None, until: str | None, least: float | None) -> Wanted:
    """The bounds in checked form. Raises InvalidAskError naming the option at fault."""
    first = parse_day(since, "since") if since is not None else None
    last = parse_day(until, "until") if until is not None else None
    if first is not None and last is not None and last < first:
        raise InvalidAskError("until", f"{last} comes before {first}, from which on moves are wanted")
    if least is not None and not least > 0.0:
        raise InvalidAskError("min", f"{least} is no size of a move; give a share above 0, such as 0.08 for 8%")
    return Wanted(since=first, until=last, least=least)
