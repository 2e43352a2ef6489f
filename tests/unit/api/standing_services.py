"""A graph and a library whose state a test sets, and which count how often they are looked at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graph.graphversion import Moment
from tests.fakes import FakeStore


class VersionedStore(FakeStore):
    """Tells the version that a test set; while `held` is not set it does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.told = 1
        self.asked_for_it = 0
        self.held = asyncio.Event()
        self.held.set()

    async def moment(self) -> Moment:
        """The version when it was asked for."""
        self.asked_for_it += 1
        told = self.told
        await self.held.wait()
        self._check()
        return Moment(version=told or None, settled=datetime.now(UTC))


@dataclass(slots=True)
class Standing:
    """What `Freshness` looks at, and the time by which it does."""

    store: VersionedStore = field(default_factory=VersionedStore)
    knowledge: object = "as it came"
    changed: object | None = None
    looks: int = 0
    now: float = 100.0

    def look(self) -> None:
        """Take in what `changed` holds, as a folder of templates would be."""
        self.looks += 1
        if self.changed is not None:
            self.knowledge, self.changed = self.changed, None

    def clock(self) -> float:
        """The time that the test set."""
        return self.now
