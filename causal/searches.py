"""What was looked for and not found, as a report on the observable that a prediction asks for (causal.md 3.3).

Silence says nothing: only a search that somebody recorded does, and only with the chance d that it would have found
the thing, had it been there, and the chance f that it finds what is not there. That nothing was found multiplies the
odds of the thing by (1 - d)/(1 - f). As a report it is right with reliability (d - f)/(1 - f), and then excludes the
bins of the side that was looked for; else it would have said the same whatever was so. It speaks only where nobody saw
anything.
"""

from __future__ import annotations

from causal.facts import FactIndex, Place, Report
from causal.surprise import Reading
from causal.windows import move_days
from causal.world import Citation, DataGap, Fact

_SIDES = {"up": "up", "occurs": "up", "down": "down", "absent": "down"}
_MIRROR = {"up": "down", "down": "up"}
_OUT = {"up": (0.0, 0.5, 0.5, 0.0, 0.0), "down": (0.0, 0.0, 0.5, 0.5, 0.0)}


def searched(index: FactIndex, place: Place) -> tuple[Report, ...]:
    """The recorded searches for an observable that found nothing, by id; each is kept as a fact of the index."""
    found = []
    for gap in sorted(index.dossier.gaps, key=lambda one: one.id):
        report = _report(index, gap, place)
        if report is not None:
            index.by_id[report.fact] = _fact(index, gap, report)
            found.append(report)
    return tuple(found)


def _report(index: FactIndex, gap: DataGap, place: Place) -> Report | None:
    """None where the gap is no search of this place, or nothing is said of what it would have found."""
    if gap.search != "not_found" or gap.detection is None or gap.indicator is None or gap.subject is None:
        return None
    identity = index.world.identity(gap.indicator, gap.subject)
    if identity is None or (identity.family, identity.subject, gap.search_window) != place:
        return None
    indicator = index.world.indicators[gap.indicator]
    side = _SIDES.get(gap.direction or ("" if indicator.kind == "measure" else "occurs"))
    reliability = (gap.detection - gap.false_alarm) / (1.0 - gap.false_alarm)
    if side is None or not 0.0 < reliability < 1.0:
        return None
    if identity.sign * indicator.sign < 0:
        side = _MIRROR[side]
    reading = Reading(bins=_OUT[side], z=None, reason=f"looked for and not found, seen {gap.detection:.0%} of the time")
    id_ = f"search:{gap.id}"
    return Report(fact=id_, copies=(id_,), reading=reading, reliability=reliability, searched=side)


def _fact(index: FactIndex, gap: DataGap, report: Report) -> Fact:
    """The search as a fact without a value, over the days of the move."""
    move, (first, last) = index.dossier.move, move_days(index.dossier.move)
    by = gap.search_by or "unknown"
    return Fact(
        id=report.fact,
        key=report.fact,
        indicator=gap.indicator or "",
        subject=gap.subject or "",
        value=None,
        unit="",
        direction=None,
        statement=f"Looked for and not found: {gap.item}." + (f" {gap.search_how}" if gap.search_how else ""),
        valid_from=move.valid_from,
        valid_to=move.valid_to,
        trade_date=first,
        trade_date_end=last,
        known_at=gap.searched_at or move.valid_to,
        known_at_precision="day",
        citation=Citation(document_id=gap.id, origin=gap.id, source_id=gap.id, publisher=by, title=gap.item),
    )
