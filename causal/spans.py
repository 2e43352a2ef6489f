"""Puts the windows of predictions on the sessions of a panel: which they cover, counted from the last of the move."""

from __future__ import annotations

from datetime import date, datetime

from causal.model import Span, Window
from causal.panel import Panel
from causal.world import Derivation


def window_offsets(window: Window, panel: Panel, derivation: Derivation) -> tuple[int, int] | None:
    """The sessions (lo, hi] of a window, counted from the last session of the move; None where none is on record."""
    last = len(panel.days) - 1 - panel.end
    if isinstance(window, Span):
        first, until = _span_sessions(window, panel)
        lo, hi = first - panel.end, until - panel.end
        return (lo, hi) if hi > lo else None
    if window == "during":
        return (-panel.span, 0)
    if window == "before":
        return (-panel.span - panel.sessions(derivation.before), -panel.span)
    hi = min(panel.sessions(derivation.after), last)
    return (0, hi) if hi > 0 else None


def _span_sessions(span: Span, panel: Panel) -> tuple[int, int]:
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        slack = (span.end - span.start) / 4  # a session belongs to the span where most of it lies inside
        first = sum(close <= span.start + slack for close in panel.closes) - 1
        return max(0, first), sum(close <= span.end + slack for close in panel.closes) - 1
    first = sum(day < _day(span.start) for day in panel.days) - 1
    return max(0, first), sum(day <= _day(span.end) for day in panel.days) - 1


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
