"""Small made-up parts of an explanation object that say how its narratives stand together."""

from __future__ import annotations

from typing import Any


def how_firm() -> dict[str, Any]:
    """Two judgements that would change the first place, and one item that does."""
    return {
        "draws": 512,
        "entries": 366,
        "flip": [
            {"entry": "prior of yen_carry", "evidence": None, "from": 0.15, "to": 0.46, "then": "yen_carry"},
            {"entry": "reliability of the argument", "evidence": "ev_2", "from": 0.86, "to": 0.1, "then": "yen_carry"},
        ],
        "flip_set": {"evidence": ["ev_1"], "then": "yen_carry"},
    }  # fmt: skip


def how_it_came() -> list[dict[str, Any]]:
    """The leader was second when the move closed."""
    at_the_close = {"degrossing": 0.3, "yen_carry": 0.4, "T05": 0.05, "unknown": 0.2}
    on_the_next_day = {"degrossing": 0.8, "yen_carry": 0.08, "T05": 0.05, "unknown": 0.11}
    return [
        {"as_of": "2026-02-05T21:00:00Z", "posteriors": at_the_close},
        {"as_of": "2026-02-06T14:30:00Z", "posteriors": on_the_next_day},
    ]
