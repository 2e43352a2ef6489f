"""Which keys there are, told where a value has one that is none of them."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ingest.knownkeys import in_words


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    until: str | None = Field(default=None, alias="end")


class Circle(Part):
    kind: Literal["circle"]
    radius: float


class Square(Part):
    kind: Literal["square"]
    side: float


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    parts: list[Part] = Field(default_factory=list)
    named: dict[str, Part] | None = None
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    either: int | Circle | None = None


def told(value: object, kind: object = Whole) -> list[str]:
    """What is said of each place of a value that is none of a kind."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return [in_words(one, kind) for one in caught.value.errors()]


def test_an_unknown_key_is_told_with_those_that_there_are_and_the_near_one() -> None:
    assert told({"shap": None}) == [
        "there is no such key; did you mean shape? (keys: parts, named, shape, either)",
    ]
    assert told({"zzz": 1}) == ["there is no such key (keys: parts, named, shape, either)"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"parts": [{}, {"ende": "x"}]}, "did you mean end? (keys: end)"),
        ({"named": {"first": {"until": "x"}}}, "there is no such key (keys: end)"),
        ({"shape": {"kind": "square", "side": 1, "sides": 2}}, "did you mean side? (keys: end, kind, side"),
    ],
)
def test_the_keys_are_those_of_the_place(value: object, words: str) -> None:
    (said,) = told(value)
    assert words in said


def test_of_alternatives_each_is_told_of_its_own() -> None:
    said = told({"either": {"kind": "circle", "radius": 1.0, "radiuss": 2.0}})
    assert any("did you mean radius? (keys: end, kind, radius)" in one for one in said)


def test_a_list_of_models_is_looked_into_and_other_faults_keep_their_words() -> None:
    assert told([{"end": "x"}, {"edn": "x"}], tuple[Part, ...]) == [
        "there is no such key; did you mean end? (keys: end)"
    ]
    assert told({"parts": 1}) == ["Input should be a valid list"]
