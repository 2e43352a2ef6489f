"""The search for root causes: what it must find, what it must not say, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.errors import InvalidGraphError, InvalidTableError
from causal.root_causes import RootCauses, rank_root_causes

Array = NDArray[np.float64]
Table = dict[str, Array]
# load -> db -> api -> page, load -> cache -> page, page -> mail
GRAPH = [("load", "db"), ("db", "api"), ("api", "page"), ("load", "cache"), ("cache", "page"), ("page", "mail")]


def system(rows: int, seed: int, **shifts: float | Array) -> Table:
    """A linear system on GRAPH; `shifts` are added to the noise of a node."""
    rng = np.random.default_rng(seed)
    noise = {
        node: rng.standard_normal(rows) + shifts.get(node, 0.0)
        for node in ("load", "db", "cache", "api", "page", "mail")
    }
    load = noise["load"]
    db, cache = 0.8 * load + noise["db"], 0.6 * load + noise["cache"]
    api = 0.9 * db + noise["api"]
    page = 0.7 * api - 0.5 * cache + noise["page"]
    return {"load": load, "db": db, "cache": cache, "api": api, "page": page, "mail": page + noise["mail"]}


def ask(during: Table, before: Table | None = None, target: str = "page") -> RootCauses:
    return rank_root_causes(GRAPH, before or system(300, 1), during, target)


def posteriors(answer: RootCauses) -> dict[str, float]:
    return {node.node: node.posterior for node in answer.nodes}


@pytest.mark.parametrize("root", ["load", "db", "cache", "api", "page"])
@pytest.mark.parametrize("rows", [1, 6, 60])
@pytest.mark.parametrize("size", [-15.0, 15.0])
def test_the_node_whose_noise_was_shifted_is_ranked_first(root: str, rows: int, size: float) -> None:
    assert ask(system(rows, 2, **{root: size})).nodes[0].node == root


def test_every_node_and_every_edge_is_answered() -> None:
    answer = ask(system(20, 2, db=10.0))
    assert sorted(node.node for node in answer.nodes) == ["api", "cache", "db", "load", "mail", "page"]
    assert [node.rank for node in answer.nodes] == [1, 2, 3, 4, 5, 6]
    assert [(edge.cause, edge.effect) for edge in answer.edges] == sorted(GRAPH)


def test_the_anomaly_travels_along_its_path_and_no_other() -> None:
    verdicts = {(e.cause, e.effect): e.verdict for e in ask(system(40, 2, db=15.0)).edges}
    assert verdicts["db", "api"] == verdicts["api", "page"] == "travelled"
    assert verdicts["load", "db"] == verdicts["load", "cache"] == verdicts["cache", "page"] == "did not travel"


def test_a_change_of_variance_and_a_few_spikes_are_found() -> None:
    rng = np.random.default_rng(5)
    wide = 12.0 * rng.standard_normal(60)
    spikes = np.where(np.arange(60) % 11 == 3, 18.0, 0.0)
    assert ask(system(60, 2, db=wide)).nodes[0].node == "db"
    assert ask(system(60, 2, cache=spikes)).nodes[0].node == "cache"


def test_two_root_causes_on_two_paths_come_first_and_second() -> None:
    answer = ask(system(40, 2, db=15.0, cache=-15.0))
    assert {node.node for node in answer.nodes[:2]} == {"db", "cache"}
    assert all(node.posterior > 0.5 for node in answer.nodes[:2])


def test_a_change_below_the_target_is_no_root_cause_of_it() -> None:
    during = system(40, 2, db=15.0)
    during["mail"] = during["mail"] + 40.0
    answer = {node.node: node for node in ask(during).nodes}
    assert answer["mail"].changed > answer["mail"].prior
    assert answer["mail"].reach == 0.0
    assert answer["mail"].posterior < 0.1


def test_a_node_without_column_is_latent_and_can_be_the_answer() -> None:
    before, during = system(300, 1), system(40, 2, db=15.0, cache=-1.0)
    hidden = {name: {k: v for k, v in table.items() if k != "db"} for name, table in (("b", before), ("d", during))}
    answer = rank_root_causes(GRAPH, hidden["b"], hidden["d"], "page")
    assert answer.unseen == ("db",)
    note = next(node for node in answer.nodes if node.node == "db")
    assert note.evidence is None
    assert note.note == "no column in the normal table"
    assert {node.node for node in answer.nodes[:2]} == {"db", "api"}


def test_columns_that_are_no_node_are_named_and_ignored() -> None:
    during = system(20, 2, db=10.0)
    with_more = during | {"clock": np.arange(20.0)}
    answer = rank_root_causes(GRAPH, system(300, 1), with_more, "page")
    assert answer.ignored_columns == ("clock",)
    assert posteriors(answer) == posteriors(ask(during))


def test_missing_values_are_left_out_and_a_silent_series_is_noticed() -> None:
    rng = np.random.default_rng(3)
    during = system(40, 2, db=15.0)
    holed = {name: np.where(rng.random(40) < 0.3, np.nan, series) for name, series in during.items()}
    assert ask(holed).nodes[0].node == "db"
    silent = system(40, 2) | {"db": np.full(40, np.nan)}
    found = next(node for node in ask(silent).nodes if node.node == "db")
    assert found.evidence is not None
    assert found.evidence.kind == "silence"


def test_a_series_that_was_constant_has_no_scale_but_can_change() -> None:
    before = system(300, 1) | {"cache": np.full(300, 7.0)}
    still = ask(system(30, 2, db=15.0) | {"cache": np.full(30, 7.0)}, before)
    assert still.nodes[0].node == "db"
    assert posteriors(still)["cache"] < 0.1
    jumped = ask(system(30, 2, page=15.0) | {"cache": np.full(30, 9.0)}, before)
    assert posteriors(jumped)["cache"] > 5 * posteriors(still)["cache"]


def test_a_target_that_shows_nothing_unusual_is_told_by_its_surprise() -> None:
    assert ask(system(40, 2)).target_surprise < 2.5
    assert ask(system(40, 2, db=15.0)).target_surprise > 5.0


def test_two_equal_values_are_no_reason_to_call_the_third_an_anomaly() -> None:
    before = system(300, 1)
    before["cache"] = np.where(np.arange(300) < 2, 10.0 + 1e-6 * np.arange(300), np.nan)
    found = ask(system(40, 2, db=15.0) | {"cache": np.where(np.arange(40) < 1, 10.4, np.nan)}, before)
    assert found.nodes[0].node == "db"
    assert posteriors(found)["cache"] < 0.1


def test_a_larger_jump_of_a_constant_series_is_the_larger_surprise() -> None:
    before = system(300, 1) | {"cache": np.full(300, 100.0), "db": np.full(300, 100.0)}
    during = system(30, 2, page=15.0) | {"cache": np.full(30, 97.0), "db": np.full(30, 40.0)}
    sizes = {node.node: node.evidence.surprise for node in ask(during, before).nodes if node.evidence}
    assert sizes["db"] > sizes["cache"] > 10.0


def test_a_counter_that_goes_on_counting_is_calm() -> None:
    rng = np.random.default_rng(8)
    counted = np.cumsum(rng.uniform(5.0, 15.0, 340))
    before, during = system(300, 1) | {"cache": counted[:300]}, system(40, 2, db=15.0) | {"cache": counted[300:]}
    found = {node.node: node for node in ask(during, before).nodes}
    assert found["cache"].evidence is not None
    assert found["cache"].evidence.prepared == "differenced"
    assert found["cache"].evidence.surprise < 3.0
    assert found["cache"].posterior < 0.1


def test_arrow_pandas_and_mappings_give_the_same_answer() -> None:
    before, during = system(200, 1), system(20, 2, db=12.0)
    plain = rank_root_causes(GRAPH, before, during, "page")
    assert rank_root_causes(GRAPH, pa.table(before), pa.table(during), "page") == plain
    assert rank_root_causes(GRAPH, pd.DataFrame(before), pd.DataFrame(during), "page") == plain


def test_the_order_of_edges_and_columns_does_not_matter() -> None:
    before, during = system(200, 1), system(20, 2, db=12.0)
    turned = rank_root_causes(GRAPH[::-1], dict(reversed(before.items())), dict(reversed(during.items())), "page")
    assert posteriors(turned) == pytest.approx(posteriors(rank_root_causes(GRAPH, before, during, "page")), abs=1e-12)


def test_units_do_not_matter() -> None:
    before, during = system(200, 1), system(20, 2, db=12.0)
    scaled = [{name: 1000.0 * series + 5e4 for name, series in table.items()} for table in (before, during)]
    assert posteriors(rank_root_causes(GRAPH, *scaled, "page")) == pytest.approx(
        posteriors(ask(during, before)), abs=1e-6
    )


@pytest.mark.parametrize(
    ("graph", "target", "words"),
    [
        ([], "page", "no edge"),
        ([("a", "a")], "a", "causes itself"),
        ([("a", "b"), ("b", "c"), ("c", "a")], "a", "a cycle: a -> b -> c -> a"),
        ([("load", "page")], "pag", "did you mean page"),
        ([("load", "page", "x")], "page", "is no edge"),
    ],
)
def test_a_bad_graph_is_refused_with_what_to_change(graph: list[tuple[str, str]], target: str, words: str) -> None:
    with pytest.raises(InvalidGraphError, match=words):
        rank_root_causes(graph, system(50, 1), system(5, 2), target)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "none of its 0 columns"),
        ({"load": [], "page": []}, "no rows"),
        ({"load": [1.0], "page": [1.0, 2.0]}, "same length"),
        ({"page": ["high", "low"]}, "'page' is not numeric"),
        ({"load": [1.0, 2.0]}, "the target 'page' cannot be read: no column in the anomalous table"),
        (7, "int is no table"),
    ],
)
def test_a_bad_table_is_refused_with_what_to_change(table: dict[str, list[object]], words: str) -> None:
    with pytest.raises(InvalidTableError, match=words):
        rank_root_causes(GRAPH, system(50, 1), table, "page")


NUMBERS = st.one_of(st.floats(-1e12, 1e12), st.sampled_from([0.0, 0.0, 7.0, np.nan, np.inf, 1e-300]))


@st.composite
def tables(draw: st.DrawFn, rows: int) -> Table:
    columns = draw(st.sets(st.sampled_from(["load", "db", "cache", "api", "mail"])))
    drawn = {name: np.array(draw(st.lists(NUMBERS, min_size=rows, max_size=rows))) for name in sorted(columns)}
    return drawn | {"page": np.array(draw(st.lists(st.floats(-1e6, 1e6), min_size=rows, max_size=rows)))}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(1, 45).flatmap(tables), st.integers(1, 12).flatmap(tables))
def test_any_numbers_at_all_give_probabilities_for_every_node_and_edge(before: Table, during: Table) -> None:
    answer = rank_root_causes(GRAPH, before, during, "page")
    assert len(answer.nodes) == 6
    assert all(0.0 <= p <= 1.0 for node in answer.nodes for p in (node.posterior, node.changed, node.reach))
    assert all(0.0 <= edge.posterior <= 1.0 for edge in answer.edges)
    assert all(node.posterior <= node.changed + 1e-12 for node in answer.nodes)
    assert sum(node.changed for node in answer.nodes if node.node != "mail") >= 1.0 - 1e-9  # mail leads nowhere


def test_a_level_that_is_next_to_nothing_says_not_what_is_large() -> None:
    answer = rank_root_causes([("load", "page")], {"page": [5e-324]}, {"page": [7.0]}, "page")
    assert all(0.0 <= node.posterior <= 1.0 for node in answer.nodes)


def test_a_leap_out_of_next_to_nothing_stays_a_number() -> None:
    before = {"load": [0.0, 1e-300] * 20, "page": [0.0, 1e-300] * 20}
    answer = rank_root_causes([("load", "page")], before, {"load": [1e12] * 5, "page": [1e12] * 5}, "page")
    assert answer.nodes[0].node == "load"
    assert all(0.0 <= node.posterior <= 1.0 for node in answer.nodes)
