"""Noise as markets make it: what real series did on days of the same volatility, in place of draws from a law.

Each series is cut into three regimes by the volatility of the days before (causal.md 7). What a simulated day draws
is a real change of a day of its regime, so that tails, skew and how much wilder wild days are come from the markets.
Series are read where they lie beside the project and never copied; who has none keeps the built-in law.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REGIMES = 3
MEMORY = 20  # days before, by whose mean absolute change the regime of a day is told
SERIES = {  # file: its column, and whether changes are of the logarithm
    "btc_usd_daily_close.csv": ("close", True),
    "fx_usdjpy_ecb_daily.csv": ("value", True),
    "fx_eurusd_ecb_daily.csv": ("value", True),
    "fx_audjpy_ecb_daily.csv": ("value", True),
    "jgb_10y_daily.csv": ("value", False),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """Changes of real series by regime: `pools[s][g]` are those of series s in regime g, quiet first.

    Each series has mean zero, and a standard deviation of one in its middle regime.
    """

    pools: tuple[tuple[Array, ...], ...]

    def draw(self, rng: np.random.Generator, regimes: NDArray[np.intp], columns: int) -> Array:
        """(N, columns): a change for each day of regime `regimes` (N,); column c is drawn from series c, in turn."""
        answer = np.empty((len(regimes), columns))
        for column in range(columns):
            for regime, pool in enumerate(self.pools[column % len(self.pools)]):
                own = regimes == regime
                answer[own, column] = rng.choice(pool, int(own.sum()))
        return answer


def read_noise(folder: Path) -> Noise | None:
    """The noise of the series in a folder of daily files; None where one is not there."""
    if not all((folder / name).is_file() for name in SERIES):
        return None
    return Noise(pools=tuple(by_regime(_changes(folder / name, *how)) for name, how in SERIES.items()))


def by_regime(changes: Array) -> tuple[Array, ...]:
    """Changes (T,) in three equal parts by the volatility of the days before, centred and scaled by the middle part."""
    sums = np.cumsum(np.abs(np.concatenate([[0.0], changes])))
    before = (sums[MEMORY:-1] - sums[: -MEMORY - 1]) / MEMORY
    own = changes[MEMORY:]
    regime = np.searchsorted(np.quantile(before, [1 / 3, 2 / 3]), before)
    parts = [own[regime == one] - own.mean() for one in range(REGIMES)]
    return tuple(part / parts[1].std() for part in parts)


def _changes(path: Path, column: str, logarithm: bool) -> Array:
    with path.open(encoding="utf-8", newline="") as file:
        values = [float(row[column]) for row in csv.DictReader(file) if row[column]]
    levels = np.log(values) if logarithm else np.array(values)
    return np.asarray(np.diff(levels))
