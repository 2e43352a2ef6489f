"""Tables taken in, a move without a single fact, and what its series say of it: as of each day, on both servers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from api.ask import make_ask
from api.explaining import explain_move
from api.gathering import survey
from api.knowledge import Knowledge, load_knowledge
from graph.store import GraphStore
from tests.e2e.series_world import CLOSE, MOVE, a_world, by_series, posteriors


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


async def test_a_move_without_any_fact_is_explained_from_series(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    world = await a_world(store, knowledge, tmp_path)
    gathered = await world.survey()
    assert gathered.dossier.facts == ()
    assert gathered.dossier.panel is not None
    assert gathered.dossier.move.return_ == pytest.approx(np.exp(-0.15) - 1.0, rel=1e-4)
    told = await world.explain()
    assert {one["kind"] for one in told["evidence"]} == {"series"}
    assert {"usdjpy.price", "newfund.volume"} <= set(by_series(told))
    assert by_series(told)["newfund.volume"]["bin"] == 5
    assert by_series(told)["usdjpy.price"]["bin"] == 1
    assert sum(one["coverage"]["by_series"] for one in told["narratives"]) > 0


async def test_nothing_is_read_before_it_was_public(store: GraphStore, knowledge: Knowledge, tmp_path: Path) -> None:
    world = await a_world(store, knowledge, tmp_path)
    public = CLOSE + timedelta(days=2)
    early = await world.explain(as_of=public - timedelta(seconds=1))
    late = await world.explain(as_of=public)
    assert "newfund.volume" not in by_series(early)
    assert "newfund.volume" in by_series(late)
    for told, as_of in ((early, public - timedelta(seconds=1)), (late, public)):
        panel = (await world.survey(as_of=as_of)).dossier.panel
        assert panel is not None
        assert max(panel.closes) <= as_of
        known = [one["known_at"] for one in told["evidence"]]
        assert known
        assert max(datetime.fromisoformat(when) for when in known) <= as_of


async def test_a_value_of_the_future_changes_no_answer_before_it_is_public(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    """Two worlds that differ only in what was not public yet: prices after the move, and the volume of its day."""
    early, late = CLOSE + timedelta(hours=1), CLOSE + timedelta(days=4)
    then, now = [], []
    for volume, later in ((9000.0, 1.0), (5.0, 0.5)):
        world = await a_world(store, knowledge, tmp_path / str(volume), volume=volume, later=later)
        then.append(posteriors(await world.explain(as_of=early)))
        now.append(posteriors(await world.explain(as_of=late)))
    assert then[0] == then[1]
    assert now[0] != now[1]
    assert now[0] != then[0]


async def test_without_a_store_the_same_graph_answers_as_before(
    store: GraphStore, knowledge: Knowledge, tmp_path: Path
) -> None:
    world = await a_world(store, knowledge, tmp_path)
    ask = make_ask(instrument="newcoin", on=MOVE.isoformat())
    told = await explain_move(ask, store, knowledge=knowledge)
    assert told["evidence"] == []
    assert (await survey(ask, store, knowledge)).dossier.panel is None
    assert await world.explain() != told
