"""Asks sources over HTTP: the one client of all connectors, and the one module of them that opens connections.

Redirects go to hosts that the source names, answers have a bound of bytes, pages for people in place of data are told
apart, what fails for a moment is asked again. The key of a source goes into the request as it is sent, and into nothing
that is kept, logged or raised. The store of payloads is the cache: an HTTP cache beside it would keep everything twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from ingest.bodies import Draft
from ingest.connecting import Payload, Request, question_of
from ingest.errors import (
    SourceBlockedError,
    SourceChangedError,
    SourceRefusedError,
    SourceUnavailableError,
)
from ingest.pacing import PACER, Pacer
from ingest.payloads import Kept, PayloadStore
from ingest.retrying import retry_after
from ingest.sourceformat import SourceFile
from ingest.trust import trusted
from ingest.unpacking import CannotUnpackError, CutOffError, unpacked

MOST_REDIRECTS = 5
LONGEST_WAIT = 120.0
_PAGE = (b"<!doctype html", b"<html")
_OUT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}
_AGAIN = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.IM_A_TEAPOT,  # of Binance: kept out for a while, after too many 429
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How sources are reached: the key, a proxy, seconds for one read and one answer, attempts, first pause."""

    key: str | None = None
    proxy: str | None = None
    read_seconds: float = 30.0
    answer_seconds: float = 300.0
    attempts: int = 5
    pause: float = 1.0
    pacer: Pacer = PACER
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class _AgainError(SourceUnavailableError):
    """Worth another attempt, after `wait` seconds where the source says how many."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    draft: Draft


class Fetcher:
    """The client of one source. An async context manager.

    An answer that was kept at `held_since` or later is taken for that of its question, and nothing is asked.
    """

    def __init__(
        self, source: SourceFile, store: PayloadStore, reach: Reach, *, held_since: datetime | None = None
    ) -> None:
        """Raises SourceRefusedError where the source needs a key and there is none."""
        self.check(source, reach)
        for name in ("httpx", "httpcore"):  # they log whole addresses, with the key
            logging.getLogger(name).setLevel(logging.WARNING)
        self._source = source
        self._store = store
        self._reach = reach
        self._held_since = held_since
        self._hosts = {urlsplit(url).hostname for url in source.hosts.values()} | set(source.redirects)
        self._client = httpx.AsyncClient(
            verify=trusted(),
            trust_env=False,
            proxy=reach.proxy,
            timeout=httpx.Timeout(reach.read_seconds, connect=min(10.0, reach.read_seconds)),
            headers={"User-Agent": "whymove (research; asks slowly)", "Accept-Encoding": "gzip, deflate"},
        )

    @staticmethod
    def check(source: SourceFile, reach: Reach) -> None:
        """Raises SourceRefusedError where the source needs a key and there is none."""
        if source.key is not None and source.key.required and not reach.key:
            raise SourceRefusedError(
                f"{source.name} needs a key (see {source.homepage}): "
                f"set WHYMOVE_SOURCE_KEYS='{{\"{source.name}\": ...}}'"
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, request: Request) -> Payload:
        """The answer to a request, kept. See `Client`."""
        question = question_of(request.url, request.params, request.context)
        kept = await asyncio.to_thread(self._store.latest, self._source.name, question)
        if kept is not None and self._held_since is not None and kept.payload.fetched_at >= self._held_since:
            return kept.payload
        answer: _Answer | None = None
        async for attempt in stamina.retry_context(
            on=_wait,
            attempts=self._reach.attempts,
            timeout=None,
            wait_initial=self._reach.pause,
            wait_max=LONGEST_WAIT,
            wait_jitter=self._reach.pause,
        ):
            with attempt:
                answer = await self._once(request, kept)
        assert answer is not None, "an attempt gives an answer or raises"
        try:
            return await self._kept(request, answer, kept)
        finally:
            answer.draft.discard()

    async def _once(self, request: Request, kept: Kept | None) -> _Answer:
        """One answer that can be used, redirects followed."""
        url, before = request.url, request.url
        for step in range(MOST_REDIRECTS + 1):
            answer = await self._sent(request, url, first=step == 0, kept=kept)
            if answer.status not in {301, 302, 303, 307, 308}:
                try:
                    self._check(request, answer)
                except BaseException:
                    answer.draft.discard()
                    raise
                return answer
            answer.draft.discard()
            before, url = url, urljoin(url, answer.headers.get("location", ""))
            self._check_redirect(request, before, url)
        raise SourceChangedError(f"{request.url} sends on more than {MOST_REDIRECTS} times; look at its documentation")

    async def _sent(self, request: Request, url: str, *, first: bool, kept: Kept | None) -> _Answer:
        host = urlsplit(url).netloc
        pace = self._source.pace
        await self._reach.pacer.wait(host, pace.seconds / pace.requests)
        params = httpx.QueryParams(request.params if first else ())
        headers = dict(request.headers)
        headers["Accept"] = ", ".join(request.accept or self._source.accept)
        if kept is not None and kept.etag:
            headers["If-None-Match"] = kept.etag
        if kept is not None and kept.last_modified:
            headers["If-Modified-Since"] = kept.last_modified
        key = self._source.key
        if key is not None and self._reach.key and host == urlsplit(request.url).netloc:
            if key.query is not None and first:
                params = params.set(key.query, self._reach.key)
            if key.header is not None:
                headers[key.header] = self._reach.key
        try:
            async with (
                asyncio.timeout(self._reach.answer_seconds),
                self._client.stream(
                    request.method, url, params=params or None, headers=headers, json=request.body
                ) as response,
            ):
                draft = await self._taken(request, response)
        except (TimeoutError, httpx.TimeoutException):
            raise _AgainError(f"{request.url} did not answer in time; try later") from None
        except (httpx.HTTPError, CutOffError) as error:  # a cut-off body is one: shorter than its Content-Length says
            raise _AgainError(f"{request.url} cannot be read ({type(error).__name__}); try later") from None
        except CannotUnpackError as error:
            raise SourceChangedError(f"{request.url} packs its answer by {str(error)[:40]!r}, unasked") from None
        except httpx.InvalidURL:
            raise SourceChangedError(f"{request.url} is no address that can be asked") from None
        return _Answer(status=response.status_code, headers=dict(response.headers), draft=draft)

    async def _taken(self, request: Request, response: httpx.Response) -> Draft:
        """The bytes of an answer, on the disk where they are many; nothing stays of them when it fails."""
        draft = self._store.draft(self._source.name)
        try:
            async for piece in unpacked(response.aiter_raw(), response.headers.get("content-encoding", "")):
                if draft.size + len(piece) > self._source.largest:
                    raise SourceChangedError(
                        f"{request.url} answers with more than the {self._source.largest:,} bytes that "
                        f"{self._source.name} allows; it was cut off, raise `largest` if that is right"
                    )
                await self._put(draft, piece)
        except BaseException:
            draft.discard()
            raise
        return draft

    async def _put(self, draft: Draft, piece: bytes) -> None:
        try:
            if draft.fits(len(piece)):
                draft.add(piece)
            else:
                await asyncio.to_thread(draft.add, piece)
        except OSError as error:
            raise self._store.not_kept(self._source.name, error) from error

    def _check(self, request: Request, answer: _Answer) -> None:
        """Raises the error of an answer that is none."""
        status, where = answer.status, request.url
        if status == HTTPStatus.NOT_MODIFIED or status in request.absent:
            return
        page = answer.draft.start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGE)
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wait = retry_after(answer.headers.get("retry-after"), self._reach.now())
            if wait is not None:
                self._reach.pacer.rest(urlsplit(where).netloc, min(wait, LONGEST_WAIT))
            if wait is not None and wait > LONGEST_WAIT:
                raise SourceUnavailableError(f"{where} answers {status} and asks to wait {wait:.0f} s; resume then")
            raise _AgainError(f"{where} answers {status}; it was asked {self._reach.attempts} times, try later", wait)
        if status in _OUT and not page:
            raise SourceRefusedError(f"{where} answers {status}: this address or key is not let in; check the key")
        wanted = request.accept or self._source.accept
        kind = answer.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        if (page or kind == "text/html") and "text/html" not in wanted:
            raise SourceBlockedError(
                f"{where} answers {status} with a page for people: it keeps programs out; ask later, or save it by hand"
            )
        if status != HTTPStatus.OK:
            raise SourceChangedError(f"{where} answers {status}; look at {self._source.homepage}")
        if kind and kind not in wanted:
            raise SourceChangedError(f"{where} answers with {kind[:60]!r} where {', '.join(wanted)} was agreed")

    def _check_redirect(self, request: Request, before: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.hostname not in self._hosts:
            raise SourceRefusedError(
                f"{request.url} sends on to {(parts.hostname or 'nowhere')[:100]!r}, which is not followed; "
                f"add it to `redirects` of {self._source.name} if it is right"
            )
        if urlsplit(before).scheme == "https" and parts.scheme == "http":
            raise SourceRefusedError(f"{request.url} sends on from https to http, which is not followed")

    async def _kept(self, request: Request, answer: _Answer, kept: Kept | None) -> Payload:
        if answer.status == HTTPStatus.NOT_MODIFIED:
            if kept is None:
                raise SourceChangedError(f"{request.url} answers 304 though nothing was asked of it under a condition")
            payload = replace(kept.payload, fetched_at=self._reach.now(), first_at=None)
            etag, modified = kept.etag, kept.last_modified
        else:
            payload = self._payload(request, answer)
            etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        return await asyncio.to_thread(self._store.keep, payload, etag=etag, last_modified=modified)

    def _payload(self, request: Request, answer: _Answer) -> Payload:
        return Payload(
            source=self._source.name,
            url=request.url,
            params=request.params,
            fetched_at=self._reach.now(),
            status=answer.status,
            content_type=answer.headers.get("content-type", ""),
            body=answer.draft.body(),
            content_hash=answer.draft.content_hash,
            context=request.context,
        )


def printed(request: Request) -> str:
    """A request as `--dry-run` prints it, without a key."""
    url = str(httpx.URL(request.url).copy_merge_params(dict(request.params))) if request.params else request.url
    return f"{request.method} {url}"


def _wait(error: Exception) -> bool | float:
    if not isinstance(error, _AgainError):
        return False
    return True if error.wait is None else error.wait
