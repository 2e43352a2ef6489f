"""The bundled case that a question means is found by its id, or by one of its moves under any name of what moved."""

from __future__ import annotations

import pytest

from api.ask import make_ask
from api.bundled import bundled_heads, matching_case

CASE = "2026-02-05-bitcoin-flash-crash"


@pytest.mark.parametrize(
    "question",
    [
        {"case": CASE},
        {"instrument": "btcusd", "on": "2026-02-05"},
        {"instrument": "btcusd", "start": "2026-02-04", "end": "2026-02-05"},
        {"instrument": "BTC/USD", "on": "2026-02-05"},
        {"instrument": "bitcoin against the us dollar", "on": "2026-02-05"},
        {"instrument": "ibit", "on": "2026-02-05"},
    ],
)
def test_a_question_that_means_a_bundled_case_finds_it(question: dict[str, str]) -> None:
    found = matching_case(make_ask(**question))
    assert found is not None
    assert found.stem == CASE


@pytest.mark.parametrize(
    "question",
    [
        {"case": "2026-02-05"},
        {"instrument": "btcusd", "on": "2026-02-08"},
        {"instrument": "btcusd", "start": "2026-02-03", "end": "2026-02-05"},
        {"instrument": "spx", "on": "2019-02-05"},
        {"instrument": "nothing", "on": "2026-02-05"},
    ],
)
def test_any_other_question_finds_none(question: dict[str, str]) -> None:
    assert matching_case(make_ask(**question)) is None


def test_six_cases_are_bundled_and_each_names_its_moves() -> None:
    heads = bundled_heads()
    assert len(heads) == 6
    assert all(head.moves and head.title for head in heads)
    assert all(head.path.stem == head.id for head in heads)
