"""Deribit: open interest and volume of all options on a coin, by strike and expiry, as they are now.

Documented traps: the summary has no past, so that what is not fetched on its day is lost; volume is of the last 24
hours, whenever it is asked for; an option that nobody quotes has nulls. What is stored of it are sums and shares; the
numbers of each option stay in the payload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.deribit.answers import result_of
from ingest.connectors.deribit_options.book import Book, Option, book_of
from ingest.connectors.deribit_options.skew import put_call_skew
from ingest.sourceformat import SourceFile

NEAR = 0.05
UNTOLD = "numbers that the book does not tell"
Weight = Callable[[Option], float]


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request a coin, whatever the window is: the book has no past."""
    return [
        Request(
            url=f"{source.hosts['api']}/api/v2/public/get_book_summary_by_currency",
            params=(("currency", source.symbols[symbol].words["currency"]), ("kind", "option")),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The numbers of the book, at its own instant and of its day in UTC; of several books of a day the last counts."""
    symbol = payload.context["symbol"]
    book = book_of(payload, source.symbols[symbol].words["currency"], result_of(payload))
    points: list[Point] = []
    left_out = Counter(book.left_out)
    for one in source.series_of(symbol):
        value = NUMBERS[one.field](book)
        if value is None:
            left_out[UNTOLD] += 1
        else:
            points.append(Point(series=one.id, at=book.at, value=value, day=book.at.date()))
    return Parsed(points=points, left_out=left_out)


def open_interest(one: Option) -> float:
    """Options that are held, in coins."""
    return one.open_interest


def volume(one: Option) -> float:
    """Options traded in the 24 hours before, in coins."""
    return one.volume


def is_put(one: Option) -> bool:
    """Whether it is a put."""
    return not one.call


def is_near(one: Option) -> bool:
    """Whether its strike lies within 5 percent of its own forward."""
    return abs(one.strike / one.forward - 1) <= NEAR


def total(book: Book, weight: Weight) -> float:
    """The sum over all options."""
    return sum(weight(one) for one in book.options)


def share(book: Book, weight: Weight, chosen: Callable[[Option], bool]) -> float | None:
    """What the chosen options are of all, in percent; None where there is nothing."""
    whole = total(book, weight)
    return 100 * sum(weight(one) for one in book.options if chosen(one)) / whole if whole else None


def at_next_expiry(book: Book) -> float | None:
    """How much of the open interest expires next, in percent."""
    following = min(one.expiry for one in book.options)
    return share(book, open_interest, lambda one: one.expiry == following)


NUMBERS: Mapping[str, Callable[[Book], float | None]] = {
    "open_interest": lambda book: total(book, open_interest),
    "volume": lambda book: total(book, volume),
    "put_share_of_open_interest": lambda book: share(book, open_interest, is_put),
    "put_share_of_volume": lambda book: share(book, volume, is_put),
    "near_price": lambda book: share(book, open_interest, is_near),
    "next_expiry": at_next_expiry,
    "skew": put_call_skew,
}
