"""The numbers of the search for root causes in one place: densities of log surprises, and how anomalies travel.

They are priors, set on simulated worlds other than those that the reported figures come from (`tests/accuracy`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_CARRIED = 0.3  # ln surprise


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMethod:
    """`expected` root causes a graph; `edge` the chance that an anomaly passes an edge; densities are over ln surprise.

    A calm series has ln surprise about N(0, `calm_width`); share `drift` moved a little for no reason of interest; one
    whose mechanism changed has about N(`large_at`, `large_width`), wider above (`large_above`); one that was sent an
    anomaly about as much as its sender, less what the edge takes away or `damped`. Share `stray` of anything lies
    anywhere within `span`; what follows from something else does so within `follow_width` or `near_width`.

    `held` is the chance that a fitted mechanism still holds far from normal time, and `held_fitted` what is added in
    proportion to how much of normal time it accounts for; `exactly` the share of those that hold to the letter.
    `system_weight` is how many nodes' worth of observations these chances weigh beside what this system shows.
    `least_slope` is what an edge may carry beyond its slope in normal time. `unlisted` is the chance of a way to the
    target that the graph lacks.
    """

    expected: float = 1.5
    edge: float = 0.7
    calm_width: float = 0.5
    drift: float = 0.12
    drift_at: float = 1.4
    drift_width: float = 0.6
    large_at: float = 2.8
    large_width: float = 1.2
    large_above: float = 2.0
    damped: float = 0.3
    passed_width: float = 1.0
    passed_above: float = 0.8
    passed_share: float = 0.8
    least_slope: float = 0.2
    held: float = 0.5
    held_fitted: float = 0.4
    exactly: float = 0.6
    system_weight: float = 2.0
    near_width: float = 0.7
    follow_width: float = 0.6
    stray: float = 0.1
    span: float = 6.0
    direction: float = 0.7
    too_early: float = 0.4
    unlisted: float = 0.1
    reach_power: float = 0.75
    width_limit: int = 12

    def holds(self, fitted: float) -> float:
        """Chance that a mechanism holds far from normal time, the larger the more of normal time it accounts for."""
        return self.held + self.held_fitted * fitted

    def reaching(self, reach: float) -> float:
        """Chance that a change reached the target, from the weakest edge of its best path.

        An edge is likelier travelled given the change than on the whole, hence the root.
        """
        listed = reach**self.reach_power
        return float(listed + (1.0 - listed) * self.unlisted)

    def still(self, x: float) -> float:
        """Density of the ln surprise of what has nothing to tell."""
        return _normal(x, 0.0, self.calm_width)

    def small(self, x: float) -> float:
        """Density of the ln surprise of what moved a little for no reason of interest."""
        return _normal(x, self.drift_at, self.drift_width)

    def calm(self, x: float) -> float:
        """Density of the ln surprise of a series with nothing to tell, or that moved a little."""
        return (1.0 - self.drift) * self.still(x) + self.drift * self.small(x)

    def large(self, x: float) -> float:
        """Density of the ln surprise of a series whose own mechanism changed."""
        return _halves(x, self.large_at, self.large_width, self.large_above)

    def passed_on(self, x: float, carried: float) -> float:
        """Density of the ln surprise of a series that was sent an anomaly of ln size `carried`."""
        like = _halves(x, max(carried, LEAST_CARRIED), self.passed_width, self.passed_above)
        return self.passed_share * like + (1.0 - self.passed_share) * self.large(x)

    def near(self, value: float, centre: float, width: float) -> float:
        """Density of a ln surprise that follows from another, with a share that lies anywhere."""
        return (1.0 - self.stray) * _normal(value, max(centre, 0.0), width) + self.stray / self.span

    def below(self, y: float, most: float) -> float:
        """Density of a ln surprise anywhere from calm up to `most`, with soft ends."""
        high = max(most, self.near_width)
        return (_below(y, 0.0, self.calm_width) - _below(y, high, self.calm_width)) / high


def _normal(x: float, centre: float, width: float) -> float:
    return math.exp(-0.5 * ((x - centre) / width) ** 2) / (width * math.sqrt(2.0 * math.pi))


def _halves(x: float, centre: float, under: float, over: float) -> float:
    """A normal density of one width below its centre and another above it."""
    width = over if x > centre else under
    return 2.0 * width / (under + over) * _normal(x, centre, width)


def _below(x: float, edge: float, width: float) -> float:
    """Chance that an edge blurred by `width` lies below x."""
    return 0.5 * math.erfc((edge - x) / (width * math.sqrt(2.0)))
