"""What a question needs is fetched by one door of those that lead to it, and by the next where that one is shut."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.fetching_for import fetch_wanted, sources_for
from api.knowledge import load_knowledge
from api.settings import Settings
from graph.store import GraphStore
from tests.connector_kit import BLOCKED, Answer, playing, samples_of

LACKING = [{"indicator": "fx level", "subject": "eurusd"}]
MOVE = (datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 2, 9, 18, tzinfo=UTC))


async def test_the_next_door_is_tried_only_where_the_first_is_shut(store: GraphStore, tmp_path: Path) -> None:
    assert await asked_beside(samples_of("ecb_fx"), store, tmp_path / "open") == (1, 1, 0)
    assert await asked_beside(lambda _: BLOCKED, store, tmp_path / "shut") == (0, 1, 1)


async def asked_beside(answer: Answer, store: GraphStore, folder: Path) -> tuple[int, int, int]:
    """How many sources succeeded, and how many requests the ECB and Frankfurter, which is shut, each had."""
    async with playing(answer) as bank, playing(lambda _: BLOCKED) as other:
        hosts = {"ecb_fx.ecb": f"{bank.url}/ecb", "frankfurter.api": f"{other.url}/api"}
        settings = Settings(data=folder, source_hosts=hosts)
        wanted = sources_for(LACKING, load_knowledge(), settings)
        assert [one.source.name for one in wanted] == ["ecb_fx", "frankfurter"]
        told: list[str] = []
        done = await fetch_wanted(
            wanted, settings, store, around=MOVE, now=datetime(2026, 2, 10, tzinfo=UTC), tell=told.append
        )
        assert told[0] == "fetching ecb_fx: fx level of eurusd"
        return done, len(bank.asked), len(other.asked)
