"""The Global Knowledge Graph of GDELT: a zip of one tab-separated table every 15 minutes, 27 columns, no header.

Documented traps: the interface beside it sheds load, these files do not; the time in a name is when articles were seen,
not when they were published; a file may be missing or its rows be broken; texts are not always UTF-8. All queries are
counted in one pass, so that a file is fetched once for all of them: `--symbol` makes it no smaller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from ingest.archives import only_file_of
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.gdelt.queries import Query, query_of
from ingest.payloadreading import EPOCH, changed, text_of
from ingest.sourceformat import SourceFile

STEP = timedelta(minutes=15)
STAMP = "%Y%m%d%H%M%S"
COLUMNS, DATE, ADDRESS, NAMES, EXTRAS = 27, 1, 4, 23, 26
MOST_BROKEN = 0.01
AT_START = "[0, null]"  # the cursor of `fetch_planned` before its first request
ABSENT = "files that are not there"
BROKEN = "rows that are broken"
_NEWEST = re.compile(r"^\d+ [0-9a-f]{32} \S+/(\d{14})\.gkg\.csv\.zip\s*$", re.MULTILINE)
_TITLE = re.compile(rb"<PAGE_TITLE>(.*?)</PAGE_TITLE>")


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """The list of the newest files, then one file a quarter of an hour."""
    newest = Request(url=f"{source.hosts['files']}/gdeltv2/lastupdate.txt", context={"what": "newest"})
    start = EPOCH + -((EPOCH - window.since) // STEP) * STEP
    count = -((start - window.until) // STEP)
    stamps = [f"{start + n * STEP:{STAMP}}" for n in range(count)]
    return [newest, *(_file(source, stamp) for stamp in stamps)]


async def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """What is out, and the planned files up to the newest of it."""
    newest, *planned = plan(source, window)
    found = await client.get(newest)
    last = _newest(found)
    files = [file for file in planned if file.context["stamp"] <= last]
    yield Fetched(payload=found, cursor=(cursor or AT_START) if files else None)
    async for one in fetch_planned(client, files, cursor if files else None):
        yield one


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """For each query how many articles of the file are about it, and their share of all."""
    if payload.context["what"] == "newest":
        _newest(payload)
        return Parsed()
    if payload.status != HTTPStatus.OK:
        return Parsed(left_out=Counter({ABSENT: 1}))
    stamp = payload.context["stamp"]
    at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    queries = {symbol: query_of(part.words) for symbol, part in source.symbols.items()}
    counts, articles, broken = _counted(payload, stamp, queries)
    points = [
        Point(
            series=one.id,
            at=at,
            value=float(counts[one.symbol]) if one.field == "count" else 100 * counts[one.symbol] / articles,
        )
        for one in source.series
    ]
    return Parsed(points=points, left_out=Counter({BROKEN: broken} if broken else {}))


def _counted(payload: Payload, stamp: str, queries: Mapping[str, Query]) -> tuple[Counter[str], int, int]:
    """(articles by query, all articles, broken rows); an article is counted once, however often it is listed."""
    counts: Counter[str] = Counter()
    seen: set[bytes] = set()
    broken = rows = 0
    with only_file_of(payload) as file:
        for line in file:
            if not line.strip():
                continue
            rows += 1
            cells = line.rstrip(b"\r\n").split(b"\t")
            if len(cells) != COLUMNS or cells[DATE] != stamp.encode():
                broken += 1
                continue
            if cells[ADDRESS] in seen:
                continue
            seen.add(cells[ADDRESS])
            text = _words_of(cells)
            counts.update(symbol for symbol, query in queries.items() if query.meets(text))
    if not seen or broken > MOST_BROKEN * rows:
        raise changed(payload, f"has {rows - broken} of {rows} rows with {COLUMNS} columns and the time {stamp}")
    return counts, len(seen), broken


def _words_of(cells: Sequence[bytes]) -> str:
    """Title, address and names of an article, in lower case, with single blanks between words."""
    title = _TITLE.search(cells[EXTRAS])
    raw = b" ".join((title[1] if title else b"", cells[ADDRESS], cells[NAMES]))
    return " ".join(re.findall(r"\w+", raw.decode("utf-8", "replace").lower().replace("_", " ")))


def _newest(payload: Payload) -> str:
    match = _NEWEST.search(text_of(payload))
    if match is None:
        raise changed(payload, "names no file of the knowledge graph")
    return match[1]


def _file(source: SourceFile, stamp: str) -> Request:
    return Request(
        url=f"{source.hosts['files']}/gdeltv2/{stamp}.gkg.csv.zip",
        absent=(HTTPStatus.NOT_FOUND,),
        context={"what": "articles", "stamp": stamp},
    )
