"""The floors of the design on the bundled cases, through the real path, and what must not change a posterior."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from api.knowledge import Knowledge, load_knowledge
from causal.model import Dossier
from causal.world import Fact
from graph.server import Running
from graph.store import open_store
from ingest.casefile import bundled_cases
from tests.accuracy.cases import judged
from tests.accuracy.measure import Judged, measure, posteriors, template_rank
from tests.accuracy.report import padded
from tests.conftest import clear

CRASH = "2026-02-05-bitcoin-flash-crash"
FALSE = {"dxy_bad", "junk_ai_agents"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def cases(embedded: Running, knowledge: Knowledge) -> list[Judged]:
    """The dossiers of one server: that both give the same is tested with the explanations."""
    clear(embedded.service)

    async def read() -> list[Judged]:
        store = open_store(embedded.service)
        await store.create_schema()
        found = await judged(store, knowledge, bundled_cases())
        await store.close()
        return found

    return asyncio.run(read())


def test_the_six_cases_meet_the_floors_from_readings_alone(cases: list[Judged], knowledge: Knowledge) -> None:
    found = measure(cases, knowledge.library, knowledge.method, draws=4)
    assert found.first >= 5
    assert found.pooled >= 0.80
    assert found.within >= 0.74
    assert found.lift >= 0.35
    assert found.inverted < 0.30
    assert found.highest_refuted <= 0.50


def test_templates_alone_put_a_consensus_template_first_or_second(cases: list[Judged], knowledge: Knowledge) -> None:
    ranks = [template_rank(case, knowledge.library, knowledge.method) for case in cases]
    assert sum(rank is not None and rank <= 2 for rank in ranks) >= 5


def crash_of(cases: list[Judged]) -> Judged:
    return next(case for case in cases if case.dossier.case == CRASH)


def test_padding_false_inputs_and_copies_carry_no_weight(cases: list[Judged], knowledge: Knowledge) -> None:
    library, method, crash = knowledge.library, knowledge.method, crash_of(cases)
    plain = posteriors(crash.dossier, library, method)
    assert posteriors(padded(crash, "junk_ai").dossier, library, method)["junk_ai"] - plain["junk_ai"] < 0.05
    clean = replace(crash.dossier, facts=tuple(f for f in crash.dossier.facts if f.id not in FALSE))
    assert len(clean.facts) == len(crash.dossier.facts) - len(FALSE)
    assert posteriors(clean, library, method) == pytest.approx(plain, abs=1e-12)
    copied = replace(crash.dossier, facts=(*crash.dossier.facts, *copies(crash.dossier)))
    assert posteriors(copied, library, method) == pytest.approx(plain, abs=1e-12)


def copies(dossier: Dossier) -> list[Fact]:
    """Every fact of one widely copied article once more, as a relay of it would bring them."""
    article = next(fact.citation.document_id for fact in dossier.facts if fact.citation.publisher == "TechFlow")
    return [
        replace(fact, id=f"zz_{fact.id}", key=f"{fact.key}.copy")
        for fact in dossier.facts
        if fact.citation.document_id == article
    ]


@pytest.mark.parametrize("size", [0.05, 0.4, 1.0, 3.0])
def test_a_rise_of_the_dollar_never_raises_the_carry_story(
    cases: list[Judged], knowledge: Knowledge, size: float
) -> None:
    dossier = crash_of(cases).dossier
    model = next(fact for fact in dossier.facts if fact.id == "usdjpy_week")
    rise = replace(
        model,
        id="zz_rise",
        key="zz_rise",
        indicator="fx spot return",
        value=size,
        unit="percent",
        baseline_value=None,
        baseline_kind=None,
        citation=replace(model.citation, document_id="doc_zz", origin="zz"),
    )
    before = posteriors(dossier, knowledge.library, knowledge.method)["hk_yen_carry"]
    more = replace(dossier, facts=(*dossier.facts, rise))
    assert posteriors(more, knowledge.library, knowledge.method)["hk_yen_carry"] <= before + 1e-12
