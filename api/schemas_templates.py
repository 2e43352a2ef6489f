"""A narrative template as a user sends it; what holds it together is checked where the bundled ones are."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=2_000)]
Word = Annotated[str, Field(max_length=200)]
Some = Annotated[list[Text], Field(max_length=50)]
Words = Annotated[list[Word], Field(max_length=50)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TemplateRole(_Part):
    """Who plays a part, and how the graph finds them."""

    name: Word
    kinds: Words = []
    of: Word | None = None
    via: Words = []
    plays: Words = []
    elsewhere: bool = False
    names: Words = []
    many: Annotated[int, Field(ge=1, le=100)] = 1
    apart: Words = []
    required: bool = False
    note: Text | None = None


class TemplatePrediction(_Part):
    """What a step predicts of an indicator of a role."""

    indicator: Word
    role: Word
    direction: Literal["up", "down", "flat", "occurs", "absent"]
    window: Literal["before", "during", "after"] = "during"
    strength: Literal["weak", "medium", "strong"] = "medium"
    with_move: bool = False
    variant: Word | None = None
    lag: Word | None = None
    typical_size: Text | None = None
    if_absent: Text | None = None
    note: Text | None = None


class TemplateStep(_Part):
    """One link of the story."""

    n: Annotated[int, Field(ge=1, le=30)]
    text: Text
    necessity: Literal["essential", "typical", "optional"] = "typical"
    base_rate: Literal["rare", "uncommon", "common"] = "uncommon"
    predictions: Annotated[list[TemplatePrediction], Field(max_length=30)] = []
    contradicted_by: Some = []


class TemplateRequest(_Part):
    """A whole template."""

    id: Annotated[str, Field(min_length=1, max_length=40)]
    version: Word
    title: Word
    summary: Text
    slots: Annotated[
        list[Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"]], Field(min_length=1, max_length=5)
    ]
    move_direction: Literal["down", "up", "any"]
    roles: Annotated[list[TemplateRole], Field(min_length=1, max_length=30)]
    steps: Annotated[list[TemplateStep], Field(min_length=1, max_length=30)]
    variants: Some = []
    precedents: Some = []
    references: Some = []


class TemplateFault(BaseModel):
    """One place of a template at fault."""

    pointer: str
    detail: str


class TemplateVerdict(BaseModel):
    """Whether a template holds together, and if not every place where it does not."""

    valid: bool
    errors: list[TemplateFault]


TEMPLATE_EXAMPLES: dict[str, Example] = {
    "leaving an index": Example(
        summary="a forced sale by funds that copy an index",
        value={
            "id": "X01",
            "version": "1",
            "title": "Leaving an index forces funds to sell",
            "summary": "Funds that copy an index sell what leaves it, at the close of the day of the change.",
            "slots": ["transmission"],
            "move_direction": "down",
            "roles": [
                {"name": "asset", "required": True},
                {"name": "tracker", "of": "asset", "via": ["part_of/<tracks"], "kinds": ["etf"]},
            ],
            "steps": [
                {
                    "n": 1,
                    "text": "Funds that copy the index have to sell the asset",
                    "necessity": "essential",
                    "predictions": [
                        {"indicator": "net ETF flow", "role": "tracker", "direction": "down", "strength": "strong"}
                    ],
                }
            ],
        },
    )
}
