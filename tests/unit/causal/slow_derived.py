"""The derived readings once more, session by session in plain Python: slow, and read from the formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import fmean, median

from causal.derived import Look
from causal.panel import Array, Column

Number = float | None


def get(values: Array, place: int) -> Number:
    """What stands at a session, None where nothing does or the panel has no such session."""
    if not 0 <= place < len(values) or math.isnan(values[place]):
        return None
    return float(values[place])


def log(value: Number) -> Number:
    return math.log(value) if value is not None and value > 0.0 else None


def less(one: Number, other: Number) -> Number:
    return None if one is None or other is None else one - other


def times(factor: float, value: Number) -> Number:
    return None if value is None else factor * value


def known(values: Iterable[Number]) -> list[float]:
    return [value for value in values if value is not None]


def mean(values: Iterable[Number]) -> Number:
    told = known(values)
    return fmean(told) if told else None


class Session:
    """One session of a look."""

    def __init__(self, it: Look, t: int) -> None:
        self.it, self.t = it, t

    def first(self, column: Column | None = None) -> Number:
        return get((column or self.it.column).at["last"], self.t + self.it.lo)

    def last(self, column: Column | None = None) -> Number:
        it, one = self.it, column or self.it.column
        if one.slow:
            over_before = it.hi <= -max(1, it.panel.end - it.panel.start)
            return get(one.at["last" if over_before else "next"], self.t + it.hi)
        now, then = get(one.at["stamp"], self.t + it.hi), get(one.at["stamp"], self.t + it.lo)
        new = now is not None and then is not None and now > then
        return get(one.at["last"], self.t + it.hi) if new else None

    def over(self, values: Array, first: int, last: int) -> list[float]:
        return known(get(values, self.t + i) for i in range(first, last + 1))

    def inside(self, how: str) -> list[float]:
        return self.over(self.it.column.at[how], self.it.lo + 1, self.it.hi)  # type: ignore[index]  # by the caller

    def usual(self, how: str) -> Number:
        past = self.over(self.it.column.at[how], self.it.lo - self.it.usual + 1, self.it.lo)  # type: ignore[index]
        return median(past) if len(past) >= min(3, self.it.usual) else None

    def change(self, column: Column | None = None) -> Number:
        """ln(end / start) of a column."""
        return less(log(self.last(column)), log(self.first(column)))

    def moved(self) -> Number:
        panel, span = self.it.panel, max(1, self.it.panel.end - self.it.panel.start)
        level = next(one for one in panel.columns if one.id == panel.moved).at["last"]
        now, then = get(level, self.t), get(level, self.t - span)
        return less(now, then) if panel.level else times(100.0, less(log(now), log(then)))


def daily(column: Column, place: int) -> Number:
    return less(log(get(column.at["last"], place)), log(get(column.at["last"], place - 1)))


def correlation(pairs: Iterable[tuple[Number, Number]]) -> Number:
    both = [(x, y) for x, y in pairs if x is not None and y is not None]
    if len(both) < 3:
        return None
    mx, my = fmean(x for x, _ in both), fmean(y for _, y in both)
    xx, yy = sum((x - mx) ** 2 for x, _ in both), sum((y - my) ** 2 for _, y in both)
    return sum((x - mx) * (y - my) for x, y in both) / math.sqrt(xx * yy) if xx * yy > 0.0 else None


def log_return(s: Session) -> Number:
    return times(100.0, s.change())


def change(s: Session) -> Number:
    return less(s.last(), s.first())


def total(s: Session) -> Number:
    return math.fsum(s.inside("sum")) if s.inside("sum") else None


def log_ratio_to_usual(s: Session) -> Number:
    return times(100.0, less(log(mean(s.inside("mean"))), log(s.usual("mean"))))


def percentile_of_usual(s: Session) -> Number:
    now = mean(s.inside("mean"))
    past = s.over(s.it.column.at["mean"], s.it.lo - s.it.usual + 1, s.it.lo)
    if now is None or len(past) < 3:
        return None
    return 100.0 * fmean(1.0 if x < now else 0.5 if x == now else 0.0 for x in past)


def mean_less_usual(s: Session) -> Number:
    return less(mean(s.inside("mean")), s.usual("mean"))


def level_against_usual(s: Session) -> Number:
    past = s.over(s.it.column.at["last"], s.it.hi - s.it.usual, s.it.hi - 1)
    now = get(s.it.column.at["last"], s.t + s.it.hi)
    if now is None or len(past) < 2:
        return None
    middle = fmean(past)
    spread = math.sqrt(fmean((x - middle) ** 2 for x in past))
    return (now - middle) / spread if spread > 1e-9 * abs(middle) else None


def mean_level_against_usual(s: Session) -> Number:
    past = s.over(s.it.column.at["last"], s.it.lo - s.it.usual + 1, s.it.lo)
    now = mean(s.inside("last"))
    if now is None or len(past) < 2:
        return None
    middle = fmean(past)
    spread = math.sqrt(fmean((x - middle) ** 2 for x in past))
    return (now - middle) / spread if spread > 1e-9 * abs(middle) else None


def realised_volatility(s: Session) -> Number:
    it = s.it

    def root_mean_square(first: int, last: int) -> Number:
        made: list[float] = []
        for i in range(first, last + 1):
            hours = it.column.hours
            if hours is None:
                made += known([daily(it.column, s.t + i)])
            elif 0 <= s.t + i < len(hours):
                row = hours[s.t + i]
                made += known(less(log(get(row, h + 1)), log(get(row, h))) for h in range(23))
        return math.sqrt(fmean(x * x for x in made)) if made else None

    now, before = root_mean_square(it.lo + 1, it.hi), root_mean_square(it.lo - it.usual + 1, it.lo)
    return times(100.0, less(log(now), log(before)))


def realised_correlation(s: Session) -> Number:
    it = s.it

    def tied(peer: Column, first: int, last: int) -> Number:
        return correlation((daily(it.column, s.t + i), daily(peer, s.t + i)) for i in range(first, last + 1))

    near = max(5, it.usual // 3)
    return mean(
        less(tied(peer, it.hi - near + 1, it.hi), tied(peer, it.lo - 2 * it.usual + 1, it.lo)) for peer in it.peers
    )


def co_movement(s: Session) -> Number:
    def z(column: Column) -> Number:
        past = known(daily(column, s.t + i) for i in range(s.it.lo - s.it.usual + 1, s.it.lo + 1))
        size = math.sqrt(fmean(x * x for x in past) * (s.it.hi - s.it.lo)) if past else 0.0
        return times(1.0 / size, s.change(column)) if size > 0.0 else None

    own = z(s.it.column)
    products = [(own, z(peer)) for peer in s.it.peers]
    return mean(None if one is None or other is None else one * other for one, other in products)


def spread_to_peers(s: Session) -> Number:
    return less(log_return(s), mean(times(100.0, s.change(peer)) for peer in s.it.peers))


def drawdown(s: Session) -> Number:
    past = s.over(s.it.column.at["last"], s.it.hi - s.it.usual, s.it.hi)
    return times(100.0, less(log(get(s.it.column.at["last"], s.t + s.it.hi)), log(max(past, default=None))))


def momentum(s: Session) -> Number:
    past = s.over(s.it.column.at["last"], s.it.hi - s.it.usual, s.it.hi)
    return times(100.0, less(log(get(s.it.column.at["last"], s.t + s.it.hi)), log(mean(past))))


def reversal(s: Session) -> Number:
    moved, back = s.moved(), log_return(s)
    return None if not moved or back is None else -back / moved


def premium_change(s: Session) -> Number:
    spot = s.it.column.at.get("spot")
    if spot is None:
        return None
    ends = (s.t + s.it.hi, s.t + s.it.lo)
    end, start = (less(log(get(s.it.column.at["last"], i)), log(get(spot, i))) for i in ends)
    return times(100.0, less(end, start))


def lowest_from_par(s: Session) -> Number:
    low = s.inside("min")
    return 100.0 * (min(low) - 1.0) if low else None


def difference_to_peers(s: Session) -> Number:
    return less(s.last(), mean(s.last(peer) for peer in s.it.peers))


def slope_change(s: Session) -> Number:
    end = less(log(mean(s.last(peer) for peer in s.it.peers)), log(s.last()))
    start = less(log(mean(s.first(peer) for peer in s.it.peers)), log(s.first()))
    return times(100.0, less(end, start))


def flow_surprise(s: Session) -> Number:
    every = [Session(s.it, t) for t in range(len(s.it.panel.days))]
    both = [(x, y) for x, y in ((one.moved(), total(one)) for one in every) if x is not None and y is not None]
    own, flow = s.moved(), total(s)
    if len(both) < 3 or own is None or flow is None:
        return None
    mx, my = fmean(x for x, _ in both), fmean(y for _, y in both)
    slope = sum((x - mx) * (y - my) for x, y in both) / sum((x - mx) ** 2 for x, _ in both)
    return flow - my - slope * (own - mx)


def price_lead(s: Session) -> Number:
    it = s.it
    moved = next(one for one in it.panel.columns if one.id == it.panel.moved)
    place = s.t + it.hi
    if it.column.hours is None or moved.hours is None or not 0 <= place < len(it.panel.days):
        return None
    own, other = (
        [less(log(get(row, h + 1)), log(get(row, h))) for h in range(23)]
        for row in (it.column.hours[place], moved.hours[place])
    )
    ahead = correlation(zip(own[:-1], other[1:], strict=True))
    return less(ahead, correlation(zip(other[:-1], own[1:], strict=True)))


SLOW: dict[str, Callable[[Session], Number]] = {
    function.__name__: function
    for function in (
        log_return,
        change,
        total,
        log_ratio_to_usual,
        percentile_of_usual,
        mean_less_usual,
        level_against_usual,
        mean_level_against_usual,
        realised_volatility,
        realised_correlation,
        co_movement,
        spread_to_peers,
        drawdown,
        momentum,
        reversal,
        premium_change,
        lowest_from_par,
        difference_to_peers,
        slope_change,
        flow_surprise,
        price_lead,
    )
}
