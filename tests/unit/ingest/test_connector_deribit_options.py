"""The book of options of Deribit: sums and shares by hand, the skew of known smiles, and answers that are none."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from ingest.connecting import Parsed
from ingest.connectors.deribit_options.book import Book, Option
from ingest.connectors.deribit_options.skew import put_call_skew
from ingest.errors import SourceChangedError, SourceUnavailableError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    Asked,
    Reply,
    fetch_all,
    fetch_live,
    live,
    parse_all,
    playing,
    points_of,
    samples_of,
    span,
    with_content,
)

NAME = "deribit_options"
AT = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
WINDOW = span("2026-02-10", "2026-02-10 23:45", "BTC-OPTIONS")


def row(name: str = "BTC-27FEB26-1000-C", **fields: object) -> dict[str, object]:
    return {
        "instrument_name": name,
        "open_interest": 10.0,
        "volume": 2.0,
        "underlying_price": 1000.0,
        "mark_iv": 50.0,
        "creation_timestamp": 1_770_766_200_000,
        **fields,
    }


def parsed(answer: object) -> Parsed:
    payload = sample_payloads(NAME)[0]
    return load_connector(NAME).parse(with_content(payload, json.dumps(answer).encode()), load_source(NAME))


def values(found: Parsed) -> dict[str, float]:
    """The values by the name of their number."""
    return {one.series.split(".")[1]: one.value for one in found.points}


async def test_the_book_of_now_becomes_sums_and_shares_of_its_day(tmp_path: Path) -> None:
    async with playing(samples_of(NAME)) as endpoint:
        (found,) = parse_all(NAME, await fetch_all(endpoint, NAME, WINDOW, tmp_path))
        (asked,) = endpoint.asked
    assert (asked.params["currency"], asked.params["kind"]) == ("BTC", "option")
    puts, calls = 10 + 2 * (30 + 30 + 5 * 4), 10 + 2 * (5 + 5 + 20 * 4)
    near = 10 + 2 * (5 + 20)  # the strike of 1000, of tomorrow and of both months
    assert values(found) == {
        "open_interest": puts + calls,
        "options_volume": 10 + 2 * 6 * (3 + 1),
        "put_share_of_open_interest": pytest.approx(100 * puts / (puts + calls)),
        "put_share_of_options_volume": pytest.approx(100 * (2 + 2 * 6 * 3) / 58),
        "open_interest_near_the_price": pytest.approx(100 * near / (puts + calls)),
        "open_interest_at_the_next_expiry": pytest.approx(100 * 20 / (puts + calls)),
        "put_call_skew": pytest.approx(7.66, abs=0.01),
    }
    assert {(one.at, one.day, one.known_at) for one in found.points} == {(AT, date(2026, 2, 10), None)}
    assert found.left_out == {"options that had expired": 1, "options without open interest or price": 1}


async def test_each_coin_has_a_book_and_a_cursor_carries_on(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(body=json.dumps({"result": [row(f"{asked.params['currency']}-27FEB26-1000-C")]}).encode())

    window = span("2026-02-10", "2026-02-11", "BTC-OPTIONS", "ETH-OPTIONS")
    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        rest = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[0].cursor)
    assert [one.payload.id for one in rest] == [found[1].payload.id]
    assert points_of(parse_all(NAME, found), "deribit_eth_options.open_interest.daily")[0].value == 10.0


def test_what_the_book_does_not_tell_is_left_out_and_not_filled() -> None:
    found = parsed({"result": [row(volume=None, mark_iv=None), row("BTC-27FEB26-900-P", mark_iv="NaN", volume=0)]})
    assert values(found) == {
        "open_interest": 20.0,
        "options_volume": 0.0,
        "put_share_of_open_interest": 50.0,
        "open_interest_near_the_price": 50.0,
        "open_interest_at_the_next_expiry": 100.0,
    }
    assert found.left_out == {"numbers that the book does not tell": 2}


@pytest.mark.parametrize("missing", [{"open_interest": None}, {"underlying_price": "-"}, {"underlying_price": 0}])
def test_an_option_without_open_interest_or_price_is_left_out(missing: dict[str, object]) -> None:
    found = parsed({"result": [row(), row("BTC-27FEB26-900-P", **missing)]})
    assert values(found)["open_interest"] == 10.0
    assert found.left_out["options without open interest or price"] == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"result": []}, "holds no option"),
        ({"result": [row(open_interest=None)]}, "no option that is alive"),
        ({"result": [row("BTC-10FEB26-1000-C")]}, "no option that is alive"),
        ({"result": [row("ETH-27FEB26-1000-C")]}, "names no option on BTC"),
        ({"result": [row("BTC-PERPETUAL")]}, "names no option on BTC"),
        ({"result": [row("BTC-27FEB26-0-C")]}, "names no option on BTC"),
        ({"result": [row("BTC-31FEB26-1000-C")]}, "day does not exist"),
        ({"result": [row(open_interest=-1)]}, "negative number of BTC-27FEB26-1000-C"),
        ({"result": [row(open_interest="many")]}, "'many' where a number"),
        ({"result": [row(creation_timestamp=1)]}, "holds the time"),
        ({"result": [{name: value for name, value in row().items() if name != "mark_iv"}]}, "has no mark_iv"),
        ({"result": ["BTC"]}, "a row that is no record"),
        ({"result": {"data": []}}, "where rows were agreed"),
        ({"result": [row()], "testnet": True}, "host for tests"),
        ({"error": {"code": 11050, "message": "bad_request"}}, "bad_request"),
    ],
)
def test_another_shape_is_refused_with_its_place(answer: object, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(answer)


def test_a_call_too_many_says_to_come_later() -> None:
    with pytest.raises(SourceUnavailableError, match="slower requests"):
        parsed({"error": {"code": 10028, "message": "too_many_requests"}})


def smile(days: float, put: float, call: float, forward: float = 1000.0) -> Sequence[Option]:
    """Options at the strikes at which puts of this volatility have a delta of -.15 and -.35, calls of .15 and .35."""
    expiry, root = AT + timedelta(days=days), math.sqrt(days / 365)
    made: list[Option] = []
    for is_call, percent in ((False, put), (True, call)):
        for delta in (0.15, 0.35):
            quantile = NormalDist().inv_cdf(delta if is_call else 1 - delta)
            spread = percent / 100 * root
            strike = forward * math.exp(spread**2 / 2 - quantile * spread)
            made.append(
                Option(
                    expiry=expiry,
                    strike=strike,
                    call=is_call,
                    forward=forward,
                    open_interest=1.0,
                    volume=0.0,
                    volatility=percent,
                )
            )
    return made


def skew_of(*smiles: Sequence[Option]) -> float | None:
    return put_call_skew(Book(at=AT, options=tuple(one for smile in smiles for one in smile), left_out={}))


@pytest.mark.parametrize("forward", [1000.0, 80.0])
def test_the_skew_of_a_known_smile_is_its_put_less_its_call(forward: float) -> None:
    assert skew_of(smile(30, 70.0, 60.0, forward)) is None  # one expiry alone is no pair, nothing is extrapolated
    assert skew_of(smile(30, 70.0, 60.0, forward), smile(31, 90.0, 60.0, forward)) == pytest.approx(10.0)
    assert skew_of(smile(20, 70.0, 60.0, forward), smile(40, 80.0, 60.0, forward)) == pytest.approx(15.0)


def test_a_skew_is_not_told_where_expiries_or_deltas_do_not_lie_around_it() -> None:
    assert skew_of(smile(31, 70.0, 60.0), smile(60, 70.0, 60.0)) is None
    far = [replace(one, strike=one.strike * (3.0 if one.call else 0.3)) for one in smile(20, 70.0, 60.0)]
    assert skew_of(far, smile(40, 70.0, 60.0)) is None
    without: list[Any] = [replace(one, volatility=None) for one in smile(20, 70.0, 60.0)]
    assert skew_of(without, smile(40, 70.0, 60.0)) is None


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = span((now - timedelta(days=1)).date().isoformat(), now.date().isoformat(), "BTC-OPTIONS", "ETH-OPTIONS")
    for found in parse_all(NAME, await fetch_live(NAME, window, tmp_path)):
        assert len(found.points) == 7
