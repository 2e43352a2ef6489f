"""The numbers of the search for root causes in one place: densities of log surprises, and how anomalies travel.

They are priors, set on simulated worlds other than those that the reported figures come from (`tests/accuracy`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMethod:
    """`expected` root causes a graph; `edge` the chance that an anomaly passes an edge; densities are over ln surprise.

    A calm series has ln surprise about N(0, `calm_width`), with share `drift` that moved a little for no reason of
    interest; one whose mechanism changed about N(`large_at`, `large_width`), wider above (`large_above`); one that was
    sent an anomaly about as much as its sender, less `damped`. `held` is the chance that a fitted mechanism still holds
    far from normal time, and `held_fitted` what is added in proportion to how much of normal time it accounts for.
    `unlisted` is the chance of a way to the target that the graph lacks.
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
    passed_share: float = 0.6
    held: float = 0.5
    held_fitted: float = 0.4
    near_width: float = 0.7
    span: float = 6.0
    direction: float = 0.7
    too_early: float = 0.4
    unlisted: float = 0.1
    reach_power: float = 0.5
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

    def calm(self, x: float) -> float:
        """Density of the ln surprise of a series that has nothing to tell."""
        still = _normal(x, 0.0, self.calm_width)
        return (1.0 - self.drift) * still + self.drift * _normal(x, self.drift_at, self.drift_width)

    def large(self, x: float) -> float:
        """Density of the ln surprise of a series whose own mechanism changed."""
        above = self.large_above if x > self.large_at else self.large_width
        return 2.0 * above / (self.large_above + self.large_width) * _normal(x, self.large_at, above)

    def passed_on(self, x: float, sender: float) -> float:
        """Density of the ln surprise of a series that got its anomaly from one with ln surprise `sender`."""
        like = _normal(x, max(sender - self.damped, 0.5), self.passed_width)
        return self.passed_share * like + (1.0 - self.passed_share) * self.large(x)

    def near(self, y: float, x: float, doubt: float) -> float:
        """Density of the residual's ln surprise where the parents explain nothing: the series' own, less the doubt."""
        centre = max(x - 0.15 - doubt, 0.0)
        return 0.9 * _normal(y, centre, self.near_width) + 0.1 / self.span


def _normal(x: float, centre: float, width: float) -> float:
    return math.exp(-0.5 * ((x - centre) / width) ** 2) / (width * math.sqrt(2.0 * math.pi))
