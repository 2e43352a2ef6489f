"""How well do the scores tell true stories from wrong ones, and how much of that is the evidence's doing?

Every figure comes with the same evidence replaced by noise, with all readings inverted, and with the number of
predictions as the score, because a story's length alone is a good scorer (evidence.md 0 and 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.binding import bind
from causal.likelihood import BASE
from causal.model import Dossier, Template
from causal.scoring import score
from causal.settings import Method
from causal.surprise import Reading, mirrored
from causal.world import Fact

TRUE = frozenset({"supported", "partly supported"})
FALSE = frozenset({"unsupported", "refuted"})
Reread = Callable[[Fact, Reading], Reading]
DIGITS = 9  # stories of which nothing is known are equal up to the order in which a network is summed: a tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case with what only hindsight knows: verdict by narrative, the consensus in order, predictions by narrative."""

    dossier: Dossier
    verdicts: dict[str, str]
    consensus: tuple[str, ...]
    templates: dict[str, str | None]
    predictions: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one way of scoring; AUC in [0, 1]."""

    first: int
    cases: int
    pooled: float
    within: float
    noise: float
    inverted: float
    counted: float
    highest_refuted: float

    @property
    def lift(self) -> float:
        """AUC above that of the same evidence with its readings replaced by noise."""
        return self.pooled - self.noise


def auc(scores: Sequence[float], truths: Sequence[bool]) -> float:
    """Chance that a true story outscores a wrong one, ties half; nan where one of the two sorts is missing."""
    values, labels = np.array(scores), np.array(truths)
    right, wrong = values[labels], values[~labels]
    if right.size == 0 or wrong.size == 0:
        return float("nan")
    wins = (right[:, np.newaxis] > wrong).sum() + 0.5 * (right[:, np.newaxis] == wrong).sum()
    return float(wins / (right.size * wrong.size))


def posteriors(
    dossier: Dossier,
    library: Sequence[Template],
    method: Method,
    *,
    own: bool = True,
    reread: Reread | None = None,
) -> dict[str, float]:
    """Posterior by narrative id from readings alone, equal ones equal to the last digit.

    Without the case's own narratives when `own` is false.
    """
    bare = replace(dossier, arguments=(), narratives=dossier.narratives if own else ())
    scored = score(bare, bind(tuple(library), bare), method, reread)
    row = scored.beliefs.table[scored.rows.readings]
    return {
        n.id: round(float(row[v]), DIGITS) for n, v in zip(scored.narratives, scored.structure.narratives, strict=True)
    }


def noise(seed: int) -> Reread:
    """Readings drawn from the base masses, one a fact."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Reading] = {}

    def reread(fact: Fact, _reading: Reading) -> Reading:
        if fact.id not in drawn:
            masses = [0.0] * 5
            masses[int(rng.choice(5, p=BASE))] = 1.0
            drawn[fact.id] = Reading(
                bins=(masses[0], masses[1], masses[2], masses[3], masses[4]), z=None, reason="noise"
            )
        return drawn[fact.id]

    return reread


def measure(cases: Sequence[Judged], library: Sequence[Template], method: Method, *, draws: int = 20) -> Figures:
    """All figures over the cases' own narratives; an `open` verdict is neither true nor wrong."""
    plain = [posteriors(case.dossier, library, method) for case in cases]
    turned = [posteriors(c.dossier, library, method, reread=lambda _fact, reading: mirrored(reading)) for c in cases]
    drawn = [[posteriors(c.dossier, library, method, reread=noise(seed)) for c in cases] for seed in range(draws)]
    counts = [{name: float(count) for name, count in case.predictions.items()} for case in cases]
    return Figures(
        first=sum(leader(case, own) == case.consensus[0] for case, own in zip(cases, plain, strict=True)),
        cases=len(cases),
        pooled=_pooled(cases, plain),
        within=float(np.nanmean([_pooled([case], [own]) for case, own in zip(cases, plain, strict=True)])),
        noise=float(np.mean([_pooled(cases, one) for one in drawn])) if draws else float("nan"),
        inverted=_pooled(cases, turned),
        counted=_pooled(cases, counts),
        highest_refuted=max(
            own[name]
            for case, own in zip(cases, plain, strict=True)
            for name, verdict in case.verdicts.items()
            if verdict == "refuted"
        ),
    )


def leader(case: Judged, scores: dict[str, float]) -> str:
    """The case's own narrative with the highest score, ties by id."""
    return min(case.verdicts, key=lambda name: (-scores[name], name))


def template_rank(case: Judged, library: Sequence[Template], method: Method) -> int | None:
    """Best rank, by templates alone, of a template that a consensus narrative is an instance of."""
    scores = posteriors(case.dossier, library, method, own=False)
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    wanted = {case.templates[name] for name in case.consensus} - {None}
    return min((ranked.index(name) + 1 for name in wanted if name in ranked), default=None)


def _pooled(cases: Sequence[Judged], scores: Sequence[dict[str, float]]) -> float:
    pairs = [
        (own[name], verdict in TRUE)
        for case, own in zip(cases, scores, strict=True)
        for name, verdict in case.verdicts.items()
        if verdict in TRUE | FALSE
    ]
    return auc([p for p, _ in pairs], [truth for _, truth in pairs])
