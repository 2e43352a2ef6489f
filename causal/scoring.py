"""One scoring run: from a dossier and bound narratives to a compiled network and the beliefs of every question asked.

All questions of an explanation are entries of one batch: everything, the move alone, readings without arguments,
everything but each item, and each side of each dispute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.arguing import Standing, weigh_arguments
from causal.choosing import choose
from causal.conditioning import tie
from causal.facts import FactIndex
from causal.model import Dossier, Narrative
from causal.observables import Findings, collect
from causal.posterior import Beliefs, VirtualEvidence, ask
from causal.residuals import residualise
from causal.settings import Method
from causal.structure import Structure, build_structure
from causal.subjects import build_world
from causal.surprise import Reading
from causal.timing import lags
from causal.world import Argument, Dispute, Fact

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Which row of the beliefs answers which question."""

    full: int
    move_only: int
    readings: int
    without: Mapping[str, int]
    sides: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Everything that the parts of an explanation are drawn from."""

    dossier: Dossier
    method: Method
    index: FactIndex
    narratives: tuple[Narrative, ...]
    other_bindings: tuple[tuple[Narrative, ...], ...]
    priors: tuple[float, ...]
    prior_given_move: tuple[float, ...]
    written_after: frozenset[str]
    findings: Findings
    structure: Structure
    standings: tuple[tuple[Argument, Standing], ...]
    items: tuple[str, ...]
    masks: Array
    beliefs: Beliefs
    rows: Batch

    @property
    def arguments(self) -> tuple[tuple[Argument, VirtualEvidence | None], ...]:
        """Every argument with its weight, None where it carries none."""
        return tuple((argument, standing.weight) for argument, standing in self.standings)

    @property
    def evidence(self) -> tuple[VirtualEvidence, ...]:
        """The arguments that carry a weight."""
        return tuple(virtual for _, virtual in self.arguments if virtual is not None)


def score(
    dossier: Dossier,
    groups: Sequence[tuple[Narrative, ...]],
    method: Method,
    reread: Callable[[Fact, Reading], Reading] | None = None,
) -> Scored:
    """Choose bindings, gather evidence, build the network and ask it everything at once.

    `reread` replaces readings (noise, inversion) when accuracy is measured; an explanation never uses it.

    Raises NetworkTooWideError when exact inference would pass the method's width limit.
    """
    index = FactIndex(dossier, build_world(dossier), method, reread)
    index.note_unreadable()
    narratives, others = choose(index, groups)
    if method.residual_pit:
        residualise(index, narratives, collect(index, narratives).answers)
    findings = collect(index, narratives)
    priors = _priors(narratives, method)
    common, calm = _written_after(narratives, findings, index), index.ordinariness()
    structure = build_structure(narratives, priors, common, findings.observables, method, ordinariness=calm)
    structure = replace(structure, lags=lags(index, narratives, findings, structure, method))
    structure, standings = tie(index, structure, weigh_arguments(dossier, narratives, structure, method))
    arguments = [(argument, standing.weight) for argument, standing in standings]
    items = _items(findings, arguments)
    masks, rows = _batch(items, arguments, dossier, findings)
    evidence = [virtual for _, virtual in arguments if virtual is not None]
    beliefs = ask(structure, evidence, items, masks)
    return Scored(
        dossier=dossier,
        method=method,
        index=index,
        narratives=narratives,
        other_bindings=others,
        priors=priors,
        prior_given_move=tuple(float(beliefs.table[rows.move_only, v]) for v in structure.narratives),
        written_after=common,
        findings=findings,
        structure=structure,
        standings=standings,
        items=items,
        masks=masks,
        beliefs=beliefs,
        rows=rows,
    )


def _priors(narratives: Sequence[Narrative], method: Method) -> tuple[float, ...]:
    """Of K narratives listed in a case clip(2/K, .08, .35); of a template where none is listed .15 (causal.md 3.2).

    Of a template beside listed narratives less: who looked at the move and told its stories did not tell this one.
    """
    listed = sum(narrative.origin != "library" for narrative in narratives)
    own = method.listed_prior_mass / listed if listed else 0.0
    own = min(method.listed_prior_high, max(method.listed_prior_low, own))
    library = method.unlisted_prior if listed else method.library_prior
    return tuple(
        narrative.prior if narrative.prior is not None else (library if narrative.origin == "library" else own)
        for narrative in narratives
    )


def _written_after(narratives: Sequence[Narrative], findings: Findings, index: FactIndex) -> frozenset[str]:
    """Keys of steps of stories recorded after a reading they are scored on was public (evidence.md 4).

    A step that nothing answers counts as late when its story was recorded after the move.
    """
    known = index.by_id
    late: set[str] = set()
    for answer in findings.answers:
        narrative = narratives[answer.narrative]
        if narrative.recorded_from is None:
            continue
        step = narrative.steps[answer.step - 1]
        dates = [known[report.fact].known_at for report in answer.reports if report.fact in known]
        if min(dates, default=index.dossier.move.valid_to) < narrative.recorded_from:
            late.add(step.key)
    return frozenset(late)


def _items(findings: Findings, arguments: Sequence[tuple[Argument, VirtualEvidence | None]]) -> tuple[str, ...]:
    readings = sorted({report.fact for observable in findings.observables for report in observable.reports})
    return (*readings, *(argument.id for argument, virtual in arguments if virtual is not None))


def _batch(
    items: Sequence[str],
    arguments: Sequence[tuple[Argument, VirtualEvidence | None]],
    dossier: Dossier,
    findings: Findings,
) -> tuple[Array, Batch]:
    column = {item: i for i, item in enumerate(items)}
    argued = [argument.id for argument, virtual in arguments if virtual is not None]
    without = {item: 3 + number for number, item in enumerate(items)}
    sides: dict[tuple[str, str], int] = {}
    owner = _owners(findings)
    rows: list[Array] = []
    for dispute in sorted(dossier.disputes, key=lambda one: one.id):
        for side, row in _dispute_rows(dispute, owner, column, np.ones(len(items))):
            sides[(dispute.id, side)] = 3 + len(items) + len(rows)
            rows.append(row)
    masks = np.ones((3 + len(items) + len(rows), len(items)))
    masks[1] = 0.0
    masks[2, [column[name] for name in argued]] = 0.0
    masks[3 : 3 + len(items)][np.diag_indices(len(items))] = 0.0
    for place, row in enumerate(rows, start=3 + len(items)):
        masks[place] = row
    return masks, Batch(full=0, move_only=1, readings=2, without=without, sides=sides)


def _owners(findings: Findings) -> dict[str, str]:
    """fact -> the item that stands for it (itself, or the reading that it is a copy of)."""
    return {
        copy: report.fact
        for observable in findings.observables
        for report in observable.reports
        for copy in report.copies
    }


def _dispute_rows(
    dispute: Dispute, owner: Mapping[str, str], column: Mapping[str, int], full: Array
) -> list[tuple[str, Array]]:
    """For each side that is evidence: the full mask without the items of the other sides."""
    items = {side: owner[side] for side in dispute.sides if side in owner}
    answer = []
    for side, item in sorted(items.items()):
        row = full.copy()
        row[[column[other] for other in items.values() if other != item]] = 0.0
        answer.append((side, row))
    return answer
