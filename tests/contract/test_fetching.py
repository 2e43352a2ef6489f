"""The client of all sources against a server that plays faults: what it asks again, refuses, keeps and never tells."""

from __future__ import annotations

import asyncio
import gzip
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.connecting import Request
from ingest.errors import (
    SourceBlockedError,
    SourceChangedError,
    SourceRefusedError,
    SourceUnavailableError,
)
from ingest.fetching import Fetcher, Reach
from ingest.pacing import Pacer
from ingest.payloads import PayloadStore, content_hash
from ingest.retrying import retry_after
from ingest.sourceformat import KeyPart, SourceFile
from tests.connector_kit import (
    BLOCKED,
    HANGS_UP,
    LEGAL,
    NOTHING,
    Answer,
    Asked,
    Endpoint,
    Reply,
    busy,
    moved,
    playing,
    reach,
)

KEY = "k3y-of-a-test"
GOOD = Reply(body=b"[1, 2]")


@asynccontextmanager
async def client(
    folder: Path,
    *faults: Reply,
    answer: Answer = lambda _: GOOD,
    change: Callable[[SourceFile], SourceFile] = lambda s: s,
) -> AsyncIterator[tuple[Fetcher, Endpoint, Request]]:
    """The client of a source with a key in its query, the endpoint, and a request."""
    async with playing(answer, *faults) as endpoint:
        source = change(endpoint.source("coinbase").model_copy(update={"key": KeyPart(query="api_key")}))
        async with Fetcher(source, PayloadStore(folder), reach()) as fetcher:
            yield fetcher, endpoint, Request(url=f"{endpoint.url}/api/x", params=(("a", "1 2"),))


def kept_in(folder: Path) -> list[bytes]:
    """The bytes of every file below a folder, those of payloads unpacked."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]


@pytest.mark.parametrize(
    "fault", [HANGS_UP, GOOD.cut(), busy("0"), replace(busy("0"), status=418), Reply(status=503), Reply(status=500)]
)
async def test_what_fails_for_a_moment_is_asked_again(tmp_path: Path, fault: Reply) -> None:
    async with client(tmp_path, fault, fault) as (fetcher, endpoint, request):
        assert (await fetcher.get(request)).content == b"[1, 2]"
    assert len(endpoint.asked) == 3


async def test_it_gives_up_after_its_attempts_and_says_so_without_the_key(tmp_path: Path) -> None:
    async with client(tmp_path, *[Reply(status=500)] * 3) as (fetcher, endpoint, request):
        with pytest.raises(SourceUnavailableError, match="answers 500") as error:
            await fetcher.get(request)
    assert KEY not in str(error.value)
    assert len(endpoint.asked) == 3
    assert not kept_in(tmp_path)


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (BLOCKED, SourceBlockedError, "page for people"),
        (replace(BLOCKED, status=403), SourceBlockedError, "page for people"),
        (replace(BLOCKED, content_type="application/json"), SourceBlockedError, "page for people"),
        (LEGAL, SourceRefusedError, "answers 451"),
        (Reply(status=401), SourceRefusedError, "check the key"),
        (NOTHING, SourceChangedError, "answers 404"),
        (Reply(body=b"a,b", content_type="text/csv"), SourceChangedError, "text/csv"),
        (Reply(body=b"[" + b"1," * 600_000), SourceChangedError, "more than the 1,000,000 bytes"),
        (moved("https://elsewhere.example/x"), SourceRefusedError, "elsewhere.example"),
        (moved("file:///etc/passwd"), SourceRefusedError, "not followed"),
        (busy("86400"), SourceUnavailableError, "wait 86400 s"),
    ],
)
async def test_what_asking_again_does_not_mend_is_named_at_once(
    tmp_path: Path, fault: Reply, error: type[Exception], said: str
) -> None:
    async with client(tmp_path, fault) as (fetcher, endpoint, request):
        with pytest.raises(error, match=said):
            await fetcher.get(request)
    assert len(endpoint.asked) == 1
    assert not kept_in(tmp_path)


async def test_the_key_is_sent_and_neither_kept_nor_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(tmp_path) as (fetcher, endpoint, request):
        payload = await fetcher.get(request)
    assert endpoint.asked[0].params == {"a": "1 2", "api_key": KEY}
    assert KEY not in repr(payload)
    assert KEY not in caplog.text
    assert kept_in(tmp_path)
    assert all(KEY.encode() not in content for content in kept_in(tmp_path))


async def test_a_redirect_is_followed_within_the_hosts_and_no_further_than_five(tmp_path: Path) -> None:
    async with client(tmp_path, moved("/api/y?b=2")) as (fetcher, endpoint, request):
        payload = await fetcher.get(request)
    assert (payload.url, payload.content) == (request.url, b"[1, 2]")
    assert (endpoint.asked[1].path, endpoint.asked[1].params) == ("/api/y", {"b": "2"})
    async with client(tmp_path, *[moved("/api/x")] * 6) as (fetcher, endpoint, request):
        with pytest.raises(SourceChangedError, match="more than 5 times"):
            await fetcher.get(request)


async def test_a_key_in_a_header_does_not_go_to_another_host(tmp_path: Path) -> None:
    async with playing(lambda _: GOOD) as other:
        port = other.url.rsplit(":", 1)[1]

        def change(source: SourceFile) -> SourceFile:
            return source.model_copy(update={"key": KeyPart(header="X-Key"), "redirects": ("localhost",)})

        elsewhere = moved(f"http://localhost:{port}/api/x")
        async with client(tmp_path, elsewhere, change=change) as (fetcher, endpoint, request):
            await fetcher.get(request)
    assert endpoint.asked[0].headers["x-key"] == KEY
    assert "x-key" not in other.asked[0].headers


async def test_what_has_not_changed_is_taken_from_the_store(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return replace(GOOD, headers={"ETag": '"v1"'})

    async with client(tmp_path, answer=answer) as (fetcher, endpoint, request):
        payloads = [await fetcher.get(request) for _ in range(3)]
    assert {one.id for one in payloads} == {payloads[0].id}
    assert payloads[2].content == b"[1, 2]"
    assert [one.headers.get("if-none-match") for one in endpoint.asked] == [None, '"v1"', '"v1"']


async def test_a_status_that_says_that_there_is_nothing_is_an_answer(tmp_path: Path) -> None:
    async with client(tmp_path, NOTHING) as (fetcher, _, request):
        assert (await fetcher.get(replace(request, absent=(404,)))).status == 404


async def test_a_source_that_needs_a_key_is_not_asked_without(tmp_path: Path) -> None:
    async with playing(lambda _: GOOD) as endpoint:
        source = endpoint.source("coinbase").model_copy(update={"key": KeyPart(query="api_key")})
        with pytest.raises(SourceRefusedError, match="WHYMOVE_SOURCE_KEYS"):
            Fetcher(source, PayloadStore(tmp_path), Reach())
    assert not endpoint.asked


async def test_requests_are_spread_evenly_and_a_rest_holds_for_everybody() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(round(seconds, 6))

    pacer = Pacer(now=lambda: 100.0, sleep=sleep)
    for _ in range(3):
        await pacer.wait("a", 0.5)
    await pacer.wait("b", 0.5)
    assert waited == [0.5, 1.0]
    pacer.rest("a", 30.0)
    await pacer.wait("a", 0.5)
    assert waited[-1] == 30.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("soon", None),
        ("Sun, 01 Feb 2026 00:01:00 GMT", 60.0),
        ("Sat, 31 Jan 2026 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date_also_by_a_clock_that_is_wrong(
    text: str | None, seconds: float | None
) -> None:
    assert retry_after(text, datetime(2026, 2, 1, tzinfo=UTC)) == seconds


def packed(body: bytes, encoding: str = "gzip") -> Reply:
    return Reply(body=body, headers={"Content-Encoding": encoding})


async def test_a_packed_answer_is_unpacked_and_one_that_is_cut_off_asked_for_again(tmp_path: Path) -> None:
    whole = gzip.compress(b"[1, 2]")
    async with client(tmp_path, packed(whole[:-3]), packed(whole)) as (fetcher, endpoint, request):
        assert (await fetcher.get(request)).content == b"[1, 2]"
        assert endpoint.asked[0].headers["accept-encoding"] == "gzip, deflate"
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (packed(gzip.compress(bytes(20_000_000))), "more than the 1,000,000 bytes"),
        (packed(b"x", "br"), "'br', unasked"),
    ],
)
async def test_an_answer_that_unpacks_to_too_much_or_by_other_means_is_refused(
    tmp_path: Path, fault: Reply, said: str
) -> None:
    async with client(tmp_path, fault) as (fetcher, _, request):
        with pytest.raises(SourceChangedError, match=said):
            await fetcher.get(request)
    assert not kept_in(tmp_path)


def larger(source: SourceFile) -> SourceFile:
    return source.model_copy(update={"largest": 100_000_000})


@pytest.mark.parametrize("status", [200, 404])
async def test_of_a_long_answer_that_is_not_taken_no_file_stays(tmp_path: Path, status: int) -> None:
    long = Reply(body=bytes(3_000_000), status=status)
    faults = [long.cut()] * 3 if status == 200 else [long]
    async with client(tmp_path, *faults, change=larger) as (fetcher, _, request):
        with pytest.raises((SourceUnavailableError, SourceChangedError)):
            await fetcher.get(request)
    assert not kept_in(tmp_path)


FETCHING = """
import asyncio, sys
from pathlib import Path
from ingest.connecting import Request
from ingest.fetching import Fetcher
from ingest.payloadreading import lines_of
from ingest.payloads import PayloadStore, content_hash
from ingest.sources import load_source
from tests.benchmarks.bench_series import own_peak_mb
from tests.connector_kit import reach

async def main():
    url, store = sys.argv[1], PayloadStore(Path(sys.argv[2]))
    source = load_source("coinbase").at({"api": url}).model_copy(update={"largest": 100_000_000})
    async with Fetcher(source, store, reach()) as fetcher:
        await fetcher.get(Request(url=f"{url}/short"))
        before = own_peak_mb()
        payload = await fetcher.get(Request(url=f"{url}/long"))
        count = sum(1 for _ in lines_of(store.load(payload.id)))
        print(payload.content_hash, count, own_peak_mb() - before)

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks of memory are read from /proc")
async def test_a_long_answer_is_fetched_kept_and_read_in_little_memory(tmp_path: Path) -> None:
    long = b"".join(b"2026-02-05 %05d,%d\n" % (n, n * n) for n in range(1000)) * 2600
    assert len(long) > 60_000_000
    async with playing(lambda asked: replace(GOOD, body=long) if asked.path == "/long" else GOOD) as endpoint:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FETCHING, endpoint.url, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        told, _ = await child.communicate()
    digest, count, grown = told.decode().split()
    assert digest == content_hash(long)
    assert int(count) == 2_600_000
    assert float(grown) < 20
