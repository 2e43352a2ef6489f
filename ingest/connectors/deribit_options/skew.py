"""What puts cost beyond calls: implied volatility at a delta of 25 percent, 30 days ahead.

The delta of an option on a forward (Black, 1976) is N(d1) for a call and N(d1) - 1 for a put, with
d1 = (ln(F / K) + v^2 t / 2) / (v sqrt(t)). Volatilities are interpolated over delta between the two strikes around 25
percent, then over time between the two expiries around 30 days; nothing is extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import NormalDist

from ingest.connectors.deribit_options.book import Book, Option

DELTA = 0.25
AHEAD = timedelta(days=30)
YEAR = timedelta(days=365)
_NORMAL = NormalDist()


def put_call_skew(book: Book) -> float | None:
    """Volatility of the put less that of the call, in percentage points a year; None where the book does not tell."""
    ordered = sorted(book.options, key=lambda one: one.expiry)
    told = [
        (expiry, skew)
        for expiry, options in groupby(ordered, key=lambda one: one.expiry)
        if (skew := _skew_of(list(options), book.at)) is not None
    ]
    return _between([(expiry - book.at) / YEAR for expiry, _ in told], [skew for _, skew in told], AHEAD / YEAR)


def _skew_of(options: Sequence[Option], at: datetime) -> float | None:
    """The skew of one expiry."""
    puts = _volatility([one for one in options if not one.call], at)
    calls = _volatility([one for one in options if one.call], at)
    return None if puts is None or calls is None else puts - calls


def _volatility(options: Iterable[Option], at: datetime) -> float | None:
    """The implied volatility at a delta of 25 percent, whatever its sign."""
    found = sorted((abs(_delta(one, at)), one.volatility) for one in options if one.volatility)
    return _between([delta for delta, _ in found], [volatility for _, volatility in found], DELTA)


def _delta(option: Option, at: datetime) -> float:
    assert option.volatility, "asked of options with a volatility alone"
    spread = option.volatility / 100 * math.sqrt((option.expiry - at) / YEAR)
    d1 = math.log(option.forward / option.strike) / spread + spread / 2
    return _NORMAL.cdf(d1) - (0 if option.call else 1)


def _between(places: Sequence[float], values: Sequence[float], place: float) -> float | None:
    """The value at a place on the line through its two neighbours; None outside of all. Places ascend."""
    for (left, low), (right, high) in pairwise(zip(places, values, strict=True)):
        if left <= place <= right:
            return low if right == left else low + (high - low) * (place - left) / (right - left)
    return None
