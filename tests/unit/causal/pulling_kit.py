"""Asks the series of a small panel what a prediction asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.model import Window
from causal.panel import Array, Column, Panel
from causal.pulling import Pulled, Refused, SeriesIndex
from causal.settings import Method
from causal.subjects import build_world
from tests.panels import AFTER, SESSIONS, a_column, a_series_dossier, prices, returns_of, with_move

METHOD = Method()
END = SESSIONS - 1 - AFTER


def ask(
    panel: Panel, indicator: str, subject: str, window: Window = "during", **fields: Any
) -> tuple[Pulled | None, tuple[Refused, ...]]:
    """What the series of a panel say of one observable."""
    dossier = a_series_dossier(panel, **fields)
    world = build_world(dossier)
    identity = world.identity(indicator, subject)
    assert identity is not None
    return SeriesIndex(dossier, panel, world, METHOD).pull(identity, window)


def answer(panel: Panel, indicator: str, subject: str, window: Window = "during", **fields: Any) -> Pulled:
    pulled, _ = ask(panel, indicator, subject, window, **fields)
    assert pulled is not None
    return pulled


def refusal(panel: Panel, indicator: str, subject: str, window: Window = "during", **fields: Any) -> str:
    pulled, refused = ask(panel, indicator, subject, window, **fields)
    assert pulled is None
    assert len(refused) == 1
    return refused[0].why


def share(move: float = 0.0, *, seed: int = 5, **fields: Any) -> Column:
    return a_column("share", prices(with_move(returns_of(seed), move)), **fields)


def since(column: Array, first: int) -> Array:
    """The values from a session on."""
    answer = column.copy()
    answer[:first] = np.nan
    return answer
