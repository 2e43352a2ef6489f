"""DoWhy's judgement of graphs and effects whose truth is known, by our oracle and by the process that runs it."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from api.checking import INSTALL, run_checks
from causal.checkresults import EVERY, FAST, WHOLE_GRAPH, CheckAsk, CheckResult
from causal.oracle import run_checks as run_here
from causal.oraclegraph import rank_partial_correlation

pytestmark = pytest.mark.filterwarnings("ignore")  # of the oracle and what it stands on
Array = NDArray[np.float64]
EDGES = (
    ("rates", "dollar"),
    ("rates", "flow"),
    ("dollar", "flow"),
    ("dollar", "btc"),
    ("flow", "btc"),
    ("junk", "btc"),
)
COLUMNS = ("rates", "dollar", "flow", "junk", "btc")
DAY = {"rates": 2.0, "dollar": 3.0, "flow": -4.0, "junk": 0.1, "btc": -9.0}


def a_question(rows: int = 500, *, change: float = 0.0, seed: int = 0, **fields: object) -> CheckAsk:
    """dollar = .8 rates + e, flow = -.5 rates + .6 dollar + e, btc = -.7 dollar + 1.2 flow + e; from the middle on btc
    has `change` more."""
    rng = np.random.default_rng(seed)
    rates, junk = rng.standard_t(4, rows), rng.standard_t(4, rows)
    dollar = 0.8 * rates + rng.standard_t(4, rows)
    flow = -0.5 * rates + 0.6 * dollar + rng.standard_t(4, rows)
    btc = -0.7 * dollar + 1.2 * flow + rng.standard_t(4, rows) + change * (np.arange(rows) >= rows // 2)
    history = np.column_stack([rates, dollar, flow, junk, btc])
    history[3, 1] = np.nan
    asked = CheckAsk(
        edges=EDGES,
        columns=COLUMNS,
        history=tuple(map(tuple, history.tolist())),
        day=DAY,
        target="btc",
        drivers=("flow", "junk"),
        held={"flow": 0.0},
        split=rows // 2,
        simulations=10,
    )
    return replace(asked, **fields)  # type: ignore[arg-type]


def answered(ask: CheckAsk, *checks: str) -> dict[tuple[str, str], CheckResult]:
    found = itertools.chain.from_iterable(results for _, results in run_here(replace(ask, checks=checks)))
    return {(one.name, one.subject): one for one in found}


def test_the_true_graph_stands_and_one_with_its_arrows_turned_does_not() -> None:
    true = answered(a_question(), "local Markov")["local Markov", WHOLE_GRAPH]
    assert true.outcome == "passed"
    assert true.statistic is not None
    assert true.statistic <= 0.2
    turned = (("btc", "dollar"), ("flow", "rates"), ("dollar", "junk"), ("rates", "junk"))
    false = answered(a_question(edges=turned, target="junk"), "local Markov")["local Markov", WHOLE_GRAPH]
    assert false.outcome == "failed"
    assert false.statistic is not None
    assert false.statistic > true.statistic


def test_an_effect_is_found_with_what_has_to_be_held_equal_and_none_where_there_is_none() -> None:
    found = answered(a_question(), "estimate", "e-value", "partial R2", "placebo", "random common cause", "subset")
    effect = found["estimate", "flow"]
    assert effect.outcome == "passed"
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 1.2 < effect.high
    assert "given dollar" in effect.words
    assert found["estimate", "junk"].outcome == "open"
    assert found["placebo", "flow"].statistic == pytest.approx(0.0, abs=0.2)
    for name in ("random common cause", "subset"):
        assert found[name, "flow"].statistic == pytest.approx(effect.statistic, abs=0.1)
    assert {found[name, "flow"].outcome for name in ("placebo", "random common cause", "subset")} == {"passed"}
    strong, weak = found["e-value", "flow"].statistic, found["e-value", "junk"].statistic
    assert strong is not None
    assert weak is not None
    assert strong > 2.0 > weak >= 1.0
    assert found["partial R2", "flow"].outcome == "passed"
    assert found["partial R2", "junk"].outcome == "not run"  # nothing measured to compare an unseen cause with


def test_an_effect_that_pushed_the_other_way_on_the_day_fails() -> None:
    day = {**DAY, "flow": 4.0}
    assert answered(a_question(day=day), "estimate")["estimate", "flow"].outcome == "failed"


def test_a_counterfactual_of_dowhy_is_ours() -> None:
    found = answered(a_question(), "counterfactual", "intervention")
    assert found["counterfactual", "flow"].outcome == "passed"
    assert found["counterfactual", "flow"].parts["difference"] <= 1e-9
    assert found["counterfactual", "flow"].statistic == pytest.approx(-9.0 + 1.2 * 4.0, abs=0.5)
    assert found["intervention", "flow"].low is not None


def test_a_mechanism_that_changed_between_two_windows_is_named() -> None:
    same = answered(a_question(), "distribution change")["distribution change", WHOLE_GRAPH]
    changed = answered(a_question(change=3.0), "distribution change")["distribution change", WHOLE_GRAPH]
    assert same.outcome == "passed"
    assert changed.outcome == "failed"
    assert changed.parts["btc"] == pytest.approx(3.0, abs=0.6)
    short = answered(a_question(rows=100), "distribution change")["distribution change", WHOLE_GRAPH]
    assert short.outcome == "not run"
    assert "60 are needed" in short.words


def test_the_same_seed_gives_the_same_results_whatever_was_run_before() -> None:
    alone = answered(a_question(), "falsification")["falsification", WHOLE_GRAPH]
    after = answered(a_question(), "placebo", "falsification")["falsification", WHOLE_GRAPH]
    assert alone == after
    assert alone.seed == 0
    assert alone.n == 499  # the row with a gap is left out


def test_too_short_a_history_is_told_by_every_check() -> None:
    found = answered(a_question(rows=50))
    assert {one.outcome for one in found.values()} == {"not run"}
    assert {one.name for one in found.values()} == set(EVERY)
    with pytest.raises(ValueError, match="there is no check 'oracle'"):
        answered(a_question(), "oracle")


def test_the_rank_test_keeps_its_level_under_fat_tails_and_ties_and_sees_a_monotone_link() -> None:
    rng = np.random.default_rng(5)
    false = [
        rank_partial_correlation(rng.standard_cauchy(80), np.round(rng.standard_t(3, 80)), rng.standard_normal((80, 2)))
        for _ in range(300)
    ]
    assert 0.02 <= np.mean(np.array(false) < 0.05) <= 0.09
    z = rng.standard_normal(400)
    x, y = z + rng.standard_normal(400), np.exp(z + 0.5 * rng.standard_normal(400))
    assert rank_partial_correlation(x, y) < 1e-6
    assert rank_partial_correlation(x, y, z.reshape(-1, 1)) > 1e-3
    assert rank_partial_correlation(x, np.ones(400)) == 1.0


async def test_a_process_of_its_own_gives_the_same_results_with_the_time_they_took() -> None:
    checks = await run_checks(a_question(checks=FAST), 120.0)
    assert (checks.state, checks.why) == ("done", None)
    here = answered(a_question(), *FAST)
    assert {(one.name, one.subject): replace(one, seconds=None) for one in checks.results} == here
    assert all(one.seconds is not None for one in checks.results)


@pytest.mark.parametrize(
    ("code", "state", "why"),
    [
        ("import time; time.sleep(600)", "not run", "the budget of 1 seconds was over"),
        ("import sys; sys.exit('out of memory')", "not run", "ended with code 1: out of memory"),
        (
            "import importlib.util as u; u.find_spec = lambda *_: None; from api.checkworker import main; main()",
            "not run",
            INSTALL,
        ),
    ],
)
async def test_what_is_not_done_says_why(code: str, state: str, why: str) -> None:
    begun = time.monotonic()
    checks = await run_checks(a_question(), 1.0 if "sleep" in code else 60.0, (sys.executable, "-c", code))
    assert checks.state == state
    assert why in str(checks.why)
    assert [one.name for one in checks.results] == list(EVERY)
    assert all(why in one.words for one in checks.results)
    assert time.monotonic() - begun < 60.0


async def test_what_was_done_before_the_deadline_is_kept() -> None:
    line = (
        b'{"check": "estimate", "results": [{"name": "estimate", "subject": "flow", "outcome": "passed", "words": ""}]}'
    )
    code = f"import sys, time; print({line.decode()!r}, flush=True); time.sleep(600)"
    checks = await run_checks(a_question(), 2.0, (sys.executable, "-c", code))
    assert checks.state == "cut short"
    assert _names(checks.results) == list(EVERY)
    assert checks.results[0].outcome == "passed"


async def test_without_shares_there_is_nothing_to_check() -> None:
    checks = await run_checks(None, 1.0)
    assert checks.state == "not run"
    assert checks.why == "there are no shares to check"


def _names(results: Sequence[CheckResult]) -> list[str]:
    return [one.name for one in results]
