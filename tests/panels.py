"""Small panels from seeds: stored series as they look once they are laid on the sessions of a move.

Sessions are calendar days with a close at 21:00 UTC; the move ends on `tests.dossiers.DAY`. Of a column only the values
that came are given (nan: none on that day); what is carried on, and when each came, is laid out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from causal.model import Dossier, Narrative
from causal.panel import Array, Column, Panel
from causal.world import Derivation, Fact, Instrument
from tests.dossiers import DAY, INDICATORS, INSTRUMENTS, a_dossier, an_indicator

AFTER = 5  # sessions on record after the move
SESSIONS = 600
CARRIED = 5  # sessions for which a value stands when no new one comes
HOUR = 3_600 * 10**6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def a_derivation(function: str, **fields: Any) -> Derivation:
    """Reads price levels and answers for prices, unless told otherwise."""
    values: dict[str, Any] = {"id": function, "name": function, "function": function, "reads": ("price level",)}
    values |= {"answers": ("price",), "indicator": "spot return", "unit": "percent"}
    return Derivation(**{**values, **fields})


DERIVATIONS = (
    a_derivation("log_return", reads=("price level", "fx level")),
    a_derivation("log_return", id="oi", reads=("open interest",), answers=("open interest change",)),
    a_derivation("log_ratio_to_usual", reads=("trading volume",), answers=("trading volume",)),
    a_derivation("change", id="rate", reads=("yield level",), answers=("yield",), indicator="yield change", unit="pp"),
)
SERIES_INDICATORS = (
    *INDICATORS,
    an_indicator("price level", "price_level", family="price", by_price=True),
    an_indicator("open interest", "log_ratio", family="open interest change"),
    an_indicator("yield level", "difference", family="yield"),
    an_indicator("yield change", "difference", family="yield"),
)


def instants(count: int, *, after: int = AFTER) -> Array:
    """The closes in microseconds since 1970."""
    close = datetime(DAY.year, DAY.month, DAY.day, 21, tzinfo=UTC) + timedelta(days=after)
    return np.array(
        [(close - timedelta(days=count - 1 - i) - _EPOCH) / timedelta(microseconds=1) for i in range(count)]
    )


def a_column(name: str, values: Sequence[float] | Array, *, slow: bool = False, **fields: Any) -> Column:
    """A series `name` of the price of `name`; `at` and `hours` may be given, `lag` (hours) is until it is public."""
    came = np.asarray(values, np.float64)
    stamps = instants(len(came), after=fields.pop("after", AFTER))
    known = stamps + fields.pop("lag", 0.0) * HOUR
    carried = 2 * CARRIED if slow else CARRIED
    at = {"sum": came, "mean": came, "min": came, "max": came}
    at |= {how: _carried(came, told, carried) for how, told in (("last", came), ("stamp", stamps), ("known", known))}
    back = {
        how: _carried(came[::-1], told[::-1], carried)[::-1] for how, told in (("next", came), ("known_next", known))
    }
    given: dict[str, Any] = {"id": name, "indicator": "price level", "subject": name, "unit": "USD", "slow": slow}
    given |= {"licence": "may_show", "source": "invented", "at": {**at, **back, **fields.pop("at", {})}}
    return Column(**{**given, **fields})


def _carried(came: Array, told: Array, longest: int) -> Array:
    answer = np.full(len(came), np.nan)
    for i in range(len(came)):
        places = [j for j in range(max(0, i - longest), i + 1) if np.isfinite(came[j])]
        if places:
            answer[i] = told[places[-1]]
    return answer


def a_panel(*columns: Column, moved: str = "coin", span: int = 1, after: int = AFTER, level: bool = False) -> Panel:
    """The columns on their sessions; the move ends `after` sessions before the last and covers `span`."""
    count = len(columns[0].at["last"])
    closes = tuple(_EPOCH + timedelta(microseconds=int(us)) for us in instants(count, after=after))
    end = count - 1 - after
    return Panel(
        days=tuple(close.date() for close in closes),
        closes=closes,
        start=end - span,
        end=end,
        moved=moved,
        level=level,
        columns=columns,
    )


def returns_of(seed: int, count: int = SESSIONS, *, size: float = 0.03) -> Array:
    """Daily log returns with fat tails."""
    answer: Array = size * np.random.default_rng(seed).standard_t(4, count)
    return answer


def prices(returns: Array, *, start: float = 100.0) -> Array:
    """The path of these log returns."""
    answer: Array = start * np.exp(np.cumsum(returns))
    return answer


def with_move(returns: Array, size: float, *, after: int = AFTER) -> Array:
    """The same returns with that of the move (log) put in."""
    answer = returns.copy()
    answer[len(answer) - 1 - after] = size
    return answer


def with_holes(values: Array, seed: int, share: float = 0.15) -> Array:
    """The same with a share of the values missing."""
    return np.where(np.random.default_rng(seed).random(values.shape) < share, np.nan, values)


def a_coin(seed: int = 0, *, move: float = -0.128, count: int = SESSIONS, **fields: Any) -> Column:
    """What moved: it fell by 12 percent on the day of the move."""
    return a_column("coin", prices(with_move(returns_of(seed, count), move)), **fields)


def a_thing(name: str, kind: str) -> Instrument:
    """An instrument that nothing is known about but its kind."""
    return Instrument(id=name, name=name.upper(), kind=kind, asset_class="equity")


def a_series_dossier(
    panel: Panel | None, narratives: Sequence[Narrative] = (), facts: Sequence[Fact] = (), **fields: Any
) -> Dossier:
    """A dossier with series; instruments of the panel that are not known are shares."""
    known = {one.id for one in INSTRUMENTS}
    more = sorted({one.subject for one in panel.columns} - known) if panel else []
    values: dict[str, Any] = {
        "panel": panel,
        "derivations": DERIVATIONS,
        "indicators": SERIES_INDICATORS,
        "instruments": (*INSTRUMENTS, *(a_thing(name, "equity") for name in more)),
    }
    return a_dossier(facts, narratives, **{**values, **fields})
