"""What was learned from judged moves, beside the posteriors of an answer: read anew with each, and never in its way."""

from __future__ import annotations

from typing import Any

from api.knowledge import Knowledge
from causal.errors import CausalError
from causal.lessons import lesson_of, recalibrated
from causal.recalibration import VERSION, Recalibration, from_json
from causal.scoring import Scored

AGAIN = "learn it anew by whymove recalibrate, or remove the file"


def read_taught(knowledge: Knowledge) -> Recalibration | str | None:
    """The recalibration that lies there, why it cannot be used, or None where there is none."""
    path = knowledge.recalibration
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
        return from_json(text, settings_hash=knowledge.method.settings_hash())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, CausalError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return f"{path.name} is not used: {why}; {AGAIN}"


def beside(taught: Recalibration | str | None, scored: Scored) -> dict[str, Any]:
    """The fields of an explanation that tell of it, `recalibrated` by the id of a narrative; none where there is none.

    Features are looked at only where there is something to be done with them.
    """
    if taught is None:
        return {}
    if isinstance(taught, str):
        return {"recalibration_note": taught}
    return {
        "recalibration": {
            "version": VERSION,
            "moves": len(taught.moves),
            "log_loss_before": taught.log_loss_before,
            "log_loss_after": taught.log_loss_after,
        },
        "recalibrated": recalibrated(taught, lesson_of(scored)),
    }


def put_beside(body: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The explanation with the fields of `beside`: those of the whole at its end, those of a narrative there."""
    by_id = told.get("recalibrated", {})
    for narrative in body["narratives"] if by_id else ():
        narrative["recalibrated"] = by_id[narrative["id"]]
    return {**body, **{name: value for name, value in told.items() if name != "recalibrated"}}
