"""A series store in a folder with a coin, a share and whatever a test adds, and the panel that is read from it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.gathering_series import Around, read_panel
from api.knowledge import Knowledge, load_knowledge
from causal.panel import Panel
from causal.world import Instrument, Move, Relation
from graph.series import SeriesStore
from tests.dossiers import CLOSE, DAY, a_dossier
from tests.series_kit import table

COUNT = 300
AFTER = 6
LAST = DAY + timedelta(days=AFTER)
HOUR = 3_600 * 10**6
NOW = datetime(2030, 6, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTRUMENTS = {"coin": "crypto spot", "share": "equity", "fund": "ETF", "dated": "futures", "rate": "yield"}

knowledge = cache(load_knowledge)


def days(count: int = COUNT, last: date = LAST) -> list[date]:
    """So many calendar days up to the last."""
    return [last - timedelta(days=count - 1 - i) for i in range(count)]


def us(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def closes(told: list[date], hour: int = 21) -> NDArray[np.int64]:
    """The instants of a close at this hour of UTC."""
    return np.array([us(datetime.combine(day, time(hour), UTC)) for day in told], np.int64)


def walk(seed: int, count: int = COUNT, size: float = 0.02) -> NDArray[np.float64]:
    """A path of prices."""
    found: NDArray[np.float64] = 100.0 * np.exp(np.cumsum(size * np.random.default_rng(seed).standard_t(4, count)))
    return found


@dataclass(slots=True)
class Shelf:
    """Series to be stored, and how the graph lists them."""

    folder: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    held: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def daily(self, name: str, values: Any, told: list[date] | None = None, *, hour: int = 21, **row: Any) -> None:
        """One value a day at this hour; `known_at` may give when each became public."""
        told = told if told is not None else days(len(values))
        known = row.pop("known_at", None)
        numbers = [(day - date(1970, 1, 1)).days for day in told]
        self._add(name, closes(told, hour).tolist(), list(values), numbers, known, **{"frequency": "P1D", **row})

    def hourly(self, name: str, at: Any, values: Any, **row: Any) -> None:
        """Values at instants that belong to no trade day."""
        known = row.pop("known_at", None)
        self._add(name, list(at), list(values), [None] * len(at), known, **{"frequency": "PT1H", **row})

    def _add(self, name: str, at: list[int], value: list[float], day: list[Any], known: Any, **row: Any) -> None:
        subject, indicator = name.split(".")
        told = {"price": "price level", "oi": "open interest", "flow": "net ETF flow", "yield": "yield level"}
        told |= {"positioning": "positioning"}
        values: dict[str, Any] = {"id": name, "indicator": told[indicator.rstrip("0123456789")], "subject": subject}
        values |= {"unit": "USD", "licence": "may_show", "source": "invented", "publication_lag": None}
        self.rows.append({**values, "count": len(at), **row})
        self.held[name] = {"at": at, "value": value, "day": day, "known_at": known or [None] * len(at)}

    def revise(self, name: str, day: date, value: float, known_at: datetime) -> None:
        """One more value of a day that is there already, public later."""
        rows = self.held[name]
        place = rows["day"].index((day - date(1970, 1, 1)).days)
        new = {"at": rows["at"][place], "value": value, "day": rows["day"][place], "known_at": us(known_at)}
        for key, one in new.items():
            rows[key].insert(place + 1, one)

    def stored(self) -> SeriesStore:
        """All of it in a new store."""
        store = SeriesStore(self.folder)
        with ExitStack() as stack:
            staged = []
            for name, rows in self.held.items():
                staging = stack.enter_context(store.staging(name))
                staging.add(table(rows["at"], rows["value"], day=rows["day"], known_at=rows["known_at"]))
                staged.append(staging)
            store.publish(staged)
        return store


def a_shelf(folder: Path) -> Shelf:
    """What moved (the coin) and a share, both daily to the last day."""
    shelf = Shelf(folder)
    shelf.daily("coin.price", walk(1))
    shelf.daily("share.price", walk(2))
    return shelf


async def panel_of(shelf: Shelf, as_of: datetime = NOW, **fields: Any) -> Panel | None:
    """The panel around the move of `tests.dossiers`; `move`, `relations` and `knowledge` may be changed."""
    known: Knowledge = fields.pop("knowledge", None) or knowledge()
    values: dict[str, Any] = {"move": a_dossier((), ()).move, "relations": (), "as_of": as_of}
    values["instruments"] = tuple(
        Instrument(id=name, name=name, kind=kind, asset_class="any") for name, kind in _INSTRUMENTS.items()
    )
    return await read_panel(Around(**{**values, **fields}), shelf.rows, shelf.stored(), known)


def a_move(**fields: Any) -> Move:
    values: dict[str, Any] = {"id": "m", "instrument": "coin", "start": DAY - timedelta(days=1), "end": DAY}
    values |= {"valid_from": CLOSE - timedelta(days=1), "valid_to": CLOSE, "return_": None, "measure": ""}
    return Move(**{**values, **fields})


def a_tie(kind: str, one: str, other: str) -> Relation:
    return Relation(type=kind, from_=one, to=other)
