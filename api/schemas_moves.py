"""What goes over the wire of moves."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas import Listing, Row


class MoveRow(Row):
    """One move of an instrument from one close to another."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    id: str = Field(description="of this recorded version")
    key: str = Field(description="of the move over all its versions")
    instrument: str
    start: str = Field(description="the date, or the instant, from whose close it runs")
    end: str
    valid_from: str | None
    valid_to: str | None
    known_at: str
    return_: float | None = Field(alias="return", description="a fraction, as `return_is` says")
    return_is: Literal["relative", "difference"] = Field(
        description="`relative` to the value before; `difference`: by what a yield or a spread rose, .01 is one point"
    )
    measure: str | None
    origin: str | None = Field(description="`case` where a case states it, `detected` where only a series tells of it")
    cases: list[str]
    series: str | None = Field(description="the series that tells of it")
    scale: float | None = Field(description="of a detected move: what was usual until the day before")
    score: float | None = Field(description="of a detected move: its size in units of `scale`")
    share_as_large: float | None = Field(description="of a detected move: the share of all days at least as large")


class MoveList(Listing):
    """One page of moves."""

    items: list[MoveRow]
