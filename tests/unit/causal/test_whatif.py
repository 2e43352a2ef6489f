"""What would have been: by hand on known mechanisms, the same noise, the band, and when there is no answer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.shares import attribute_move
from causal.structural import NotIdentifiable
from causal.whatif import WhatIf, what_if

Array = NDArray[np.float64]
EDGES = [("rates", "flow"), ("rates", "btc"), ("flow", "btc"), ("btc", "miner")]
DAY = {"rates": 2.0, "flow": -4.0, "btc": -9.0, "miner": -20.0}


def history(seed: int = 0, rows: int = 400) -> dict[str, Array]:
    """flow = -.5 rates + e; btc = .3 rates + 1.2 flow + e; miner = 2 btc + e."""
    rng = np.random.default_rng(seed)
    rates = rng.standard_t(4, rows)
    flow = -0.5 * rates + rng.standard_t(4, rows)
    btc = 0.3 * rates + 1.2 * flow + rng.standard_t(4, rows)
    return {"rates": rates, "flow": flow, "btc": btc, "miner": 2.0 * btc + rng.standard_t(4, rows)}


def asked(outcome: str, held: dict[str, float], table: dict[str, Array] | None = None) -> WhatIf | NotIdentifiable:
    return what_if(EDGES, table or history(), DAY, outcome, held, np.random.default_rng(1), 200)


def test_the_noise_stays_and_the_rest_follows() -> None:
    found = asked("btc", {"flow": 0.0})
    assert isinstance(found, WhatIf)
    assert found.actual == -9.0
    assert found.low < -9.0 + 1.2 * 4.0 < found.high
    assert found.low <= found.estimate <= found.high


def test_what_is_held_cuts_its_own_causes_and_moves_what_comes_after() -> None:
    found = asked("btc", {"rates": 0.0})
    assert isinstance(found, WhatIf)
    assert found.low < -9.0 - 0.3 * 2.0 + 1.2 * 0.5 * 2.0 < found.high
    both = asked("btc", {"rates": 0.0, "flow": -4.0})
    assert isinstance(both, WhatIf)
    assert both.low < -9.0 - 0.3 * 2.0 < both.high


def test_holding_a_node_at_its_own_value_changes_nothing() -> None:
    found = asked("btc", {"flow": -4.0})
    assert isinstance(found, WhatIf)
    assert (found.estimate, found.low, found.high) == pytest.approx((-9.0, -9.0, -9.0), abs=1e-9)


def test_taking_a_nodes_noise_away_takes_its_share_away() -> None:
    shares = attribute_move(EDGES, history(), DAY, "btc", np.random.default_rng(1), 20)
    assert not isinstance(shares, NotIdentifiable)
    flow = next(one for one in shares.nodes if one.node == "flow")
    found = asked("btc", {"flow": DAY["flow"] - flow.noise})
    assert isinstance(found, WhatIf)
    assert found.estimate == pytest.approx(DAY["btc"] - flow.share, abs=1e-9)


@pytest.mark.parametrize(
    ("outcome", "held", "why"),
    [
        ("btc", {"miner": 0.0}, "'miner' is no cause of 'btc' in this graph"),
        ("btc", {"btc": 0.0}, "'btc' is the outcome itself"),
        ("rates", {"flow": 0.0}, "is no cause"),
    ],
)
def test_what_is_no_cause_cannot_be_held(outcome: str, held: dict[str, float], why: str) -> None:
    found = asked(outcome, held)
    assert isinstance(found, NotIdentifiable)
    assert why in found.reason


def test_a_short_past_or_a_missing_value_is_no_answer_and_nothing_held_no_question() -> None:
    found = asked("btc", {"flow": 0.0}, history(rows=50))
    assert isinstance(found, NotIdentifiable)
    assert "60 are needed" in found.reason
    unseen = what_if(EDGES, history(), {**DAY, "rates": np.nan}, "btc", {"flow": 0.0}, np.random.default_rng(1))
    assert isinstance(unseen, NotIdentifiable)
    assert unseen.node == "rates"
    with pytest.raises(ValueError, match="nothing is held"):
        asked("btc", {})
