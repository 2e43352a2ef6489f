"""Frankfurter: years as requests, the ECB and nobody else, the old host, and the same pairs as by the file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed, Window
from ingest.errors import SourceChangedError, SourceRefusedError
from ingest.fetching import Fetcher
from ingest.payloads import PayloadStore
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    Asked,
    Reply,
    fetch_all,
    fetch_live,
    live,
    moved,
    parse_all,
    playing,
    points_of,
    reach,
    samples_of,
    span,
    with_content,
)

NAME = "frankfurter"


def row(quote: str = "USD", rate: object = 1.25, **fields: object) -> dict[str, object]:
    told = {"date": "2026-02-09", "base": "EUR", "quote": quote, "rate": rate}
    return {**told, "providers": [{"key": "ECB", "rate": rate}], **fields}


def parsed(*rows: object) -> Parsed:
    payload = sample_payloads(NAME)[0]
    return load_connector(NAME).parse(with_content(payload, json.dumps(rows).encode()), load_source(NAME))


def test_its_series_and_values_are_those_of_the_file_of_the_ecb() -> None:
    ours, others = load_source(NAME), load_source("ecb_fx")
    assert (ours.series, ours.title, ours.clock) == (others.series, others.title, others.clock)
    assert ours.publication_lag == others.publication_lag
    (mine,), (theirs,) = sample_payloads(NAME), sample_payloads("ecb_fx")
    assert load_connector(NAME).parse(mine, ours) == load_connector("ecb_fx").parse(theirs, others)


async def test_a_window_is_asked_year_by_year_and_of_the_ecb_alone(tmp_path: Path) -> None:
    window = span("2024-12-31T23:30", "2026-02-10")
    async with playing(samples_of(NAME)) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        rest = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[0].cursor)
    first, last, again = endpoint.asked
    assert (first.path, first.params["from"], first.params["to"]) == ("/api/v2/rates", "2025-01-01", "2025-12-31")
    assert (last.params["from"], last.params["to"], last.params["base"]) == ("2026-01-01", "2026-02-10", "EUR")
    assert (last.params["quotes"], last.params["providers"]) == ("AUD,CHF,JPY,MXN,USD", "ECB")
    assert again.params == last.params
    assert [one.payload.id for one in rest] == [found[1].payload.id]
    assert points_of(parse_all(NAME, found), "usdjpy.fx_level.daily_ecb")[-1].day == date(2026, 2, 9)


@pytest.mark.parametrize("missing", [None, "N/A", "-", "."])
def test_a_currency_that_was_not_fixed_has_no_pairs_on_its_day(missing: object) -> None:
    found = parsed(row("USD"), row("JPY", missing), row("CHF", 0.9375))
    assert {one.series.split(".")[0]: one.value for one in found.points} == {"eurusd": 1.25, "usdchf": 0.75}
    assert found.left_out == {"rates of a currency that was not fixed": 4}


def test_a_row_of_the_day_before_the_window_is_of_its_own_day() -> None:
    found = parsed(row(date="2026-02-05"), row())
    assert [one.day for one in found.points] == [date(2026, 2, 5), date(2026, 2, 9)]
    assert found.points[0].at == datetime(2026, 2, 5, 13, 15, tzinfo=UTC)


def test_nothing_published_is_no_error() -> None:
    found = parsed()
    assert (list(found.points), dict(found.left_out)) == ([], {})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"providers": [{"key": "ECB", "rate": 1.2}, {"key": "BOE", "rate": 1.3}]}, "ECB, BOE where ECB alone"),
        ({"providers": [{"key": "BOE", "rate": 1.3}]}, "BOE where ECB alone"),
        ({"providers": []}, "nobody where ECB alone"),
        ({"providers": None}, "where rows were agreed"),
        ({"base": "USD"}, "'USD' for 'USD', unasked"),
        ({"quote": "GBP"}, "'GBP' for 'EUR', unasked"),
        ({"quote": ["USD"]}, "unasked"),
        ({"date": "09/02/2026"}, "a day like 2026-02-05"),
        ({"rate": 0}, "a rate of 0 USD"),
        ({"rate": "1,25"}, "'1,25' where a number"),
        ({"amount": 1}, "amount, which is not known"),
    ],
)
def test_another_shape_is_refused_with_its_place(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(row("JPY", 200), row(**fields))


def test_two_rates_of_one_day_and_an_answer_of_the_version_before_are_refused() -> None:
    with pytest.raises(SourceChangedError, match="two rates of USD on 2026-02-09"):
        parsed(row(), row(rate=1.26))
    payload = sample_payloads(NAME)[0]
    before = json.dumps({"base": "EUR", "start_date": "2026-02-05", "rates": {"2026-02-05": {"USD": 1.2}}})
    with pytest.raises(SourceChangedError, match="where rows were agreed"):
        load_connector(NAME).parse(with_content(payload, before.encode()), load_source(NAME))


async def test_the_old_host_sends_on_to_the_new_one_and_to_no_other(tmp_path: Path) -> None:
    assert {"api.frankfurter.dev", "api.frankfurter.app"} == set(load_source(NAME).redirects)

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/api/"):  # the old host
            return moved(f"http://localhost:{endpoint.url.rpartition(':')[2]}/new/v2/rates?base=EUR")
        return Reply(body=sample_payloads(NAME)[0].content)

    async with playing(answer) as endpoint:
        source = endpoint.source(NAME)
        request = load_connector(NAME).plan(source, span("2026-02-01", "2026-02-10", "all"))[0]
        async with Fetcher(source, PayloadStore(tmp_path), reach()) as client:
            with pytest.raises(SourceRefusedError, match="sends on to 'localhost', which is not followed"):
                await client.get(request)
        known = source.model_copy(update={"redirects": ("localhost",)})
        async with Fetcher(known, PayloadStore(tmp_path), reach()) as client:
            found = await client.get(request)
    assert found.url == request.url
    assert endpoint.asked[-1].path == "/new/v2/rates"
    assert len(load_connector(NAME).parse(found, source).points) == 17


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=20), until=now, symbols=("all",))
    found = parse_all(NAME, await fetch_live(NAME, window, tmp_path))
    assert len({one.series for parsed in found for one in parsed.points}) == 6
