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
