"""What every series says of a move, whether a story asks for it or not: for `whymove readings` and for REST alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.ask import Ask
from api.errors import InvalidAskError
from api.gathering import gather
from api.knowledge import Knowledge
from causal.model import Dossier
from causal.pulling import Pulled, SeriesIndex
from causal.settings import Method
from causal.subjects import Identity, build_world
from graph.store import GraphReader

if TYPE_CHECKING:
    from graph.series import SeriesStore

WINDOWS: tuple[Literal["before", "during", "after"], ...] = ("before", "during", "after")
MOST_UNUSUAL = 50.0  # percent: the outermost half of either side is everything


async def dossier_with_series(
    ask: Ask, reader: GraphReader, knowledge: Knowledge, series: SeriesStore | None
) -> Dossier:
    """The dossier of a move with its panel.

    Raises InvalidAskError where no price series covers the move, and what `gather` raises.
    """
    dossier = await gather(ask, reader, knowledge, series)
    if dossier.panel is None:
        raise InvalidAskError(
            "instrument", f"no price series of {ask.instrument} covers this; see whymove ingest table"
        )
    return dossier


def table_of(dossier: Dossier, method: Method) -> list[dict[str, Any]]:
    """One row a reading, the most unusual first. The dossier has a panel."""
    assert dossier.panel is not None
    index = SeriesIndex(dossier, dossier.panel, build_world(dossier), method)
    found: dict[str, dict[str, Any]] = {}
    for family, subject in index.places:
        for window in WINDOWS:
            pulled, _ = index.pull(Identity(family=family, subject=subject, sign=1), window)
            if pulled is not None and pulled.exact:
                found.setdefault(pulled.fact.id, _row(pulled, window))
    return sorted(found.values(), key=lambda row: (-abs(row["percentile"] - 50.0), row["subject"], row["reading"]))


def outermost(rows: list[dict[str, Any]], unusual: float) -> list[dict[str, Any]]:
    """Those in so many outermost percent of either side (0 < `unusual` <= 50)."""
    return [row for row in rows if abs(row["percentile"] - 50.0) >= MOST_UNUSUAL - unusual]


def _row(pulled: Pulled, window: str) -> dict[str, Any]:
    fact = pulled.fact
    return {
        "subject": fact.subject,
        "reading": fact.indicator,
        "window": window,
        "value": fact.value,
        "unit": fact.unit,
        "percentile": 100.0 * pulled.found.u,
        "comparable_days": pulled.found.effective,
        "spread": list(pulled.found.spread),
        "series": fact.series,
        "known_at": fact.known_at,
        "statement": fact.statement,
    }
