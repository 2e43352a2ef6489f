"""Identifiers of things and actors: only what is sure becomes one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed, Window
from ingest.connectors.gleif import connector as gleif
from ingest.connectors.openfigi import connector as openfigi
from ingest.errors import SourceChangedError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    Asked,
    Reply,
    fetch_all,
    fetch_live,
    live,
    parse_all,
    playing,
    samples_of,
    span,
    with_content,
)

WINDOW = ("2026-02-09", "2026-02-10")
FIGI, OTHER = "BBG000TST013", "BBG000TST022"
LEI, OTHER_LEI = "0000TEST0000WHYM0185", "0000TEST0000WHYM0282"


def parsed(name: str, content: object) -> Parsed:
    payload = with_content(sample_payloads(name)[0], json.dumps(content).encode())
    return load_connector(name).parse(payload, load_source(name))


def record(lei: str = LEI, **changes: str) -> dict[str, object]:
    given = {"name": "CME Group Inc.", "jurisdiction": "US-DE", "entity": "ACTIVE", "status": "ISSUED", **changes}
    entity = {"legalName": {"name": given["name"]}, "jurisdiction": given["jurisdiction"], "status": given["entity"]}
    return {"attributes": {"lei": lei, "entity": entity, "registration": {"status": given["status"]}}}


async def test_tickers_are_asked_ten_at_a_time_and_the_sure_one_is_named(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        jobs = json.loads(asked.body)
        found = [{"data": [{"figi": OTHER, "compositeFIGI": FIGI}]} if one["idValue"] == "SPY" else {"warning": "-"}
                 for one in jobs]  # fmt: skip
        return Reply(body=json.dumps(found).encode())

    async with playing(answer) as endpoint:
        found = parse_all("openfigi", await fetch_all(endpoint, "openfigi", span(*WINDOW), tmp_path))
        jobs = [json.loads(asked.body) for asked in endpoint.asked]
        assert endpoint.asked[0].headers["x-openfigi-apikey"] == "k3y-of-a-test"
    symbols = load_source("openfigi").symbols
    assert [len(one) for one in jobs] == [10] * (len(symbols) // 10) + [len(symbols) % 10]
    assert jobs[0][0] == {"idType": "TICKER", "idValue": "IBIT", "exchCode": "US"}
    nodes = [node for one in found for node in one.batch.nodes]
    assert [(node.id, node.properties["figi"], node.properties["kind"]) for node in nodes] == [("spy", FIGI, "ETF")]
    assert sum(sum(one.left_out.values()) for one in found) == len(symbols) - 1


def test_a_ticker_of_several_things_and_a_wrong_digit_name_nothing() -> None:
    several = {"data": [{"compositeFIGI": FIGI}, {"compositeFIGI": OTHER}, {"compositeFIGI": None}]}
    found = parsed(
        "openfigi", [several, {"warning": "No identifier found."}, {"data": [{"compositeFIGI": FIGI[:-1] + "4"}]}]
    )
    assert not found.batch.nodes
    assert found.left_out == {openfigi.SEVERAL: 1, openfigi.UNKNOWN: 1}
    assert found.skipped == {openfigi.WRONG: 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([{"data": []}], "answers 1 of 3"),
        ({"error": "too many"}, "where rows were agreed"),
        ([{"error": "Invalid idType."}] * 3, "where an answer was agreed"),
        ([{"data": [{"figi": FIGI}]}] * 3, "without compositeFIGI"),
    ],
)
def test_answers_of_another_shape_are_refused(content: object, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed("openfigi", content)


async def test_an_lei_is_that_of_the_very_name(tmp_path: Path) -> None:
    async with playing(samples_of("gleif")) as endpoint:
        found = parse_all("gleif", await fetch_all(endpoint, "gleif", span(*WINDOW, "cme"), tmp_path))
        assert endpoint.asked[0].params["filter[entity.legalName]"] == "CME Group Inc."
    (actor,) = found[0].batch.nodes
    assert (actor.label, actor.id, actor.properties["lei"]) == ("Actor", "cme", LEI)


@pytest.mark.parametrize(
    ("records", "counted"),
    [
        ([record(name="CME Group Trading Inc.")], gleif.UNKNOWN),
        ([record(jurisdiction="GB")], gleif.UNKNOWN),
        ([record(entity="INACTIVE")], gleif.UNKNOWN),
        ([record(status="LAPSED")], gleif.UNKNOWN),
        ([record(), record(OTHER_LEI)], gleif.SEVERAL),
        ([], gleif.UNKNOWN),
    ],
)
def test_a_record_that_is_not_sure_names_nothing(records: list[object], counted: str) -> None:
    found = parsed("gleif", {"data": records})
    assert not found.batch.nodes
    assert found.left_out == {counted: 1}


def test_wrong_check_digits_and_records_of_another_shape_are_noticed() -> None:
    assert parsed("gleif", {"data": [record(LEI[:-1] + "6")]}).skipped == {gleif.WRONG: 1}
    for content, said in (({"errors": []}, "has no data"), ({"data": [{"attributes": {}}]}, "without 'entity'")):
        with pytest.raises(SourceChangedError, match=said):
            parsed("gleif", content)


@live
@pytest.mark.parametrize("name", ["openfigi", "gleif"])
async def test_the_real_registers_answer_as_documented(name: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=1), until=now, symbols=tuple(load_source(name).symbols)[:2])
    found = parse_all(name, await fetch_live(name, window, tmp_path))
    assert sum(len(one.batch.nodes) for one in found)
