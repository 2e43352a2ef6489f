"""What to look at next: of all that nobody has looked at, what would tell the stories apart most?

The expected information gain of an observable is sum_k H(N_k | E) - sum_b P(b | E) H(N_k | E, O = b) (causal.md 3.6).
An observable speaks of a narrative through one step Z, so that P(N | E, b) = sum_z P(N | E, z) P(z | E, b): one run
with each step clamped answers for every outcome of everything that hangs on it. Where several steps predict one thing
the most informative of them counts, which is the least that looking would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from causal.explanation import LookNext
from causal.likelihood import quiet_masses, tilted
from causal.network import Factor
from causal.observables import SIDES
from causal.panel import Array
from causal.posterior import evidence_factors
from causal.scoring import Scored

Place = tuple[str, str, str, str]  # indicator, subject, role where there is no subject, window
TRIFLE = 0.02  # of a story less likely than this no step is looked at more closely


@dataclass(slots=True)
class _Open:
    """An observable that nobody looked at: which narratives ask, as what, by which steps (key, side, tilt, link)."""

    asked: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    through: set[tuple[str, str, float, float]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


def open_predictions(scored: Scored) -> tuple[LookNext, ...]:
    """All predictions without an answer, the most informative first."""
    places: dict[Place, _Open] = {}
    for answer in scored.findings.answers:
        if answer.reports or answer.by_move is not None:
            continue
        narrative = scored.narratives[answer.narrative]
        step = narrative.steps[answer.step - 1]
        prediction = step.predictions[answer.prediction - 1]
        role, subject = prediction.role or "", prediction.subject or ""
        place = (prediction.indicator, subject, "" if subject else role, answer.window)
        found = places.setdefault(place, _Open())
        found.asked.add(narrative.id)
        found.roles.add(role)
        found.through.add(
            (
                step.key,
                SIDES[prediction.direction],
                scored.method.tilt[prediction.strength],
                scored.method.links[prediction.strength],
            )
        )
        found.refused.update(f"{one.series} ({one.why})" for one in answer.refused)
    gains = _gains(scored, places)
    order = sorted(places, key=lambda place: (-round(gains[place], 9), place))
    return tuple(_look(scored, place, places[place], gains[place]) for place in order)


def _look(scored: Scored, place: Place, found: _Open, gain: float) -> LookNext:
    indicator, subject, _, window = place
    known = scored.index.world.indicators.get(indicator)
    told = known.available_from if known else None
    loaded = "; ".join(sorted(found.refused))
    return LookNext(
        indicator=indicator,
        subject=subject or None,
        role=", ".join(sorted(found.roles - {""})) or None,
        window=window,
        separates=tuple(sorted(found.asked)),
        gain_bits=gain,
        available_from=f"more of the series that is loaded: {loaded}" if loaded else told,
    )


def _gains(scored: Scored, places: dict[Place, _Open]) -> dict[Place, float]:
    owners = {step.key: k for k, narrative in enumerate(scored.narratives) for step in narrative.steps}
    beliefs = scored.beliefs.table[scored.rows.full]
    variables = list(scored.structure.narratives)
    wanted = sorted(
        {key for found in places.values() for key, *_ in found.through if beliefs[variables[owners[key]]] >= TRIFLE}
    )
    if not wanted:
        return dict.fromkeys(places, 0.0)
    on = dict(zip(wanted, _clamped(scored, wanted), strict=True))
    now = beliefs[variables]
    answer: dict[Place, float] = {}
    for place, found in places.items():
        through = [one for one in found.through if one[0] in on]
        answer[place] = max(
            (
                _gain(now, on[key], float(beliefs[scored.structure.steps[key]]), scored, side, tilt, link)
                for key, side, tilt, link in through
            ),
            default=0.0,
        )
    return answer


def _clamped(scored: Scored, steps: Sequence[str]) -> Array:
    """P(narrative | E, step on), of shape (steps, narratives)."""
    structure = scored.structure
    table = np.array([[1.0, 1.0], [0.0, 1.0]])
    clamps = [
        Factor(scope=(structure.steps[key],), table=table, rows=own)
        for key, own in zip(steps, np.eye(len(steps), dtype=np.uint8), strict=True)
    ]
    evidence = evidence_factors(structure, scored.evidence, scored.items, np.ones((1, len(scored.items))))
    return structure.plan.marginals([*structure.factors, *structure.move, *evidence, *clamps], structure.narratives)[0]


def _gain(now: Array, on: Array, step: float, scored: Scored, side: str, tilt: float, link: float) -> float:  # noqa: PLR0917
    """Bits about all narratives from seeing the bin of something that one step (probability `step`) tilts."""
    if not 0.0 < step < 1.0:
        return 0.0
    off = np.clip((now - step * on) / (1.0 - step), 0.0, 1.0)
    method = scored.method
    masses = tilted(side, tilt, 0.0, method.flat_width)
    quiet = quiet_masses([masses], method.acting_share)
    acting = (1.0 - link) * quiet + link * masses
    outcome = step * acting + (1.0 - step) * quiet
    then = (step * acting / outcome)[:, np.newaxis]
    after = then * on + (1.0 - then) * off
    return max(0.0, float((_entropy(now) - outcome @ _entropy(after)).sum()))


def _entropy(p: Array) -> Array:
    """Bits of a yes or no."""
    q = np.clip(p, 1e-12, 1.0 - 1e-12)
    answer: Array = -(q * np.log2(q) + (1.0 - q) * np.log2(1.0 - q))
    return answer
