"""How the belief came about: the posteriors by what was known on each date, from the close of the move on.

The same run with the evidence masked by when it was known, one row of a batch a date (causal.md 3.6). An item is known
when the first of its copies was; one without a date only in the end. The readings themselves are those of today: what a
run as of then would have taken as its comparable days, or told for lack of a better source, may differ a little.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from causal.network import Factor
from causal.posterior import evidence_factors
from causal.scoring import Scored
from causal.standing import BeliefAt

MOST = 40  # dates


def belief_over_time(scored: Scored, most: int = MOST) -> tuple[BeliefAt, ...]:
    """The posteriors of the narratives and of something else at each date that brought evidence, oldest first.

    The first is the close of the move, the last has everything; of more than `most` dates an even selection.
    """
    known = known_at(scored)
    start = scored.dossier.move.valid_to
    dates = sorted({start, *known.values()})
    if len(dates) > most:
        dates = [dates[place] for place in np.linspace(0, len(dates) - 1, most).round().astype(int)]
    masks = np.array([[float(known[item] <= date) for item in scored.items] for date in dates])
    structure = scored.structure
    factors: list[Factor] = [*structure.factors, *structure.move]
    factors += evidence_factors(structure, scored.evidence, scored.items, masks)
    table = structure.plan.marginals(factors, (*structure.narratives, structure.unknown))[0]
    table = np.broadcast_to(table, (len(dates), table.shape[1]))
    names = [*(narrative.id for narrative in scored.narratives), "unknown"]
    return tuple(
        BeliefAt(as_of=date, posteriors=dict(zip(names, row.tolist(), strict=True)))
        for date, row in zip(dates, table, strict=True)
    )


def known_at(scored: Scored) -> dict[str, datetime]:
    """When each item was first known: not before the move was, and at the ask's clock where nobody says."""
    move, as_of = scored.dossier.move, scored.dossier.as_of
    facts = scored.index.by_id
    found: dict[str, datetime] = {}
    for observable in scored.findings.observables:
        for report in observable.reports:
            dates = [facts[copy].known_at for copy in (report.fact, *report.copies) if copy in facts]
            found[report.fact] = max(move.valid_to, min(dates, default=move.valid_to))
    for argument, virtual in scored.arguments:
        if virtual is not None:
            found[argument.id] = max(move.valid_to, argument.known_at or as_of)
    return found
