"""What a recalibration is told of a scored move, to learn from it and to be applied to it: the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal.features import context_of, own_features
from causal.necessity import BIT, necessity
from causal.recalibration import Recalibration
from causal.scoring import Scored
from causal.world import FRACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One narrative of a move: `name` is the one under which its story returns (its template's, else its own id)."""

    id: str
    name: str
    posterior: float
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """All narratives of a move, in the order in which they were scored, and the context that they share."""

    narratives: tuple[Told, ...]
    context: Mapping[str, float]


def lesson_of(scored: Scored) -> Lesson:
    """What a scoring run says of its narratives, in the terms of `causal/features.py`."""
    full = scored.beliefs.table[scored.rows.full]
    told = tuple(
        Told(
            id=narrative.id,
            name=narrative.template or narrative.id,
            posterior=float(full[variable]),
            features=own_features(scored.findings.observables, number),
        )
        for number, (narrative, variable) in enumerate(zip(scored.narratives, scored.structure.narratives, strict=True))
    )
    context = context_of(
        unknown=float(full[scored.structure.unknown]),
        surprise=necessity(scored).surprise_gain_bits * BIT,
        size=_size(scored),
    )
    return Lesson(narratives=told, context=context)


def recalibrated(taught: Recalibration, lesson: Lesson) -> dict[str, float]:
    """The calibrated probability of each narrative, by its id."""
    return {one.id: taught.apply(one.name, one.posterior, one.features, lesson.context) for one in lesson.narratives}


def _size(scored: Scored) -> float | None:
    """The move in standard deviations of a large one; None of a yield or a spread, and where its size is not known."""
    move = scored.dossier.move
    scale = scored.index.world.asset_class(move.instrument).scale
    if not move.return_ or move.return_unit != FRACTION or scale <= 0.0:
        return None
    return abs(move.return_) * 100.0 / scale
