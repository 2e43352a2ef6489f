"""A graph in memory that answers what a test wrote down, for whatever only needs something to read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graph.errors import GraphUnavailableError
from graph.graphversion import Moment
from graph.model import Batch, Limits, Table, Written

Record = Mapping[str, object]
WHOLE = Limits()


class FakeStore:
    """Answers a read with the records of the first marker that stands in the statement, else with none."""

    def __init__(self, answers: Mapping[str, Sequence[Record]] | None = None, *, down: bool = False) -> None:
        self.answers = dict(answers or {})
        self.down = down
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.batches: list[Batch] = []
        self.writes = self.sessions = 0
        self.pool = 1

    async def read(self, cypher: str, params: Mapping[str, object] | None = None, limits: Limits = WHOLE) -> Table:
        self._check()
        self.asked.append((cypher, params or {}))
        records = next((found for marker, found in self.answers.items() if marker in cypher), ())
        fields = tuple(records[0]) if records else ()
        return Table(fields=fields, rows=tuple(tuple(record.values()) for record in records[: limits.rows]))

    async def ping(self) -> None:
        self._check()

    async def moment(self) -> Moment:
        self._check()
        return Moment(version=None, settled=datetime.now(UTC))

    async def present(self) -> datetime:
        return self.present_of(await self.moment())

    def present_of(self, moment: Moment) -> datetime:
        return moment.settled

    async def close(self) -> None:
        return

    async def create_schema(self) -> None:
        self._check()

    async def upsert(self, batch: Batch) -> Written:
        self._check()
        self.batches.append(batch)
        return Written(created=len(batch.nodes), links=len(batch.links))

    def _check(self) -> None:
        if self.down:
            raise GraphUnavailableError("nothing answers at bolt://127.0.0.1:1", retry_after=7)
