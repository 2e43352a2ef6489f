"""What a connector is: a folder whose module plans requests, fetches payloads by them and parses payloads to facts.

`plan` and `parse` are pure: the one can be printed without a network, the other be run again over bytes that were kept
years ago. `fetch` asks through the client that it is given and knows nothing of retries, pace, keys and files. The
runner (`ingest/running.py`) does the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from graph.model import Batch
from ingest.bodies import Body
from ingest.errors import IngestError
from ingest.sourceformat import SourceFile

Follow = Callable[["Request", "Payload"], "Request | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a host. No key stands in it: the client adds the source's own.

    `params` go into the query string in this order; `body` is sent as JSON; `accept` holds the media types that an
    answer may have, empty for those of `source.yaml`; `absent` are the statuses that say that there is nothing (404 for
    a file of a day without one): their payload carries that status. `context` is kept with the payload for `parse`, and
    tells questions apart that differ in `body` alone.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    accept: tuple[str, ...] = ()
    absent: tuple[int, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of one answer as they came, and what is known of how they came.

    `url` is that of the request, without its key; `content_hash` is `sha256:` and the digest of its bytes.
    `fetched_at` is the last instant at which the source answered with these bytes, `first_at` the first: what still
    forms is judged by the former, since when a changed value was known by the latter. `status` is 200, or one of the
    request's `absent`.
    """

    source: str
    url: str
    params: tuple[tuple[str, str], ...]
    fetched_at: datetime
    status: int
    content_type: str
    body: Body
    content_hash: str
    context: Mapping[str, str] = field(default_factory=dict)
    first_at: datetime | None = None

    @property
    def content(self) -> bytes:
        """All of its bytes at once; `body.open()` gives them as a stream."""
        return self.body.read()

    @property
    def known_at(self) -> datetime:
        """Since when these bytes were known here."""
        return self.first_at or self.fetched_at

    @property
    def id(self) -> str:
        """What the graph and the store of payloads call it: its source and the digest of bytes and question."""
        return f"{self.source}:{self.content_hash.removeprefix('sha256:')[:24]}:{self.question[:16]}"

    @property
    def question(self) -> str:
        """The digest of what was asked, in hexadecimal: equal questions have equal ones."""
        return question_of(self.url, self.params, self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is wanted: instants from `since` (included) to `until` (excluded), aware UTC, of `symbols`.

    The runner fills all of it in; `symbols` are names of `symbols` in `source.yaml`, all of them where none was named.
    """

    since: datetime
    until: datetime
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One payload on its way, and where to carry on after it; `cursor` is None after the last."""

    payload: Payload
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of a series: true at `at` (a bar: its end), of the trade day `day` where it is daily.

    `known_at` only where the source says when it was published; else it is `at` plus the lag of the series.
    """

    series: str
    at: datetime
    value: float
    day: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What stands in one payload.

    `left_out` counts by reason what is rightly not stored (a bar still forming), `skipped` what should not be there:
    too many skipped and nothing of the run is stored. The runner adds Payload, IngestRun and the links to them.
    """

    points: Sequence[Point] = ()
    batch: Batch = field(default_factory=Batch)
    left_out: Mapping[str, int] = field(default_factory=Counter)
    skipped: Mapping[str, int] = field(default_factory=Counter)


class Client(Protocol):
    """Asks one question, at the pace of its host, again where that helps; the payload is kept before it is given."""

    async def get(self, request: Request) -> Payload:
        """The answer. Raises SourceUnavailableError, SourceRefusedError, SourceBlockedError, SourceChangedError."""
        ...


class Connector(Protocol):
    """The functions of `ingest/connectors/<name>/connector.py`; the module itself is the connector."""

    def plan(self, source: SourceFile, window: Window) -> Sequence[Request]:
        """The requests that a window needs, in order, before any answer is known (`--dry-run` prints them)."""
        ...

    def fetch(self, client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
        """The payloads of a window, after `cursor` where one is given; mostly `fetch_planned`."""
        ...

    def parse(self, payload: Payload, source: SourceFile) -> Parsed:
        """What stands in a payload; pure. Raises SourceChangedError where its shape is not the agreed one."""
        ...


async def fetch_planned(
    client: Client, requests: Sequence[Request], cursor: str | None, follow: Follow | None = None
) -> AsyncIterator[Fetched]:
    """Ask planned requests one after another, and after each what `follow` makes of its answer, until that is None.

    A cursor is `[n, params]`: the n-th request, with those params in place of its own where it is a following page.
    """
    start, params = _place(cursor, len(requests))
    for n in range(start, len(requests)):
        request: Request | None = requests[n]
        if params is not None and request is not None:
            request = _asking(request, params)
            params = None
        while request is not None:
            payload = await client.get(request)
            following = follow(request, payload) if follow is not None else None
            if following is not None and following.params == request.params:
                raise IngestError(f"{request.url}: the page after it is itself; the source gives no way on")
            yield Fetched(payload=payload, cursor=_cursor(n, following, len(requests)))
            request = following


def question_of(url: str, params: Sequence[tuple[str, str]], context: Mapping[str, str]) -> str:
    """The digest of a question, in hexadecimal."""
    text = json.dumps([url, list(params), sorted(context.items())], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _cursor(n: int, following: Request | None, count: int) -> str | None:
    if following is not None:
        return json.dumps([n, list(following.params)])
    return json.dumps([n + 1, None]) if n + 1 < count else None


def _place(cursor: str | None, count: int) -> tuple[int, tuple[tuple[str, str], ...] | None]:
    """The request that a cursor means, and its params. Raises IngestError where it fits no plan."""
    if cursor is None:
        return 0, None
    try:
        n, params = json.loads(cursor)
        found = int(n), None if params is None else tuple((str(name), str(value)) for name, value in params)
    except (ValueError, TypeError) as error:
        raise IngestError(f"the cursor {cursor!r} cannot be read; start the run anew") from error
    if not 0 <= found[0] < count:
        raise IngestError(f"the cursor {cursor!r} lies outside of {count} requests; start the run anew")
    return found


def _asking(request: Request, params: tuple[tuple[str, str], ...]) -> Request:
    return replace(request, params=params)
