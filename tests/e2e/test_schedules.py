"""The service fetches by itself what is due, and what nobody ever fetched it leaves alone."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.app import create_app
from api.ingesting import do_run, open_ledger
from api.scheduling import Scheduler
from api.settings import Settings
from graph.store import GraphStore
from ingest.connecting import Window
from ingest.ledger import RunLedger
from ingest.sources import sample_payloads
from tests.connector_kit import Asked, Reply, playing

NAME = "us_treasury"


async def fetched_once(settings: Settings, store: GraphStore) -> None:
    """A first run by hand, as if it had been two weeks ago."""
    long_ago = datetime.now(UTC) - timedelta(days=14)
    with closing(RunLedger(settings.runs, now=long_ago.timestamp)) as ledger:
        end = datetime(2026, 2, 10, tzinfo=UTC)
        window = Window(since=end - timedelta(days=20), until=end, symbols=("nominal", "real"))
        await do_run(ledger.add(NAME, "fetch", window).id, settings, ledger, store)


async def test_a_source_that_was_fetched_once_is_fetched_again_when_it_is_due(
    store: GraphStore, tmp_path: Path
) -> None:
    content = sample_payloads(NAME)[0].content, sample_payloads(NAME)[1].content

    def answer(asked: Asked) -> Reply:  # the same figures whichever year is asked for
        return Reply(body=content["real" in asked.params["type"]], content_type="text/csv")

    async with playing(answer) as endpoint:
        settings = Settings(
            data=tmp_path, log_level="error", jobs=True, source_hosts={f"{NAME}.home": f"{endpoint.url}/home"}
        )
        await fetched_once(settings, store)
        asked = len(endpoint.asked)
        app = create_app(settings, store)
        async with app.router.lifespan_context(app):
            with closing(open_ledger(settings)) as ledger:
                async with asyncio.timeout(60):
                    while len(runs := ledger.page()) < 2 or not runs[0].ended:
                        await app.state.jobs.jobs.change()
                assert {run.source for run in runs} == {NAME}
                assert len(endpoint.asked) > asked
                again = Scheduler(settings, app.state.jobs)
                assert await again.look(datetime.now(UTC)) == []


async def test_without_jobs_nothing_is_fetched(store: GraphStore, tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, log_level="error"), store)
    async with app.router.lifespan_context(app):
        assert await Scheduler(Settings(data=tmp_path), app.state.jobs).look(datetime.now(UTC)) == []
        with closing(open_ledger(Settings(data=tmp_path))) as ledger:
            assert not ledger.exists()
