"""Identifiers that are fetched name what the graph knows already, under the id that it has there."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from api.ingesting import do_run, new_run, open_ledger
from api.settings import Settings
from graph.model import Batch, Node
from graph.store import GraphStore
from ingest.errors import RecordRejectedError
from tests.connector_kit import Asked, Reply, playing

FIGI, OTHER = "BBG000TST013", "BBG000TST022"


def answer(asked: Asked) -> Reply:
    """One FIGI for every ticker that is asked for."""
    return Reply(
        body=json.dumps([{"data": [{"figi": FIGI, "compositeFIGI": FIGI}]} for _ in json.loads(asked.body)]).encode()
    )


def instrument(id_: str, **properties: str) -> Batch:
    return Batch(nodes=(Node(label="Instrument", id=id_, properties={"kind": "ETF", "name": id_, **properties}),))


async def fetch(store: GraphStore, folder: Path) -> None:
    async with playing(answer) as endpoint:
        settings = Settings(data=folder, source_hosts={"openfigi.api": f"{endpoint.url}/api"})
        with closing(open_ledger(settings)) as ledger:
            await do_run(new_run("openfigi", settings, ledger, symbols=["spy"]).id, settings, ledger, store)


async def test_a_figi_is_put_on_what_has_the_id_or_already_has_the_figi(store: GraphStore, tmp_path: Path) -> None:
    await store.upsert(instrument("spy", symbol="SPY"))
    await fetch(store, tmp_path / "by_id")
    rows = (await store.read("MATCH (i:Instrument) RETURN i.id, i.figi, i.symbol")).rows
    assert rows == (("spy", FIGI, "SPY"),)


async def test_a_thing_that_is_known_under_another_id_keeps_it(store: GraphStore, tmp_path: Path) -> None:
    await store.upsert(instrument("spdr_500", figi=FIGI))
    await fetch(store, tmp_path)
    rows = (await store.read("MATCH (i:Instrument) RETURN i.id, i.figi, i.aliases")).rows
    ((id_, figi, aliases),) = rows
    assert (id_, figi) == ("spdr_500", FIGI)
    assert "spy" in aliases


async def test_one_id_for_two_things_is_refused(store: GraphStore, tmp_path: Path) -> None:
    await store.upsert(instrument("spy", figi=OTHER))
    with pytest.raises(RecordRejectedError, match="two things need two ids"):
        await fetch(store, tmp_path)
    assert (await store.read("MATCH (i:Instrument) RETURN i.figi")).rows == ((OTHER,),)
