"""The rows of a book summary as options: what the names of options say, and the numbers that are read of them.

A name is `BTC-27MAR26-90000-C`: currency, day of expiry, strike in dollars, call or put. Options expire at 08:00 UTC.
Open interest and the volume of the last 24 hours are in the currency of the option.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.connecting import Payload
from ingest.connectors.deribit.quarters import MONTHS
from ingest.payloadreading import changed, check_names, instant_of, number_of, rows_of

MS = timedelta(milliseconds=1)
FIELDS = ("instrument_name", "open_interest", "volume", "underlying_price", "mark_iv", "creation_timestamp")
EXPIRES_AT = 8
EXPIRED = "options that had expired"
EMPTY = "options without open interest or price"
_NAME = re.compile(rf"([A-Z]+)-(\d{{1,2}})({'|'.join(MONTHS)})(\d{{2}})-([1-9]\d*)-([CP])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option.

    `strike` and `forward`, the price of what it is written on at its expiry, are in dollars; `open_interest` and
    `volume`, of 24 hours, in coins; `volatility` is that implied by its price, in percent a year, None where untold.
    """

    expiry: datetime
    strike: float
    call: bool
    forward: float
    open_interest: float
    volume: float
    volatility: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The options that were alive `at` an instant, and how many rows were left out, by reason."""

    at: datetime
    options: tuple[Option, ...]
    left_out: Mapping[str, int]


def book_of(payload: Payload, currency: str, result: object) -> Book:
    """The book in an answer. Raises SourceChangedError where it has another shape, or no option."""
    rows: list[tuple[datetime, dict[str, Any]]] = []
    for row in rows_of(payload, result):
        if not isinstance(row, dict):
            raise changed(payload, "holds a row that is no record")
        check_names(payload, list(row), FIELDS, None)
        rows.append((instant_of(payload, row["creation_timestamp"], MS), row))
    at = max((one for one, _ in rows), default=None)
    if at is None:
        raise changed(payload, "holds no option")
    left_out: Counter[str] = Counter()
    options: list[Option] = []
    for _, row in rows:
        option = _option(payload, currency, row)
        if option is None:
            left_out[EMPTY] += 1
        elif option.expiry <= at:
            left_out[EXPIRED] += 1
        else:
            options.append(option)
    if not options:
        raise changed(payload, "holds no option that is alive and has open interest")
    return Book(at=at, options=tuple(options), left_out=left_out)


def _option(payload: Payload, currency: str, row: Mapping[str, Any]) -> Option | None:
    """The option of a row; None where its open interest or its forward is not told."""
    match = _NAME.fullmatch(str(row["instrument_name"]))
    if match is None or match[1] != currency:
        raise changed(payload, f"holds {str(row['instrument_name'])[:40]!r}, which names no option on {currency}")
    held, volume, forward, volatility = (
        number_of(payload, row[name]) for name in ("open_interest", "volume", "underlying_price", "mark_iv")
    )
    if held is None or not forward:
        return None
    if held < 0 or forward < 0 or (volume or 0.0) < 0:
        raise changed(payload, f"holds a negative number of {match[0]}")
    try:
        month = MONTHS.index(match[3]) + 1
        expiry = datetime(2000 + int(match[4]), month, int(match[2]), EXPIRES_AT, tzinfo=UTC)
    except ValueError as error:
        raise changed(payload, f"holds {match[0]!r}, whose day does not exist") from error
    return Option(
        expiry=expiry,
        strike=float(match[5]),
        call=match[6] == "C",
        forward=forward,
        open_interest=held,
        volume=volume or 0.0,
        volatility=volatility or None,
    )
