"""Reports that stand alone are worked out together, and say what each says by itself."""

from __future__ import annotations

import numpy as np
import pytest

from causal import drawing
from causal.drawing import Draws, drawn_sensors
from causal.posterior import evidence_factors, sensor_factor
from causal.scoring import Scored, score
from causal.settings import Method
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

SIDES = ("up", "down", "flat")
STRENGTHS = ("weak", "medium", "strong")


def scored() -> Scored:
    """Nine readings, each predicted by one step, with all sides and strengths, and one that two steps predict."""
    cases = [(side, strength) for side in SIDES for strength in STRENGTHS]
    facts = [a_fact(f"f{n}", "spot return", f"thing{n}", 2.0 * n - 8.0, grade="ABC"[n % 3]) for n in range(len(cases))]
    facts.append(a_fact("yen", "fx spot return", "usdjpy", -1.1))
    steps = [
        [a_prediction("spot return", f"thing{n}", side, strength=strength)] for n, (side, strength) in enumerate(cases)
    ]
    yen = [a_prediction("fx spot return", "usdjpy", "down")]
    one = a_narrative("one", *steps[:5], yen)
    two = a_narrative("two", *steps[5:], yen)
    return score(a_dossier(facts, (one, two)), ((one,), (two,)), Method())


def test_under_masks_they_are_what_each_is_by_itself() -> None:
    one = scored()
    masks = np.random.default_rng(1).integers(0, 2, (50, len(one.items))).astype(float)
    sensors = one.structure.sensors
    assert sum(sensor.lone for sensor in sensors) >= 9
    assert not all(sensor.lone for sensor in sensors)
    found = evidence_factors(one.structure, one.evidence, one.items, masks)
    for sensor, factor in zip(sensors, found, strict=False):
        own = masks[:, [one.items.index(report.fact) for report in sensor.observable.reports]]
        wanted = sensor_factor(sensor, own).part(0, 50)
        assert factor.scope == wanted.scope
        assert factor.part(0, 50).table == pytest.approx(wanted.table, abs=1e-15)


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_under_draws_they_are_what_each_is_by_itself(share: float) -> None:
    one, method, draws = scored(), Method(acting_share=share), Draws(64)
    together = list(drawn_sensors(one.structure.sensors, method, draws))
    wanted = [drawing._sensor(sensor, method, draws) for sensor in one.structure.sensors]
    assert len(together) == len(wanted)
    for sought in wanted:
        nearest = min(np.abs(got.table - sought.table).max() for got in together if got.scope == sought.scope)
        assert nearest <= 1e-15
