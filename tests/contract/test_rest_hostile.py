"""What no client should send, over a real connection: a clear answer or a closed connection, and nothing that leaks.

After each the service is healthy. It runs in this process, on a port of loopback, over a graph in memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import create_app
from api.patience import MOST_HEADER_BYTES
from api.settings import Settings
from tests.connection_kit import SECRET, Service, problem, request, serving
from tests.fakes import FakeStore

POST = "POST /v1/explanations HTTP/1.1"
HOSTILE_VALUES = (
    b'"\\u0000"',
    b'"\\ud800"',
    b"NaN",
    b"1e999",
    b"[[[[[]]]]]",
    b"{}",
    b"true",
    b'"' + b"x" * 5000 + b'"',
)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    app = create_app(Settings(data=tmp_path, log_level="error", body_seconds=0.4), FakeStore())  # type: ignore[arg-type]
    async with serving(app) as server:
        yield Service(server=server, data=tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff\xfe{}", "UTF-8"),
        (b'{"instrument": "btcusd", "instrument": "ethusd"}', "more than once"),
        (b'{"instrument": NaN}', "NaN"),
        (b'{"instrument": -Infinity}', "Infinity"),
        (b"[" * 30_000 + b"]" * 30_000, "deeper than"),
        (b'{"instrument":' * 3_000, "deeper than"),
        (b'{"instrument": "\\ud800"}', "surrogate"),
        (b'{"instrument": ', "character"),
        (b"{'instrument': 1}", "character"),
    ],
    ids=["utf8", "twins", "nan", "infinity", "lists", "objects", "surrogate", "cut", "quotes"],
)
async def test_a_body_that_is_no_json_is_400_with_the_reason(service: Service, body: bytes, words: str) -> None:
    found = problem(await service.send(request(POST, body)), 400, service)
    assert found["code"] == "malformed_json"
    assert words in str(found["detail"])
    await service.healthy()


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=range(len(HOSTILE_VALUES)))
@pytest.mark.parametrize("field", ["instrument", "on", "case", "as_of", "store"])
async def test_no_value_of_a_field_is_a_fault_of_ours(service: Service, field: str, value: bytes) -> None:
    answer = await service.send(request(POST, b'{"%s": %s}' % (field.encode(), value)))
    assert answer[9:10] == b"4", answer[:300]
    problem(answer, int(answer[9:12]), service)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "json"])
async def test_another_media_type_is_415(service: Service, kind: str) -> None:
    problem(await service.send(request(POST, b'{"instrument": "btcusd"}', kind=kind)), 415, service)
    await service.healthy()


async def test_a_body_of_ten_megabytes_is_413_before_it_is_read(service: Service) -> None:
    announced = request(POST).replace(
        b"\r\n\r\n", b"\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n"
    )
    problem(await service.send(announced), 413, service)
    await service.healthy()


async def test_a_body_in_chunks_is_413_as_soon_as_it_is_too_large(service: Service) -> None:
    head = request(POST).replace(
        b"\r\n\r\n", b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunks = [b"4000\r\n" + b"x" * 0x4000 + b"\r\n"] * 640
    answer = await service.send(head, *chunks)
    if answer:  # a service that closes with bytes under way may take its answer along: RFC 9112, section 9.6
        problem(answer, 413, service)
    await service.healthy()


async def test_a_header_of_ten_megabytes_is_refused(service: Service) -> None:
    answer = await service.send(*[b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "], *[b"x" * 65_536] * 160)
    if answer:
        problem(answer, 431, service)
    await service.healthy()


async def test_a_header_that_is_a_little_too_large_is_431(service: Service) -> None:
    long = request("GET /healthz HTTP/1.1", b"", "X-Long: " + "x" * MOST_HEADER_BYTES)
    answer = await service.send(long[: MOST_HEADER_BYTES + 16])
    problem(answer, 431, service)
    await service.healthy()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELO example.test\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"POST /v1/explanations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nBad Name: 1\r\n\r\n",
    ],
    ids=["tls", "smtp", "nul", "lengths", "no host", "negative", "name"],
)
async def test_what_is_no_http_is_400_and_the_connection_closed(service: Service, sent: bytes) -> None:
    problem(await service.send(sent, close=True), 400, service)
    await service.healthy()


@pytest.mark.parametrize(
    "path",
    [
        "/%ff%fe",
        "/v1/observations/%00",
        "/v1/observations/%0d%0aSet-Cookie:x",
        "/v1/observations/" + "%f0%9f%92%a9" * 200,
        "/v1/events?cursor=%ff",
        "/v1/events?limit=NaN",
        "/v1/events?limit=99999999999999999999999999",
        "/v1/events?as_of=%00",
        "/v1/events?as_of=2020-01-01T00:00:00%2B99:99",
        "/v1/events?cursor=" + "A" * 1900,
        "/../../etc/passwd",
        "//evil.test/%2e%2e/%2e%2e/etc/passwd",
        "/v1/observations/..%2f..%2fetc%2fpasswd",
    ],
)
async def test_no_address_is_a_fault_of_ours(service: Service, path: str) -> None:
    answer = await service.send(request(f"GET {path} HTTP/1.1"))
    assert answer[9:10] == b"4", answer[:300]
    found = problem(answer, int(answer[9:12]), service)
    assert found["code"] != "internal_error"
    assert b"\r\nset-cookie" not in answer.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept", "\xff\xfe"),
        ("Accept", "application/json;q=nan"),
        ("Accept", "a/b," * 3000),
        ("If-None-Match", '"' + "x" * 5000),
        ("X-Request-Id", "a\tb"),
        ("Prefer", "wait=NaN, wait=-1, wait=1e999"),
        ("Idempotency-Key", "\xff"),
        ("traceparent", "00-zz-zz-zz"),
        ("Authorization", f"Bearer {SECRET}"),
    ],
)
async def test_no_header_field_is_a_fault_of_ours(service: Service, name: str, value: str) -> None:
    sent = request(POST, b'{"instrument": "btcusd", "on": "2026-02-05"}', f"{name}: {value}")
    answer = await service.send(sent)
    assert answer[9:10] == b"4", answer[:300]
    assert SECRET.encode() not in answer


async def test_a_body_that_stops_half_way_is_408_and_holds_nothing(service: Service) -> None:
    whole = request(POST, b'{"instrument": "btcusd"}')
    problem(await service.send(whole[:-5]), 408, service)
    assert b"whymove_requests_running 1.0" in await service.send(request("GET /metrics HTTP/1.1"))
    await service.healthy()


async def test_a_header_that_stops_half_way_is_closed(service: Service) -> None:
    assert await service.send(b"GET /healthz HTTP/1.1\r\nHost: ") == b""
    first = request("GET /healthz HTTP/1.1").replace(b"Connection: close\r\n", b"")
    answer = await service.send(first + b"GET /healthz HTTP/1.1\r\nHost: ")
    assert answer.count(b"HTTP/1.1 200") == 1, "a second request that stays half is closed as well"
    await service.healthy()


@pytest.mark.parametrize("cut", [30, 120, -3])
async def test_clients_that_go_in_the_middle_leave_nothing_behind(service: Service, cut: int) -> None:
    whole = request(POST, b'{"instrument": "btcusd", "on": "2026-02-05"}')
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(whole[:cut])
        await writer.drain()
        writer.transport.abort()
    for _ in range(200):
        if b"whymove_requests_running 1.0" in await service.send(request("GET /metrics HTTP/1.1")):
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("requests of clients that have gone are still running")
    await service.healthy()


async def test_a_client_that_does_not_read_is_left_and_others_are_served(service: Service) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", service.port, limit=1024)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    asked = request("GET /openapi.json HTTP/1.1").replace(b"Connection: close\r\n", b"")
    writer.write(asked * 200)
    await service.healthy()
    for _ in range(1000):
        if not service.server.server_state.connections:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("the connection of a client that does not read is still open")
    writer.transport.abort()
    await service.healthy()


async def test_an_error_holds_nothing_of_another_request(service: Service) -> None:
    body = json.dumps({"query": f"MATCH (n) WHERE n.name = '{SECRET}' CALL db.labels() RETURN n"}).encode()
    first = await service.send(request("POST /v1/cypher HTTP/1.1", body))
    assert first[9:10] in b"45"
    others = [
        await service.send(request("POST /v1/cypher HTTP/1.1", b'{"query": "MATCH (n) DELETE n"}')),
        await service.send(request("GET /v1/nothing HTTP/1.1")),
        await service.send(request("GET /metrics HTTP/1.1")),
        await service.send(request("GET /readyz HTTP/1.1")),
    ]
    assert all(SECRET.encode() not in answer for answer in others)
