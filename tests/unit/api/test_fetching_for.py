"""Which sources a question asks: those with series of the thing, or of what an explanation lacked."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.explaining_fetched import difference
from api.fetching_for import sources_about, sources_for
from api.knowledge import load_knowledge
from api.settings import Settings


def test_an_instrument_is_known_by_its_id_symbol_and_name_with_what_is_tied_to_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    by_id = {one.source.name: one.symbols for one in sources_about("btcusd", settings)}
    assert by_id["coinbase"] == ("BTC-USD", "BTC-USD-HOURS")
    assert by_id["farside"] == ("btc",)  # funds that track it
    assert "mof_japan" not in by_id
    for name in ("BTC/USD", "bitcoin against the us dollar"):
        assert {one.source.name: one.symbols for one in sources_about(name, settings)} == by_id
    assert sources_about("nothing of the kind", settings) == ()


def test_what_is_lacking_is_asked_of_sources_that_have_it_or_what_it_derives_from(tmp_path: Path) -> None:
    knowledge = load_knowledge()
    lacking = [
        {"indicator": "yield level", "subject": "jgb10"},
        {"indicator": "net ETF flow", "subject": "ibit"},
        {"indicator": "auction tail", "subject": "jgb10"},
        {"indicator": "yield level", "subject": None},
    ]
    found = sources_for(lacking, knowledge, Settings(data=tmp_path))
    assert {one.source.name: (one.symbols, one.why) for one in found} == {
        "mof_japan": (("all",), ("yield level of jgb10",)),
        "farside": (("btc",), ("net ETF flow of ibit",)),
    }
    changes = [{"indicator": "yield change", "subject": "jgb10"}]
    assert [one.source.name for one in sources_for(changes, knowledge, Settings(data=tmp_path))] == ["mof_japan"]


def test_a_source_whose_key_is_not_set_is_not_asked(tmp_path: Path) -> None:
    knowledge = load_knowledge()
    lacking = [{"indicator": "fx level", "subject": "usd_broad"}]
    names = [[one.source.name for one in sources_for(lacking, knowledge, settings)]
             for settings in (Settings(data=tmp_path), Settings(data=tmp_path, source_keys={"fred": "k"}))]  # type: ignore[dict-item]  # as the environment gives it  # fmt: skip
    assert names == [["fredgraph"], ["fred", "fredgraph"]]


def test_a_source_is_wanted_for_the_series_that_no_other_gave(tmp_path: Path) -> None:
    lacking = [{"indicator": "fx level", "subject": name} for name in ("usd_broad", "usdjpy")]
    (wanted,) = [
        one for one in sources_for(lacking, load_knowledge(), Settings(data=tmp_path)) if one.source.name == "fredgraph"
    ]
    assert wanted.why == ("fx level of usd_broad", "fx level of usdjpy")
    assert wanted.beyond(()) == wanted
    rest = wanted.beyond({"usd_broad.fx_level.daily"})
    assert (rest.symbols, rest.why) == (wanted.symbols[1:], ("fx level of usdjpy",))
    assert wanted.beyond(wanted.reasons).symbols == ()


def narrative(id_: str, rank: int, posterior: float) -> dict[str, object]:
    return {"id": id_, "title": id_.upper(), "rank": rank, "posterior": posterior}


@pytest.mark.parametrize(
    ("again", "lines"),
    [
        (
            {
                "narratives": [narrative("b", 1, 0.6), narrative("a", 2, 0.5), narrative("d", 3, 0.1)],
                "look_next": [],
            },
            [
                "B: 40 % -> 60 %, rank 2 -> 1",
                "A: 50 % -> 50 %, rank 1 -> 2",
                "new: D, 10 %",
                "no longer there: C",
                "no longer lacking: funding rate of btcusd",
            ],
        ),
        (None, ["what was fetched changed nothing"]),
    ],
)
def test_the_difference_of_two_answers_is_told_by_line(again: dict[str, object] | None, lines: list[str]) -> None:
    first = {
        "narratives": [narrative("a", 1, 0.5), narrative("b", 2, 0.4), narrative("c", 3, 0.2)],
        "look_next": [{"indicator": "funding rate", "subject": "btcusd"}],
    }
    assert list(difference(first, again or first)) == lines
