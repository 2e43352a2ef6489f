"""What may stand in the answer of a reader, key by key: unknown keys, wrong types and overlong values are errors.

The answer is one JSON object, `{"proposals": [...]}`. A proposal has the keys of a claim in the description of a
document (`ingest/documentformat.py`), as far as a text alone can fill them: never an id, never a reliability.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ingest.caseparts import Precision, Side
from ingest.documentformat import Modality

MOST_IN_ANSWER = 60
MOST_IN_TEXT = 500
QUOTE = 1_000

_DAY = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$"
Day = Annotated[str, StringConstraints(pattern=_DAY)]
Local = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,100}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class ProposalPart(BaseModel):
    """One claim as a reader proposes it; `start` is where it thinks that the quote begins in the whole text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    quote: Annotated[str, StringConstraints(min_length=1, max_length=QUOTE)]
    start: Annotated[int, Field(ge=0)] | None = None
    statement: Annotated[str, StringConstraints(min_length=3, max_length=500)]
    modality: Modality
    voice: Literal["author", "editor"] | None = None
    hedges: Annotated[list[Word], Field(max_length=10)] = Field(default_factory=list)
    sensitive: bool | None = None
    about: Annotated[list[Local], Field(max_length=10)] = Field(default_factory=list)
    by: Annotated[list[Local], Field(max_length=5)] = Field(default_factory=list)
    indicator: Word | None = None
    at: Day | None = None
    at_end: Day | None = None
    time_precision: Precision | None = None
    value: float | bool | Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    unit: Word | None = None
    bound: Literal["at least", "at most", "about"] | None = None
    direction: Side | None = None


def answer_schema() -> dict[str, Any]:
    """The JSON schema of an answer in the subset that endpoints take: every key required, no other, no bounds."""
    one = _plain(ProposalPart.model_json_schema())
    return {
        "type": "object",
        "properties": {"proposals": {"type": "array", "items": one}},
        "required": ["proposals"],
        "additionalProperties": False,
    }


_BOUNDS = frozenset(
    {"default", "title", "description", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum"}
)


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _plain(one) for name, one in schema.items() if name not in _BOUNDS or isinstance(one, dict)}
    if isinstance(kept.get("properties"), dict):
        kept["required"] = list(kept["properties"])
    return kept
