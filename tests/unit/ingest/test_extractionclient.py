"""The reader over HTTP against a server on this machine: what it asks, and every way in which an answer can be bad."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ingest.errors import IngestError, SourceChangedError, SourceRefusedError, SourceUnavailableError
from ingest.extractionclient import ANSWER_BYTES, ATTEMPTS, ChatExtractor, ChatSettings
from ingest.extractionmodel import Answer, TextPart
from tests.chat_endpoint import KEY, Endpoint, Reply, chat, endpoint
from tests.unit.ingest.extraction_kit import guide

PART = TextPart(start=0, text="The shares fell.", whole=16)
GOOD = chat({"proposals": []})
HTML = {"Content-Type": "text/html; charset=utf-8"}


async def asked(playing: Endpoint, **changes: Any) -> Answer:
    async with ChatExtractor(playing.settings(**changes)) as extractor:
        return await extractor.propose(PART, guide())


async def failed(playing: Endpoint, kind: type[IngestError], **changes: Any) -> str:
    """The message of a question that fails so; it never holds the key."""
    with pytest.raises(kind) as caught:
        await asked(playing, **changes)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 400
    return str(caught.value)


async def test_the_question_names_model_schema_and_bounds_and_carries_the_key_in_its_header_alone() -> None:
    async with endpoint(GOOD) as playing:
        assert await asked(playing) == Answer(text='{"proposals": []}')
    ((headers, body),) = playing.asked
    assert headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(body)
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("small", 0, 8_000)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert PART.text in body["messages"][1]["content"]
    assert KEY not in repr(playing.settings())


async def test_without_a_key_none_is_sent() -> None:
    async with endpoint(GOOD) as playing:
        await asked(playing, key=None)
    assert "authorization" not in playing.asked[0][0]


async def test_an_endpoint_that_knows_no_schema_is_asked_for_plain_json_from_then_on() -> None:
    refusal = Reply(status=400, body=b'{"error": {"message": "response_format json_schema is not supported"}}')
    async with endpoint(refusal, GOOD) as playing, ChatExtractor(playing.settings()) as extractor:
        await extractor.propose(PART, guide())
        await extractor.propose(PART, guide())
    assert [body["response_format"]["type"] for _, body in playing.asked] == [
        "json_schema",
        "json_object",
        "json_object",
    ]
    async with endpoint(refusal) as playing:
        assert "json_schema is not supported" in await failed(playing, SourceChangedError)
    assert len(playing.asked) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_key_is_told_at_once_and_without_the_key(status: int) -> None:
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}\r\nSet-Cookie: x"}}).encode()
    async with endpoint(Reply(status=status, body=said)) as playing:
        text = await failed(playing, SourceRefusedError)
    assert f"answers {status}" in text
    assert "***" in text
    assert "\n" not in text
    assert len(playing.asked) == 1


@pytest.mark.parametrize("after", ["0", "soon", format_datetime(datetime.now(UTC) - timedelta(seconds=5))])
async def test_too_many_requests_are_waited_out(after: str) -> None:
    busy = Reply(status=429, body=b"{}", headers={"Retry-After": after, "Content-Type": "application/json"})
    async with endpoint(busy, busy, GOOD) as playing:
        assert (await asked(playing)).text == '{"proposals": []}'
    assert len(playing.asked) == 3


async def test_the_wait_that_is_asked_for_is_kept() -> None:
    busy = Reply(status=429, headers={"Retry-After": "1"})
    began = time.monotonic()
    async with endpoint(busy, GOOD) as playing:
        await asked(playing)
    assert time.monotonic() - began >= 1.0


async def test_a_wait_that_is_too_long_is_told_instead() -> None:
    async with endpoint(Reply(status=429, headers={"Retry-After": "3600"})) as playing:
        assert "wait 3600 s" in await failed(playing, SourceUnavailableError)
    assert len(playing.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_server_that_stays_broken_is_asked_so_often_and_no_more(status: int) -> None:
    async with endpoint(Reply(status=status, body=b"<h1>oops</h1>", headers=HTML)) as playing:
        assert f"answers {status}" in await failed(playing, SourceUnavailableError)
    assert len(playing.asked) == ATTEMPTS


async def test_a_server_that_is_not_there_is_named() -> None:
    async with endpoint(GOOD) as playing:
        settings = playing.settings()
    async with ChatExtractor(settings) as extractor:
        with pytest.raises(SourceUnavailableError, match=f"{settings.url} cannot be reached"):
            await extractor.propose(PART, guide())


async def test_a_slow_answer_is_given_up_and_names_the_setting() -> None:
    async with endpoint(Reply(body=b"{}", wait=30.0)) as playing:
        assert "WHYMOVE_EXTRACTION_TIMEOUT" in await failed(playing, SourceUnavailableError, seconds=0.3)


async def test_a_huge_answer_is_cut_at_the_bound_and_not_read_on() -> None:
    huge = Reply(body=b"x" * 100_000, repeat=500)  # 50 MB
    async with endpoint(huge) as playing:
        assert "more than 1,000 kB" in await failed(playing, SourceChangedError)
        await playing.done.wait()
    assert playing.sent < 20 * ANSWER_BYTES


async def test_a_packed_answer_is_not_unpacked() -> None:
    packed = Reply(body=gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    async with endpoint(packed) as playing:
        assert "packs its answers" in await failed(playing, SourceChangedError)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed_so_that_the_key_stays_here(status: int) -> None:
    async with endpoint(GOOD) as other:
        there = Reply(status=status, headers={"Location": f"{other.url}/chat/completions"})
        async with endpoint(there) as playing:
            assert "which is not followed" in await failed(playing, SourceRefusedError)
    assert other.asked == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(body=b"<html>Welcome</html>", headers=HTML), "with text/html and not with JSON"),
        (Reply(body=b"{}", headers={}), "no media type"),
        (Reply(status=204), "answers 204"),
        (Reply(body=b'{"choices": [{"mess'), "no choices[0].message.content"),
        (Reply(body=b"[" * 200_000), "no choices[0].message.content"),
        (Reply(body=b"\xff\xfe"), "no choices[0].message.content"),
        (Reply(body=b'{"choices": []}'), "no choices[0].message.content"),
        (Reply(body=b'{"choices": [{"message": {"content": null}}]}'), "no choices[0].message.content"),
        (Reply(body=b'{"object": "list", "data": []}'), "no choices[0].message.content"),
    ],
)
async def test_what_is_no_answer_of_a_chat_endpoint_says_so(reply: Reply, reason: str) -> None:
    async with endpoint(reply) as playing:
        assert reason in await failed(playing, SourceChangedError)


async def test_an_answer_that_ran_out_of_tokens_is_marked() -> None:
    async with endpoint(chat('{"proposals": [', finish="length")) as playing:
        assert (await asked(playing)).cut


async def test_an_address_that_cannot_be_asked_is_told() -> None:
    async with ChatExtractor(ChatSettings(url="http://model.test\x01", model="m", pause=0.001)) as extractor:
        with pytest.raises(SourceRefusedError, match="WHYMOVE_EXTRACTION_URL"):
            await extractor.propose(PART, guide())
