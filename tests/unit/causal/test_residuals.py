"""The percentile of a series beyond what its causes explain: ordinary where they explain it, its own where nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.pulling import Pulled
from causal.residuals import residual
from causal.scoring import score
from causal.settings import Method
from tests.dossiers import a_narrative, a_prediction
from tests.panels import a_coin, a_column, a_panel, a_series_dossier, prices, returns_of, with_move
from tests.unit.causal.test_breadth import COMMON, column, pulled_of


def at(pulled: Pulled, u: float) -> Pulled:
    return replace(pulled, found=replace(pulled.found, u=u))


def test_what_a_parent_explains_is_no_surprise_beyond_it() -> None:
    noisy = COMMON + returns_of(9, size=0.005)
    _, (parent, child) = pulled_of(column("parent", COMMON), column("child", noisy))
    found = residual(at(child, 0.95), [at(parent, 0.95)], needed=20.0)
    assert found is not None
    assert 0.3 < found.found.u < 0.85
    assert "parent" in found.reading.reason


def test_a_child_that_moves_where_its_parent_does_not_is_more_surprising() -> None:
    noisy = COMMON + returns_of(9, size=0.003)
    _, (parent, child) = pulled_of(column("parent", COMMON), column("child", noisy))
    found = residual(at(child, 0.9), [at(parent, 0.3)], needed=20.0)
    assert found is not None
    assert found.found.u > 0.9


def test_a_parent_that_has_nothing_to_do_with_it_changes_little() -> None:
    _, (parent, child) = pulled_of(column("parent", returns_of(21, size=0.01)), column("child", COMMON))
    found = residual(at(child, 0.8), [at(parent, 0.9)], needed=20.0)
    assert found is not None
    assert found.found.u == pytest.approx(0.8, abs=0.1)


def test_without_parents_or_enough_common_days_a_series_keeps_its_own_percentile() -> None:
    _, (parent, child) = pulled_of(column("parent", COMMON), column("child", COMMON))
    assert residual(child, [], needed=20.0) is None
    few = parent.ranks.copy()
    few[np.flatnonzero(np.isfinite(few))[5:]] = np.nan
    short = replace(parent, found=replace(parent.found, ranks=few))
    assert residual(child, [short], needed=20.0) is None


def test_the_explanation_says_where_a_percentile_is_that_of_a_residual() -> None:
    paths = {"first": COMMON, "second": COMMON + returns_of(9, size=0.005)}
    series = [a_column(name, prices(with_move(path, 0.05))) for name, path in paths.items()]
    story = a_narrative(
        "one", [a_prediction("spot return", "first", "up")], [a_prediction("spot return", "second", "up")]
    )
    dossier = replace(a_series_dossier(a_panel(a_coin(), *series)), narratives=(story,))
    plain, beyond = (score(dossier, ((story,),), Method(residual_pit=on)) for on in (False, True))
    said = {one.subject: one.reports[0].reading.reason for one in beyond.findings.observables}
    assert said["second"].startswith("beyond what")
    assert not said["first"].startswith("beyond what")
    variable = plain.structure.narratives[0]
    assert beyond.beliefs.table[0, variable] < plain.beliefs.table[0, variable]
