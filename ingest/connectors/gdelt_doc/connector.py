"""The search of GDELT: a list of at most 250 articles of a span, without pages.

Documented traps: a full list has lost some, so that its span is asked again in halves down to a quarter of an hour;
errors come as plain text under 200; `seendate` is when GDELT saw an article, in steps of 15 minutes. A step without an
article has no value here: what the search does not know is not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.errors import SourceBlockedError, SourceUnavailableError
from ingest.payloadreading import EPOCH, changed, check_names, json_of, record_of, rows_of, text_of
from ingest.sourceformat import SourceFile

MOST = 250
STEP = timedelta(minutes=15)
SPAN = timedelta(hours=6)
SETTLED = 2 * STEP  # since when no more articles of a step come
SECOND = timedelta(seconds=1)
FORM, SEEN = "%Y%m%d%H%M%S", "%Y%m%dT%H%M%SZ"
ARTICLE = ("url", "title", "seendate", "domain")
OTHERS = ("url_mobile", "socialimage", "language", "sourcecountry")
HALVED = "lists that were full, and asked for again in halves"
FORMING = "quarters of an hour that still filled"
FULL = "quarters of an hour with more articles than are given out"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request a query and six hours; the halves of full ones follow from the answers."""
    start = EPOCH + (window.since - EPOCH) // STEP * STEP
    count = -((start - window.until) // SPAN)
    spans = [(start + n * SPAN, min(start + (n + 1) * SPAN, window.until)) for n in range(count)]
    return [_asked(source, symbol, since, until) for symbol in window.symbols for since, until in spans]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, each narrowed until no list is full."""
    return fetch_planned(client, plan(source, window), cursor, _following)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """How many articles were seen in each step that has some and was over; nothing of a list that was full."""
    articles = _articles(payload)
    since, until = _span(payload)
    if len(articles) >= MOST:
        return Parsed(left_out=Counter({HALVED if until - since > STEP else FULL: 1}))
    seen: Counter[datetime] = Counter()
    addresses: set[str] = set()
    for row in articles:
        article = record_of(payload, row, ARTICLE, OTHERS)
        if article["url"] in addresses:
            continue
        addresses.add(article["url"])
        seen[_time(payload, str(article["seendate"]), SEEN)] += 1
    (series,) = source.series_of(payload.context["symbol"])
    whole = [at for at in sorted(seen) if at + SETTLED <= payload.fetched_at]
    left_out = Counter({FORMING: len(seen) - len(whole)} if len(whole) < len(seen) else {})
    return Parsed(points=[Point(series=series.id, at=at, value=float(seen[at])) for at in whole], left_out=left_out)


def _following(request: Request, payload: Payload) -> Request | None:
    """The first half of a span whose list was full, else what is left of the planned span.

    Raises SourceUnavailableError, SourceBlockedError for what comes in place of a list.
    """
    _check_answer(payload)
    since, until = _span(payload)
    if len(_articles(payload)) >= MOST and until - since > STEP:
        half = max(STEP, (until - since) / 2 // STEP * STEP)
        return _spanning(request, since, since + half)
    planned = _time(payload, payload.context["until"], FORM)
    return _spanning(request, until, planned) if until < planned else None


def _check_answer(payload: Payload) -> None:
    text = text_of(payload).lstrip()[:300]
    if text.startswith("{"):
        return
    if "limit requests" in text.lower():
        raise SourceUnavailableError(f"{payload.url} asks for slower requests; try later, or use the source gdelt")
    if text.startswith("<"):
        raise SourceBlockedError(f"{payload.url} answers with a page for people; ask later, or use the source gdelt")
    raise changed(payload, f"says {text[:200]!r} in place of articles")


def _articles(payload: Payload) -> list[object]:
    answer = json_of(payload)
    if not isinstance(answer, dict):
        raise changed(payload, f"holds a {type(answer).__name__} where a record was agreed")
    check_names(payload, list(answer), (), ("articles",))
    return rows_of(payload, answer.get("articles", []))


def _span(payload: Payload) -> tuple[datetime, datetime]:
    """From (included) and to (excluded) of what was asked."""
    params = dict(payload.params)
    since, last = (_time(payload, params[name], FORM) for name in ("startdatetime", "enddatetime"))
    return since, last + SECOND


def _asked(source: SourceFile, symbol: str, since: datetime, until: datetime) -> Request:
    return Request(
        url=f"{source.hosts['api']}/api/v2/doc/doc",
        params=(
            ("query", source.symbols[symbol].words["query"]),
            ("mode", "artlist"),
            ("format", "json"),
            ("maxrecords", str(MOST)),
            ("sort", "dateasc"),
            ("startdatetime", f"{since:{FORM}}"),
            ("enddatetime", f"{until - SECOND:{FORM}}"),
        ),
        context={"symbol": symbol, "until": f"{until:{FORM}}"},
    )


def _spanning(request: Request, since: datetime, until: datetime) -> Request:
    span = {"startdatetime": f"{since:{FORM}}", "enddatetime": f"{until - SECOND:{FORM}}"}
    return replace(request, params=tuple((name, span.get(name, value)) for name, value in request.params))


def _time(payload: Payload, text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise changed(payload, f"holds the time {text[:40]!r} where {form} was agreed") from error
