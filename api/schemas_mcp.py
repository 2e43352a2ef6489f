"""What goes over the wire of the tools for agents: the arguments of each and its structured answer, both bounded.

An explanation is some hundred kilobytes; an agent gets the ranks with the weightiest items here and asks on for one
story. Whoever wants the whole object reads it by its id over REST.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas_facts import DisputeRow
from api.schemas_queries import DataGapRow, QueryParameter

Name = Annotated[str, Field(min_length=1, max_length=200)]
Clock = Annotated[str, Field(max_length=40)]
AsOf = Annotated[Clock | None, Field(description="use only what was known by then: a date, or an instant with a zone")]
AsAt = Annotated[Clock | None, Field(description="use the graph as it stood then; now when left out")]
Kind = Literal["instrument", "actor", "event", "document"]
Recalibrated = Annotated[
    float | None, Field(description="the posterior as judged moves have it; null where none were judged")
]


class Wire(BaseModel):
    """What arguments and answers share: no field that is not listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ExplainArguments(Wire):
    """Which move: an instrument with a day, or with a start and an end, or a case."""

    instrument: Name | None = Field(default=None, description="id, symbol or name of what moved")
    day: Annotated[str, Field(max_length=10)] | None = Field(
        default=None, description="the day, such as 2026-02-05: from the close before to the close of it"
    )
    start: Clock | None = Field(default=None, description="the close, or instant, from which the move runs")
    end: Clock | None = Field(default=None, description="the close, or instant, to which it runs")
    case: Name | None = Field(default=None, description="a case; alone it means the case's own move")
    as_of: AsOf = None
    as_at: AsAt = None


class Learned(Wire):
    """What judged moves made of the posteriors, where some were judged; ranks are those of the posteriors."""

    moves: int = Field(description="how many moves were judged")
    log_loss_before: float = Field(description="of the posteriors on moves that were left out, in nats")
    log_loss_after: float = Field(description="of what stands beside them, on the same moves")


class Item(Wire):
    """One item of evidence on one story."""

    id: str
    finding: str
    source: str
    bits: float = Field(description="what it does to the log odds of the story, in bits; below zero it speaks against")


class Story(Wire):
    """One story with its odds, and what weighs most against and for it."""

    id: str
    title: str
    slot: str = Field(description="part in the move: catalyst, transmission, amplifier, absorber, rebound")
    rank: int
    posterior: float
    low: float
    high: float
    likelihood: str
    confidence: str
    recalibrated: Recalibrated = None
    against: list[Item]
    in_favour: list[Item]


class Explained(Wire):
    """Why a move happened, in short; `explanation` is the id under which the whole is kept."""

    explanation: str
    move: str
    headline: str
    answer: str
    as_of: str
    as_at: str
    stories: list[Story]
    more_stories: int
    something_else: float = Field(description="posterior of a cause that nobody has modelled")
    disputes: int
    look_next: list[str]
    recalibration: Learned | None = None
    recalibration_note: str | None = Field(default=None, description="why what was learned is not used")


class EvidenceArguments(Wire):
    """Which story of which explanation."""

    explanation: Name = Field(description="id that `explain` gave")
    story: Name = Field(description="id of a story in it")
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class StoryStep(Wire):
    """One link of the story."""

    n: int
    text: str
    verdict: str
    posterior: float


class Evidence(Wire):
    """What stands for and against one story, the weightiest first."""

    explanation: str
    story: str
    title: str
    posterior: float
    recalibrated: Recalibrated = None
    standing: str
    steps: list[StoryStep]
    against: list[Item]
    in_favour: list[Item]
    objections: list[str] = Field(description="arguments against it")
    unanswered: list[str] = Field(description="predictions that nobody has looked at")
    left_out: int = Field(description="items beyond `limit`")


class DisputesArguments(Wire):
    """Which reports cannot all be right."""

    subject: Name | None = Field(default=None, description="id of an instrument or actor that they are about")
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="next_cursor of before")
    as_of: AsOf = None
    as_at: AsAt = None


class Disputes(Wire):
    """Facts that cannot all be right, in the order in which that could be known."""

    items: list[DisputeRow]
    next_cursor: str | None


class GapsArguments(Wire):
    """What is missing about a move."""

    move: Name = Field(description="key of a move, as `explain` gives it")
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    as_of: AsOf = None
    as_at: AsAt = None


class Gaps(Wire):
    """What was missing or watched, what would tell most first."""

    items: list[DataGapRow]
    left_out: int


class SearchArguments(Wire):
    """What it is called."""

    text: Annotated[str, Field(min_length=1, max_length=200, description="words of its name")]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=4)] = (
        "instrument",
        "actor",
        "event",
        "document",
    )
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    as_of: AsOf = None
    as_at: AsAt = None


class Found(Wire):
    """One thing: `id` is what other tools and questions take."""

    kind: Kind
    id: str
    name: str | None
    sort: str | None
    aliases: list[str]
    known_at: str | None


class FoundList(Wire):
    """What is called so, the nearest first."""

    items: list[Found]


class NoArguments(Wire):
    """Nothing to give."""


class SavedQuery(Wire):
    """One reviewed question."""

    id: str
    name: str
    title: str
    question: str
    parameters: list[QueryParameter]
    columns: list[str]


class SavedQueries(Wire):
    """All of them, by number."""

    items: list[SavedQuery]


class RunArguments(Wire):
    """Which question, and what it needs."""

    query: Annotated[str, Field(min_length=1, max_length=100, description="its number or name, such as Q5")]
    parameters: dict[str, Annotated[str, Field(max_length=500)]] = Field(default_factory=dict, max_length=20)
    case: Name | None = Field(default=None, description="a case, for its move, instrument and latest explanation")
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    as_of: AsOf = None
    as_at: AsAt = None


class Rows(Wire):
    """The rows of a question."""

    query: str
    question: str
    columns: list[str]
    rows: list[list[JsonValue]]
    left_out: int = Field(description="rows beyond `limit`")
    as_of: str
    as_at: str
