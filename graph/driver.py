"""The Neo4j driver, loaded in half a second instead of two.

The driver imports pandas where it is installed, only to accept its types as parameters. We pass it none, and pandas is
there for the exchange calendars alone: it is hidden while the driver loads.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # documented: an import of it then fails
    try:
        yield
    finally:
        del sys.modules[name]


with _hidden("pandas"):
    import neo4j
    from neo4j import exceptions as driver_errors

__all__ = ["driver_errors", "neo4j"]
