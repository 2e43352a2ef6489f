"""How long the parts of a request took, for `Server-Timing`: told where the work is done, read where it is answered.

It lies in a context variable, as the use cases know nothing of requests; without a request nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PARTS: ContextVar[dict[str, float] | None] = ContextVar("parts", default=None)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Count the time within as that of a part of the request; `name` is a token such as `gather`."""
    kept = PARTS.get()
    began = time.perf_counter()
    try:
        yield
    finally:
        if kept is not None:
            kept[name] = kept.get(name, 0.0) + (time.perf_counter() - began) * 1000.0


def count_part(name: str, ms: float) -> None:
    """Count milliseconds that somebody else measured as those of a part of the request."""
    kept = PARTS.get()
    if kept is not None:
        kept[name] = kept.get(name, 0.0) + ms


def field_of(parts: dict[str, float], total: float) -> bytes:
    """The value of `Server-Timing`: every part and the whole, in milliseconds."""
    told = [*parts.items(), ("total", total)]
    return b", ".join(b"%s;dur=%.1f" % (name.encode(), ms) for name, ms in told)
