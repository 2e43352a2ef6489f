"""What is too heavy for the process that serves: pieces of work made of plain values, and the functions that do them.

Each goes over a pipe to a process of its own (`api/computing.py`), or runs where it is asked for where there is none;
the answer is the same, byte by byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import orjson

from api.ask import make_ask
from api.asking import at_present
from api.attributing import attribute, attribution_object, checked
from api.bundled import ensure_case
from api.explaining import explain_move
from api.knowledge import Knowledge
from api.supposing import Supposition, keep, suppose, supposed_object
from causal.checkresults import FAST
from causal.root_causes import rank_root_causes
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

CHECK_FIELDS = frozenset({"checks", "check_seconds"})
Tell = Callable[[str], None]
Columns = Mapping[str, list[float | None]]
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


def quietly(_: str) -> None:
    """Tell nobody."""


class Means(Protocol):
    """What the work needs of the service; the graph may come up after it."""

    @property
    def knowledge(self) -> Knowledge:
        """The library and the catalogue."""

    async def graph(self) -> GraphStore:
        """The store, with its schema made."""

    def series(self) -> SeriesStore | None:
        """The numeric series, None where there are none."""


class Work(Protocol[Result_co]):
    """A piece of work: values that can be pickled, and what is done with them."""

    @property
    def reads(self) -> bool:
        """Whether it reads the graph."""

    @property
    def long(self) -> bool:
        """Whether it may take many seconds, so that it must not hold up what does not."""

    async def run(self, means: Means, tell: Tell) -> Result_co:
        """Do it; `tell` is told of each step, in the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An explanation: its id, and the JSON of its object."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Explain a question in the fields of `make_ask`, whose bundled case is put into the graph first.

    Beside those fields `checks` (`fast` or `all`, for `check_seconds`) has the structural model checked.
    """

    reads: ClassVar[bool] = True
    question: Mapping[str, Any]
    record: bool = True

    @property
    def long(self) -> bool:
        """Checks take seconds."""
        return bool(self.question.get("checks", "none") != "none")

    async def run(self, means: Means, tell: Tell) -> Explained:
        """Raises what `make_ask`, `ensure_case` and `explain_move` raise."""
        asked = {name: value for name, value in self.question.items() if name not in CHECK_FIELDS}
        wanted = self.question.get("checks", "none")
        ask = make_ask(**asked)
        store = await means.graph()
        if await ensure_case(ask, store, tell) is not None:
            ask = make_ask(**asked)  # once more, as `now` has to lie after the case was recorded
        ask = await at_present(ask, store, asked.get("as_at"))
        answer = await explain_move(
            ask,
            store,
            knowledge=means.knowledge,
            series=means.series(),
            record=self.record,
            check_seconds=None if wanted == "none" else self.question["check_seconds"],
            checks=FAST if wanted == "fast" else (),
            progress=tell,
        )
        return Explained(id=str(answer["id"]), body=orjson.dumps(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Share a move out: a question in the fields of `make_ask`, under the stories' graph, one story's or given edges.

    With `check_seconds` the graph is checked for so long, by the named checks or by all.
    """

    reads: ClassVar[bool] = True
    question: Mapping[str, Any]
    edges: tuple[Any, ...] = ()
    narrative: str | None = None
    check_seconds: float | None = None
    checks: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """Checks take seconds."""
        return self.check_seconds is not None

    async def run(self, means: Means, _: Tell) -> dict[str, Any]:
        """The whole answer. Raises what `make_ask` and `attribute` raise."""
        ask, store = make_ask(**self.question), await means.graph()
        ask = await at_present(ask, store, self.question.get("as_at"))
        found = await attribute(ask, store, means.knowledge, means.series(), self.edges, self.narrative)
        if self.check_seconds is None:
            return attribution_object(found)
        return attribution_object(found, await checked(found.shared, self.check_seconds, self.checks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppose:
    """Answer a supposition about the move of a question, and keep the scenario where `record` says so."""

    reads: ClassVar[bool] = True
    long: ClassVar[bool] = False
    question: Mapping[str, Any]
    asked: Supposition
    record: bool

    async def run(self, means: Means, _: Tell) -> dict[str, Any]:
        """The whole answer, with the id under which it is kept. Raises what `make_ask`, `suppose` and `keep` raise."""
        ask, store = make_ask(**self.question), await means.graph()
        ask = await at_present(ask, store, self.question.get("as_at"))
        found = await suppose(ask, self.asked, store, means.knowledge, means.series())
        return supposed_object(found, await keep(found, store) if self.record else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRootCauses:
    """Rank the nodes of a causal graph (cause, effect) over columns of numbers, in which None is a missing one."""

    reads: ClassVar[bool] = False
    long: ClassVar[bool] = True
    graph: Sequence[tuple[str, str]]
    normal: Columns
    anomalous: Columns
    target: str

    async def run(self, _: Means, __: Tell) -> dict[str, Any]:
        """The whole answer. Raises what `rank_root_causes` raises."""
        tables = _table(self.normal), _table(self.anomalous)
        answer = await asyncio.to_thread(rank_root_causes, self.graph, *tables, self.target)
        found: dict[str, Any] = orjson.loads(orjson.dumps(answer))
        return found


def _table(columns: Columns) -> dict[str, list[float]]:
    return {name: [float("nan") if value is None else value for value in values] for name, values in columns.items()}
