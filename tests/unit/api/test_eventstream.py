"""Streams of events: their form, their number, and clients that leave or do not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from api.errors import TooManyStreamsError
from api.eventstream import EventStream, Streams, frame

SCOPE = {"type": "http"}


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"data: 1\n\n"


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_an_event_is_three_lines_and_its_data_is_one() -> None:
    assert frame("7", "log", {"text": "a\nb"}) == b'id: 7\nevent: log\ndata: {"text":"a\\nb"}\n\n'


async def test_a_client_that_does_not_read_is_dropped() -> None:
    taken: list[Message] = []

    async def send(message: Message) -> None:
        if len(taken) == 4:
            await asyncio.Event().wait()
        taken.append(message)

    streams = Streams()
    async with asyncio.timeout(20):
        await EventStream(endless(), streams, patience=0.05)(SCOPE, never, send)
    assert taken[-1]["more_body"] is True  # so that the server breaks the connection off
    assert streams.open == 0


async def test_a_client_that_leaves_ends_its_stream() -> None:
    ended = asyncio.Event()
    taken = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        try:
            await asyncio.Event().wait()
            yield b""
        finally:
            ended.set()

    async def send(message: Message) -> None:
        if message.get("body"):
            taken.set()

    async def leaves() -> Message:
        await taken.wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(20):
        await EventStream(silent(), Streams())(SCOPE, leaves, send)
        await ended.wait()


async def test_no_more_streams_are_served_than_are_allowed() -> None:
    streams = Streams(most=1)
    started = asyncio.Event()

    async def send(_: Message) -> None:
        started.set()
        await asyncio.sleep(0)

    first = asyncio.create_task(streams.answer(endless())(SCOPE, never, send))
    await started.wait()
    with pytest.raises(TooManyStreamsError):
        streams.answer(endless())
    first.cancel()
    await asyncio.wait({first})
    assert streams.open == 0
    streams.answer(endless())
