"""What a server says of when to ask again (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(text: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After field, which may be a number or a date; None where it is neither.

    A server whose clock differs from ours may name a date that has passed here: that is no wait.
    """
    if text is None:
        return None
    if text.isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
