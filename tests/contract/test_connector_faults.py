"""Every connector under the faults that sources show: each ends in an error that says so, or in the right payload."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.connecting import Payload
from ingest.errors import (
    IngestError,
    SourceBlockedError,
    SourceChangedError,
    SourceRefusedError,
    SourceUnavailableError,
)
from ingest.sources import load_connector, sample_payloads, source_names
from tests.connector_kit import BLOCKED, HANGS_UP, LEGAL, Reply, ask_one, busy, moved, playing

NAMES = source_names()


def sample(name: str) -> tuple[Payload, Reply]:
    payload = sample_payloads(name)[0]
    return payload, Reply(body=payload.content, content_type=payload.content_type)


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_for_people_under_200_is_refused(name: str, tmp_path: Path) -> None:
    payload, _ = sample(name)
    async with playing(lambda _: BLOCKED) as endpoint:
        with pytest.raises((SourceBlockedError, SourceChangedError), match=r"page for people|adapt the connector"):
            load_connector(name).parse(await ask_one(endpoint, payload, tmp_path), endpoint.source(name))


@pytest.mark.parametrize("name", NAMES)
async def test_what_passes_is_asked_again(name: str, tmp_path: Path) -> None:
    payload, whole = sample(name)
    for fault in (busy("0"), Reply(status=503), whole.cut(), HANGS_UP):
        async with playing(lambda _, whole=whole: whole, fault) as endpoint:
            found = await ask_one(endpoint, payload, tmp_path)
            assert found.content == payload.content
            assert len(endpoint.asked) == 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (busy("3600"), SourceUnavailableError, "asks to wait 3600 s"),
        (LEGAL, SourceRefusedError, "answers 451"),
        (moved("http://elsewhere.invalid/"), SourceRefusedError, "not followed"),
        (Reply(status=400, body=b"{}"), SourceChangedError, "answers 400"),
        (Reply(content_type="application/pdf", body=b"%PDF"), SourceChangedError, "was agreed"),
    ],
    ids=["asks for an hour", "for legal reasons", "sent elsewhere", "a bad request", "another kind of file"],
)
async def test_what_stays_ends_in_an_error_that_says_so(
    name: str, fault: Reply, error: type[IngestError], said: str, tmp_path: Path
) -> None:
    payload, _ = sample(name)
    async with playing(lambda _: fault) as endpoint:
        with pytest.raises(error, match=said):
            await ask_one(endpoint, payload, tmp_path)
        assert len(endpoint.asked) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_a_body_that_is_always_cut_off_ends_the_run(name: str, tmp_path: Path) -> None:
    payload, whole = sample(name)
    async with playing(lambda _: whole.cut()) as endpoint:
        with pytest.raises(SourceUnavailableError, match="try later"):
            await ask_one(endpoint, payload, tmp_path)
        assert len(endpoint.asked) == 3


@pytest.mark.parametrize("name", NAMES)
async def test_a_redirect_on_the_same_host_is_followed_and_the_payload_keeps_what_was_asked(
    name: str, tmp_path: Path
) -> None:
    payload, whole = sample(name)
    async with playing(lambda _: whole, moved("/moved/here")) as endpoint:
        found = await ask_one(endpoint, payload, tmp_path)
        assert [one.path for one in endpoint.asked][1] == "/moved/here"
        assert not found.url.endswith("/moved/here")
        assert "k3y-of-a-test" not in found.url
