"""The fast paths of what reports say, against the definition: tilts, single reports, masks that repeat."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.facts import Report
from causal.likelihood import BASE, EDGES, KERNEL, bin_likelihood, group_table, reliable_likelihood, tilted
from causal.observables import Observable
from causal.posterior import evidence_factors
from causal.scoring import score
from causal.settings import Method
from causal.surprise import Reading, binned
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()


@given(st.floats(1.0, 12.0), st.sampled_from(["up", "down"]))
def test_tilted_masses_are_differences_of_powers_of_the_edges(tilt: float, side: str) -> None:
    powers = EDGES**tilt if side == "up" else 1.0 - (1.0 - EDGES) ** tilt
    one, many = tilted(side, tilt, 0.0, 1.0), tilted(side, np.array([tilt, 1.0]), 0.0, 1.0)
    assert one == pytest.approx(np.diff(powers), abs=1e-14)
    assert many.shape == (2, 5)
    assert many[0] == pytest.approx(one, abs=1e-15)
    assert many[1] == pytest.approx(BASE, abs=1e-15)


def an_observable(*readings: Reading) -> Observable:
    reports = tuple(
        Report(fact=f"f{n}", copies=(f"f{n}",), reading=one, reliability=0.5 + 0.1 * n)
        for n, one in enumerate(readings)
    )
    return Observable(family="price", subject="x", window="during", calm=0.0, parents=(), reports=reports)


@given(st.floats(-3.0, 3.0))
def test_a_single_report_says_its_bin_with_its_reliability_and_else_nothing(z: float) -> None:
    one = an_observable(binned(z, 0.0))
    [report] = one.reports
    said = report.reliability * KERNEL @ np.array(report.reading.bins) + (1.0 - report.reliability) / 5.0
    assert bin_likelihood(one, np.array([[1.0], [0.0]])) == pytest.approx(np.stack([said, np.ones(5)]), abs=1e-14)
    assert reliable_likelihood(one, np.array([[report.reliability]]))[0] == pytest.approx(said, abs=1e-14)


def test_of_one_group_the_table_is_the_base_and_its_tilt() -> None:
    one = an_observable(binned(1.0, 0.0))
    assert np.array_equal(group_table(one, [("up", 3.0)], 1.0), np.stack([BASE, tilted("up", 3.0, 0.0, 1.0)]))


def test_masks_that_repeat_give_each_row_what_it_would_have_alone() -> None:
    facts = [
        a_fact(f"f{n}", "trading volume", "fund", 4.0 + n, unit="USD billion", baseline_value=3.0) for n in range(3)
    ]
    facts.append(a_fact("yen", "fx spot return", "usdjpy", -1.1))
    one = a_narrative(
        "one", [a_prediction("trading volume", "fund", "up")], [a_prediction("fx level", "usdjpy", "down")]
    )
    two = a_narrative("two", [a_prediction("trading volume", "fund", "down")])
    scored = score(a_dossier(facts, (one, two)), ((one,), (two,)), METHOD)
    masks = np.array(list(itertools.product((0.0, 1.0), repeat=len(scored.items))) * 2)
    together = evidence_factors(scored.structure, scored.evidence, scored.items, masks)
    for row, mask in enumerate(masks):
        alone = evidence_factors(scored.structure, scored.evidence, scored.items, mask[np.newaxis])
        for found, wanted in zip(together, alone, strict=True):
            assert found.part(row, 1).table[0] == pytest.approx(wanted.table[0], abs=1e-15)
