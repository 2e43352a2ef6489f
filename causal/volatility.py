"""The exponentially weighted volatility filter, which makes returns of calm and of wild times comparable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DAILY_DECAY = 0.94
WARM_ROWS = 20


def ewma_volatility(values: Array, *, decay: float = DAILY_DECAY, warm: int = WARM_ROWS) -> Array:
    """sigma_t of a series (T,) from what came before t: sigma_t^2 = decay sigma_{t-1}^2 + (1 - decay) x_{t-1}^2.

    RiskMetrics (J. P. Morgan and Reuters 1996), whose decay for daily data is .94. It starts from the mean square of
    the first `warm` known values and is nan until they are in; a missing value leaves sigma as it was. Divide a series
    by it before fitting mechanisms (causal.md 1.4); a share in filtered units times the target's sigma_t is one in its
    own.
    Raises ValueError unless 0 < decay < 1 and warm >= 1.
    """
    if not 0.0 < decay < 1.0 or warm < 1:
        raise ValueError(f"decay {decay} has to lie between 0 and 1, and warm {warm} to be at least 1")
    sigma = np.full(values.size, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if known.size < warm:
        return sigma
    variance = float(np.mean(values[known[:warm]] ** 2))
    for row in range(int(known[warm - 1]) + 1, values.size):
        sigma[row] = np.sqrt(variance)
        if not np.isnan(values[row]):
            variance = decay * variance + (1.0 - decay) * float(values[row]) ** 2
    return sigma


def volatility_filtered(values: Array, *, decay: float = DAILY_DECAY, warm: int = WARM_ROWS) -> Array:
    """x_t / sigma_t by `ewma_volatility`, (T,); nan while it warms up, where x is missing, and where sigma is 0."""
    sigma = ewma_volatility(values, decay=decay, warm=warm)
    answer: Array = np.divide(values, sigma, out=np.full(values.size, np.nan), where=sigma > 0.0)
    return answer
