"""The Neo4j driver, loaded in half a second instead of two, and its errors as the graph's own.

The driver imports pandas where it is installed, only to accept its types as parameters. We pass it none, and pandas is
there for the exchange calendars alone: it is hidden while the driver loads.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, QueryOverBudgetError, QueryRefusedError


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

__all__ = ["LOST", "OURS", "driver_errors", "neo4j", "opened_driver", "translated", "translating"]

LOST = (driver_errors.ServiceUnavailable, driver_errors.SessionExpired)
OURS: Mapping[str, Any] = {
    "notifications_min_severity": neo4j.NotificationMinimumSeverity.OFF,
    "warn_notification_severity": neo4j.NotificationMinimumSeverity.OFF,
    "telemetry_disabled": True,
}
_NO_DATABASE = ("Neo.ClientError.Database.DatabaseNotFound", "Neo.TransientError.Database.DatabaseUnavailable")


def opened_driver(endpoint: Endpoint, user_agent: str, *, pool: int, seconds: float, alive: float) -> neo4j.AsyncDriver:
    """A driver of an endpoint with at most `pool` connections, each of which has `seconds` to come about.

    A connection that was idle for `alive` seconds is asked whether it still lives before it is used.
    """
    return neo4j.AsyncGraphDatabase.driver(
        endpoint.url,
        auth=(endpoint.user, endpoint.password),
        max_connection_pool_size=pool,
        connection_acquisition_timeout=seconds,
        connection_timeout=seconds,
        liveness_check_timeout=alive,
        user_agent=user_agent,
        **OURS,
    )


@asynccontextmanager
async def translated(endpoint: Endpoint) -> AsyncIterator[None]:
    """The driver's errors as the graph's own."""
    with translating(endpoint):
        yield


@contextmanager
def translating(endpoint: Endpoint) -> Iterator[None]:
    """The same, where nothing is awaited."""
    try:
        yield
    except TimeoutError as error:
        raise QueryOverBudgetError("the read took too long and was given up") from error
    except (*LOST, driver_errors.AuthError, OSError) as error:
        raise GraphUnavailableError(f"no graph at {endpoint.url} for {endpoint.user}: {error}") from error
    except driver_errors.Neo4jError as error:
        code = error.code or ""
        if code.startswith("Neo.ClientError.Security.Authentication"):  # too many wrong passwords just now
            raise GraphUnavailableError(f"{endpoint.url} refuses {endpoint.user}: {error.message}") from error
        if code in _NO_DATABASE:
            raise GraphUnavailableError(f"{endpoint.url} has no database {endpoint.database}") from error
        if "TransactionTimedOut" in code or "Terminated" in code or "MemoryPool" in code or "OutOfMemory" in code:
            raise QueryOverBudgetError(f"the server ended the statement: {error.message}") from error
        if code.startswith("Neo.ClientError"):
            raise QueryRefusedError(str(error.message)) from error
        raise GraphUnavailableError(f"{endpoint.url} failed: {error.message}") from error
    except driver_errors.DriverError as error:
        raise GraphUnavailableError(f"no answer from {endpoint.url}: {error}") from error
