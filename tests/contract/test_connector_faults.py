"""Every connector under the faults that sources show: each ends in an error that says so, or in the right payload.

One client serves a whole test: to make one takes longer than to ask.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import (
    IngestError,
    SourceBlockedError,
    SourceChangedError,
    SourceRefusedError,
    SourceUnavailableError,
)
from ingest.fetching import Fetcher
from ingest.payloads import PayloadStore
from ingest.sources import load_connector, sample_payloads, source_names
from tests.connector_kit import BLOCKED, HANGS_UP, LEGAL, Reply, busy, moved, playing, question, reach

NAMES = source_names()
STAYS: list[tuple[Reply, type[IngestError], str]] = [
    (busy("3600"), SourceUnavailableError, "asks to wait 3600 s"),
    (LEGAL, SourceRefusedError, "answers 451"),
    (moved("http://elsewhere.invalid/"), SourceRefusedError, "not followed"),
    (Reply(status=400, body=b"{}"), SourceChangedError, "answers 400"),
    (Reply(content_type="application/pdf", body=b"%PDF"), SourceChangedError, "was agreed"),
]


@pytest.mark.parametrize("name", NAMES)
async def test_what_passes_is_asked_again_and_a_redirect_on_the_same_host_followed(name: str, tmp_path: Path) -> None:
    payload = sample_payloads(name)[0]
    whole = Reply(body=payload.content, content_type=payload.content_type)
    async with playing(lambda _: whole) as endpoint:
        request = question(endpoint, payload)
        async with Fetcher(endpoint.source(name), PayloadStore(tmp_path), reach()) as client:
            for fault in (busy("0"), Reply(status=503), whole.cut(), HANGS_UP, moved("/moved/here")):
                endpoint.faults.append(fault)
                endpoint.asked.clear()
                found = await client.get(request)
                assert found.content == payload.content
                assert found.url == request.url
                assert len(endpoint.asked) == 2
        assert endpoint.asked[1].path == "/moved/here"


@pytest.mark.parametrize("name", NAMES)
async def test_what_stays_ends_in_an_error_that_says_so(name: str, tmp_path: Path) -> None:
    payload, connector = sample_payloads(name)[0], load_connector(name)
    whole = Reply(body=payload.content, content_type=payload.content_type)
    async with playing(lambda _: BLOCKED) as endpoint:
        request, source = question(endpoint, payload), endpoint.source(name)
        async with Fetcher(source, PayloadStore(tmp_path), reach()) as client:
            for fault, error, said in STAYS:
                endpoint.faults.append(fault)
                endpoint.asked.clear()
                with pytest.raises(error, match=said):
                    await client.get(request)
                assert len(endpoint.asked) == 1
            endpoint.faults.extend([whole.cut()] * 3)
            with pytest.raises(SourceUnavailableError, match="try later"):
                await client.get(request)
            with pytest.raises((SourceBlockedError, SourceChangedError), match=r"page for people|adapt the connector"):
                connector.parse(await client.get(request), source)
