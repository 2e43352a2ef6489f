"""Every connector holds together: its file, its plan, and what it parses of its own samples."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.schema import validate
from ingest.bodies import Held
from ingest.connecting import Payload, Request, Window, fetch_planned
from ingest.errors import IngestError, SourceChangedError, UnknownSourceError
from ingest.sources import load_connector, load_source, sample_payloads, source_names

NAMES = source_names()
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def window(name: str, days: int = 400) -> Window:
    return Window(since=SINCE, until=SINCE + timedelta(days=days), symbols=tuple(load_source(name).symbols))


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_asks_hosts_of_the_source_and_carries_no_key(name: str) -> None:
    source = load_source(name)
    requests = load_connector(name).plan(source, window(name))
    assert requests
    for request in requests:
        assert request.url.startswith(tuple(source.hosts.values()))
        if source.key is not None and source.key.query is not None:
            assert source.key.query not in dict(request.params)


@pytest.mark.parametrize("name", NAMES)
def test_samples_parse_to_known_series_and_allowed_nodes(name: str) -> None:
    source, connector = load_source(name), load_connector(name)
    series = {one.id for one in source.series}
    found = [connector.parse(payload, source) for payload in sample_payloads(name)]
    assert sum(len(one.points) + len(one.batch.nodes) for one in found)
    for parsed in found:
        assert {point.series for point in parsed.points} <= series
        assert all(point.at.utcoffset() == timedelta(0) for point in parsed.points)
        assert not sum(parsed.skipped.values())
        validate(parsed.batch)


@pytest.mark.parametrize("name", NAMES)
def test_parsing_twice_gives_the_same(name: str) -> None:
    source, connector = load_source(name), load_connector(name)
    for payload in sample_payloads(name):
        assert connector.parse(payload, source) == connector.parse(payload, source)


@pytest.mark.parametrize("name", NAMES)
def test_half_of_a_sample_or_a_page_for_people_is_refused(name: str) -> None:
    source, connector = load_source(name), load_connector(name)
    for payload in sample_payloads(name):
        for content in (
            b"<!DOCTYPE html><html><body>Sorry</body></html>",
            payload.content[: len(payload.content) // 3],
        ):
            with pytest.raises(SourceChangedError, match=name):
                connector.parse(replace(payload, body=Held(content)), source)


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(UnknownSourceError, match="coinbase"):
        load_source("coinbas")


def test_a_planned_fetch_carries_on_after_its_cursor() -> None:
    requests = [Request(url="http://h/a"), Request(url="http://h/b"), Request(url="http://h/c")]

    def follow(request: Request, _payload: Payload) -> Request | None:
        pages = len(request.params)
        return replace(request, params=(*request.params, ("page", str(pages)))) if pages < 2 else None

    async def run(cursor: str | None) -> list[tuple[str, str | None]]:
        return [
            (f"{one.payload.url} {one.payload.params}", one.cursor)
            async for one in fetch_planned(_Echo(), requests, cursor, follow)
        ]

    whole = asyncio.run(run(None))
    assert len(whole) == 9
    assert whole[-1][1] is None
    for n, (_, cursor) in enumerate(whole[:-1]):
        assert asyncio.run(run(cursor)) == whole[n + 1 :]
    with pytest.raises(IngestError, match="start the run anew"):
        asyncio.run(run("[7, null]"))


class _Echo:
    """Answers every question with nothing."""

    async def get(self, request: Request) -> Payload:
        return Payload(
            source="echo",
            url=request.url,
            params=request.params,
            fetched_at=SINCE,
            status=200,
            content_type="text/plain",
            body=Held(b""),
            content_hash="sha256:",
        )
