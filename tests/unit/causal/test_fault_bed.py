"""The second bed of simulated faults: what it promises, and that no baseline is better on beds kept for reporting."""

from __future__ import annotations

import numpy as np
import pytest

from tests.accuracy.fault_baselines import BASELINES
from tests.accuracy.fault_bed import DESIGN, REPORT, Bed, bed_incident, smaller
from tests.accuracy.root_causes import OURS, Figures, measure_bed

SEEDS = range(900, 905)
EVERY = DESIGN | REPORT


@pytest.mark.parametrize("bed", EVERY.values(), ids=EVERY)
def test_an_incident_is_the_same_for_the_same_seed_and_has_its_roots_above_its_target(bed: Bed) -> None:
    one, again = bed_incident(smaller(bed), 5), bed_incident(smaller(bed), 5)
    assert one.edges == again.edges
    assert one.roots == again.roots
    assert all(np.array_equal(one.normal[name], again.normal[name], equal_nan=True) for name in one.normal)
    assert one.target in one.normal
    assert one.roots
    assert one.roots <= set(one.nodes)


def test_no_bed_is_both_looked_at_and_reported() -> None:
    assert not DESIGN.keys() & REPORT.keys()
    assert all(bed not in DESIGN.values() for bed in REPORT.values())


def test_no_baseline_is_as_good_over_the_beds_kept_for_reporting() -> None:
    found = [measure_bed(bed, SEEDS)[0] for bed in REPORT.values()]

    def mean(method: str, of: str) -> float:
        return float(np.mean([getattr(one[method], of) for one in found]))

    assert isinstance(found[0][OURS], Figures)
    assert mean(OURS, "top1") >= max(mean(name, "top1") for name in BASELINES) + 0.05
    assert mean(OURS, "top3") >= max(mean(name, "top3") for name in BASELINES)
