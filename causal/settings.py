"""The numbers of the method in one place, so that an explanation can name exactly what it was scored with.

Every default is a prior of the design (causal.md 3, evidence.md 2 and 4), none is fitted to a case; `settings_hash`
covers all of them, and the version of the method.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

METHOD_VERSION = "2"


def _grades() -> dict[str, float]:
    return {"A": 0.97, "B": 0.90, "C": 0.75, "D": 0.55, "E": 0.30, "F": 0.40}


def _credibilities() -> dict[str, float]:
    return {"1": 1.0, "2": 0.95, "3": 0.8, "4": 0.55, "5": 0.25, "6": 0.5}


def _necessities() -> dict[str, float]:
    return {"essential": 0.98, "typical": 0.92, "optional": 0.70}


def _base_rates() -> dict[str, float]:
    return {"rare": 0.03, "uncommon": 0.10, "common": 0.30}


def _tilts() -> dict[str, float]:
    return {"weak": 1.7, "medium": 3.0, "strong": 6.0}


def _links() -> dict[str, float]:
    return {"weak": 0.7, "medium": 0.8, "strong": 0.9}


def _argument_ratios() -> dict[str, float]:
    return {"weak": 1.5, "medium": 2.5, "strong": 5.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """All constants of layer A.

    Probabilities are in [0, 1]; `theta` by necessity, `base_rate` by word, `tilt` by strength (A of causal.md 3.3),
    `argument_ratio` by strength (causal.md 3.4), reliabilities by Admiralty grade and credibility. What attacks on it
    leave undecided keeps the share `undecided_argument` of its reliability. `lag_reversed` is of `causal/timing.py`.
    `acting_share` is the share of all days like this one on which a step that predicts the observable acts: taken out
    of the base masses it leaves those of days on which none does (`causal.likelihood.quiet_masses`; 0 takes none out).
    Off, because they did not help where they were measured: `amplification` (q of an amplifier together with what it
    amplifies, causal.md 3.2; the two as one more cause), `residual_pit` (`causal/residuals.py`) and `shared_sources`
    (the share of a report's unreliability that is common to its origin, `causal/latents.py`), and `argument_validity`
    as `graded`, where of two arguments that defeat each other not both are valid.
    """

    grade: Mapping[str, float] = field(default_factory=_grades)
    credibility: Mapping[str, float] = field(default_factory=_credibilities)
    theta: Mapping[str, float] = field(default_factory=_necessities)
    base_rate: Mapping[str, float] = field(default_factory=_base_rates)
    tilt: Mapping[str, float] = field(default_factory=_tilts)
    argument_ratio: Mapping[str, float] = field(default_factory=_argument_ratios)
    broken_chain: float = 0.28
    spill: float = 0.11
    links: Mapping[str, float] = field(default_factory=_links)
    least_link: float = 0.02
    leak: float = 0.03
    transmission: float = 0.6
    amplification: float = 0.0
    unknown_prior: float = 0.10
    unknown_transmission: float = 0.8
    library_prior: float = 0.15
    unlisted_prior: float = 0.05
    listed_prior_mass: float = 2.0
    listed_prior_low: float = 0.08
    listed_prior_high: float = 0.35
    written_after_base_rate: str = "common"
    breadth_correlation: float = 1.0
    generic_tilt: float = 0.25
    generic_tilt_measured: float = 0.5
    generic_shift: float = 0.25
    tilt_public_act: float = 1.7
    tilt_statement: float = 1.2
    proxy_reliability: float = 0.85
    earlier_reliability: float = 0.8
    move_against_reliability: float = 0.95
    series_reliability: float = 0.99
    bandwidth: float = 0.25
    comparable_days: float = 20.0
    residual_pit: bool = False
    acting_share: float = 0.05
    lag_reversed: float = 0.1
    clock_error_hours: float = 0.25
    argument_floor: float = 0.25
    undecided_argument: float = 0.5
    argument_validity: Literal["status", "graded"] = "status"
    shared_sources: float = 0.0
    report_floor: float = 0.10
    baseline_days: int = 60
    flat_width: float = 0.7775
    robustness_draws: int = 512
    robustness_cells: int = 8_000_000
    flip_cells: int = 3_000_000
    shapley_permutations: int = 64
    shapley_items: int = 200
    shapley_cells: int = 4_000_000
    prior_spread: float = 0.7
    reliability_spread: float = 0.7
    tilt_spread: float = 0.3
    joint_size: int = 12
    joint_cells: int = 8_000_000
    width_limit: int = 16
    verdict_nats: float = 0.7

    def __post_init__(self) -> None:
        """Raises ValueError where a setting cannot be meant."""
        if not 0.0 <= self.shared_sources <= 1.0:
            raise ValueError(f"shared_sources is a share, from 0 to 1, not {self.shared_sources}")
        if self.argument_validity not in ("status", "graded"):
            raise ValueError(f"argument_validity is status or graded, not {self.argument_validity!r}")
        if self.argument_validity == "graded" and self.undecided_argument > 0.5:
            raise ValueError("with argument_validity graded, set undecided_argument to 0.5 at most")

    def settings_hash(self) -> str:
        """`sha256:` and the digest of every constant and the version of the method."""
        text = repr([METHOD_VERSION, sorted((name, repr(value)) for name, value in asdict(self).items())])
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def reliability(self, grade: str, credibility: int) -> float:
        """Probability that a report of this grade and credibility says what was so (causal.md 3.4)."""
        return self.grade[grade] * self.credibility[str(credibility)]
