"""The floors of the design on the bundled cases, through the real path, and what must not change a posterior."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.ask import make_ask
from api.explaining import explain_move
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from causal.model import Dossier
from causal.world import Fact
from graph.series import SeriesStore
from graph.server import Running
from graph.store import GraphStore, open_store
from ingest.casefile import bundled_cases
from tests.accuracy.both_layers import CASES, shares_of
from tests.accuracy.cases import judged
from tests.accuracy.market import load_market, missing
from tests.accuracy.measure import Judged, measure, posteriors, template_rank
from tests.accuracy.null import Days, rates, worth
from tests.accuracy.report import answered, padded, padding
from tests.conftest import clear

CRASH = "2026-02-05-bitcoin-flash-crash"
FALSE = {"dxy_bad", "junk_ai_agents"}
MOVES = (
    ("btcusd", "2024-08-05"),
    ("btcusd", "2026-02-05"),
    ("spx", "2018-02-05"),
    ("usdjpy", "2022-10-21"),
    ("nikkei", "2024-08-05"),
    ("gold", "2026-02-05"),
    ("igv", "2026-02-05"),
)
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The cases from facts alone; where market series are present also with these, and moves before any case was there.

    `told` are answers without a case, by instrument and day.
    """

    facts: list[Judged]
    both: list[Judged]
    told: dict[tuple[str, str], Answer]
    days: Days | None


@pytest.fixture(scope="module")
def material(embedded: Running, knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The dossiers of one server: that both give the same is tested with the explanations."""
    clear(embedded.service)
    series = SeriesStore(tmp_path_factory.mktemp("market"))

    async def read() -> Material:
        store = open_store(embedded.service)
        try:
            await store.create_schema()
            if missing():
                facts = await judged(store, knowledge, bundled_cases())
                return Material(facts=facts, both=[], told={}, days=None)
            await load_market(store, series)
            told = {move: await explained(*move, store, knowledge, series) for move in MOVES}
            day = await gather(make_ask(instrument="btcusd", on="2026-02-03"), store, knowledge, series)
            facts = await judged(store, knowledge, bundled_cases())
            both = await judged(store, knowledge, bundled_cases(), series)
            return Material(facts=facts, both=both, told=told, days=Days(day, "2018-01-01", "2026-01-31"))
        finally:
            await store.close()

    return asyncio.run(read())


async def explained(instrument: str, day: str, store: GraphStore, knowledge: Knowledge, series: SeriesStore) -> Answer:
    """The answer about one day, not recorded."""
    return await explain_move(
        make_ask(instrument=instrument, on=day), store, knowledge=knowledge, series=series, record=False
    )


@pytest.fixture(scope="module")
def cases(material: Material) -> list[Judged]:
    """From facts alone."""
    return material.facts


@pytest.fixture(scope="module")
def market(material: Material) -> Material:
    """What needs the real series."""
    why = missing()
    if why:
        pytest.skip(why)
    return material


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


def test_series_beside_facts_are_never_worse_than_facts_alone(market: Material, knowledge: Knowledge) -> None:
    facts, both = (measure(one, knowledge.library, knowledge.method, draws=0) for one in (market.facts, market.both))
    assert both.pooled >= facts.pooled
    assert both.within >= facts.within
    assert both.first >= facts.first
    assert both.inverted < 0.30
    assert both.highest_refuted <= 0.50
    told, more = answered(market.facts, knowledge), answered(market.both, knowledge)
    assert told.measured == 0 < more.measured
    assert more.total == told.total
    assert more.told >= told.told


def test_padding_carries_no_weight_beside_series(market: Material, knowledge: Knowledge) -> None:
    assert padding(market.both, knowledge) < 0.05


def rank(told: Answer, name: str) -> int:
    """The place of a narrative by its posterior, from 1."""
    return [one["id"] for one in told["narratives"]].index(name) + 1


def weights(told: Answer, name: str) -> list[tuple[float, Answer]]:
    """Each item of evidence with the bits that are lost to a narrative without it, the heaviest first."""
    found = [
        (part["leave_one_out_bits"], item)
        for item in told["evidence"]
        for part in item["contributions"]
        if part["narrative"] == name and part["leave_one_out_bits"] is not None
    ]
    return sorted(found, key=lambda pair: -abs(pair[0]))


def test_the_carry_trade_is_found_on_the_day_it_unwound_by_the_rise_of_the_yen(market: Material) -> None:
    told = market.told["btcusd", "2024-08-05"]
    assert rank(told, "T02") <= 2
    bits, item = weights(told, "T02")[0]
    assert bits > 0.0
    assert (item["subject"], item["kind"], item["bin"]) == ("usdjpy", "series", 1)
    assert item["value"] < 0.0  # fewer yen a dollar


def test_the_carry_trade_is_not_found_where_the_yen_fell(market: Material) -> None:
    told = market.told["btcusd", "2026-02-05"]
    carry = next(one for one in told["narratives"] if one["id"] == "T02")
    assert carry["posterior"] < 0.10
    against = [(item["subject"], item["value"] > 0.0) for bits, item in weights(told, "T02") if bits < -0.1]
    assert ("usdjpy", True) in against


def test_funds_of_volatility_are_found_on_the_day_they_collapsed(market: Material) -> None:
    assert rank(market.told["spx", "2018-02-05"], "T04") <= 2


@pytest.mark.parametrize(
    ("instrument", "day", "sign"),
    [("usdjpy", "2022-10-21", 1), ("nikkei", "2024-08-05", -1), ("gold", "2026-02-05", -1), ("igv", "2026-02-05", -1)],
)
def test_a_move_of_which_nothing_was_told_is_answered_from_series(
    market: Material, instrument: str, day: str, sign: int
) -> None:
    told = market.told[instrument, day]
    assert (told["ask"]["case"], told["move"]["instrument"], told["ask"]["end"]) == (None, instrument, day)
    assert sign * told["move"]["return"] > 0.0
    covered = [one["coverage"] for one in told["narratives"]]
    assert sum(one["by_series"] > 0 for one in covered) >= 10
    assert sum(one["by_series"] for one in covered) >= 0.2 * sum(one["predictions"] for one in covered)
    by_hand = [item for item in told["evidence"] if item["kind"] != "series"]
    assert {item["fact_ids"][0] for item in by_hand} <= {told["move"]["id"]}  # what denies the move itself
    assert told["narratives"][0]["posterior"] > told["unknown"]["posterior"]


def test_moves_that_nothing_explains_are_not_explained(market: Material, knowledge: Knowledge) -> None:
    """A smoke test on a dozen days of each sort; `make accuracy` takes 300."""
    assert market.days is not None
    found = list(rates(market.days, knowledge.library, knowledge.method, 12))
    assert [rate.days for rate in found] == [12, 12, 12]
    assert max(rate.above_half for rate in found) <= 0.25
    read = worth(market.days, knowledge.library, knowledge.method, 12)
    assert read.readings > 100
    assert read.mean_ratio == pytest.approx(1.0, abs=0.1)


def test_two_real_moves_are_shared_out_and_what_answers_the_price_is_set_aside(
    market: Material, knowledge: Knowledge
) -> None:
    found = {one.dossier.case: shares_of(one.dossier, knowledge) for one in market.both}
    for case in CASES:
        shares = found[case].attribution
        assert shares is not None, found[case].not_identifiable
        assert shares.rows >= 60
        assert sum(one.share for one in shares.nodes) == pytest.approx(shares.move - shares.mean, abs=1e-9)
        assert next(one for one in shares.nodes if one.node.startswith("spx spot return")).high < 0.0
    bitcoin, nikkei = (found[case] for case in CASES)
    aside = " ".join(one.id for one in bitcoin.aside if "answers the price" in one.why)
    assert all(thing in aside for thing in ("dvol_btc", "funding rate", "net ETF flow", "ibit"))
    assert {node.node for node in nikkei.attribution.nodes if "before" not in node.node} == {"nikkei"}  # type: ignore[union-attr]
