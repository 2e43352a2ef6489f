"""The smoke of `make calibration`: the whole run with little of everything, and what must hold even then."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console

from causal.settings import Method
from tests.simulator import trials
from tests.simulator.asking import Parts, scored_move
from tests.simulator.report import FIRST_FRESH, QUICK, report
from tests.simulator.rivals import exclusive, inconsistencies, naive_logits


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, Path]:
    """What the run prints, how many moves it counted, and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("curves")
    stream, ticks = io.StringIO(), [0]

    def tick() -> None:
        ticks[0] += 1

    report(Console(file=stream, width=160), QUICK, FIRST_FRESH, folder, tick)
    return stream.getvalue(), ticks[0], folder


def figures(text: str, name: str) -> list[float]:
    """The means in the row of a method."""
    row = next(line for line in text.splitlines() if f"│ {name} " in line)
    return [float(cell.split("+-")[0]) for cell in row.split("│")[2:-1]]


def test_without_labels_the_product_is_better_than_every_rival_that_has_none(told: tuple[str, int, Path]) -> None:
    product = figures(told[0], "product, no labels")[0]
    for rival in ("constant prior", "exclusive Bayes", "naive Bayes, all reports"):
        assert product < figures(told[0], rival)[0]
    assert product < figures(told[0], "ACH count, 200 labels")[0]


def test_the_chance_that_a_move_needed_a_story_is_better_answered_by_but_for_than_by_the_posterior(
    told: tuple[str, int, Path],
) -> None:
    but_for, posterior = (figures(told[0], name) for name in ("but-for: product", "but-for: by the posterior"))
    assert but_for[0] < posterior[0]
    assert but_for[2] < posterior[2]


def test_the_bar_counts_every_move_that_is_scored(told: tuple[str, int, Path]) -> None:
    assert told[1] == QUICK.ticks


def test_the_curves_are_written_as_pictures(told: tuple[str, int, Path]) -> None:
    names = sorted(file.name for file in told[2].iterdir())
    assert names == ["calibration-narratives.svg", "calibration-unknown.svg"]
    for name in names:
        assert ET.parse(told[2] / name).getroot().tag.endswith("svg")


def test_rivals_read_the_same_evidence_and_put_it_together_differently() -> None:
    market = trials.market_of(FIRST_FRESH, Method())
    days = market.falls(1, stream=trials.ASKED)
    scored = scored_move(market, days, 0, stream=trials.ASKED, method=market.method)
    merged, counted = naive_logits(scored, copies=False), naive_logits(scored, copies=True)
    assert not np.allclose(merged, counted)
    winner = exclusive(scored, merged)
    assert 0.0 < winner.sum() < 1.0
    assert np.argsort(winner).tolist() == np.argsort(merged).tolist()
    answered = [sum(bool(a.reports) for a in scored.findings.answers if a.narrative == k) for k in range(8)]
    assert (inconsistencies(scored) <= answered).all()
    blank = scored_move(
        market, days, 0, stream=trials.ASKED, method=market.method, parts=Parts(facts=False, series=False)
    )
    priors = np.array(blank.priors)
    assert naive_logits(blank, copies=True) == pytest.approx(np.log(priors / (1.0 - priors)))
