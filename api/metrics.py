"""What the service counts of itself, for Prometheus: requests, durations, what is being served, verdicts of queries.

Each application has a registry of its own. Where several workers serve, prometheus-client keeps their values in files
of one folder (`PROMETHEUS_MULTIPROC_DIR`, set by the command), and whichever worker is asked answers for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import Scope

from api.settings import is_told

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
UNMATCHED = "unmatched"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
Pool = Callable[[], dict[str, float]]


@dataclass(frozen=True, slots=True)
class _Pools(Collector):
    """Asks when it is asked: sessions of a pool, lines lost by the audit."""

    name: str
    text: str
    label: str
    read: Pool

    def collect(self) -> Iterable[Metric]:
        """One value for each label."""
        family = GaugeMetricFamily(self.name, self.text, labels=[self.label])
        for label, value in self.read().items():
            family.add_metric([label], value)
        yield family


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._many = is_told(FOLDER_VARIABLE)
        own = self._registry = CollectorRegistry()
        route = ("method", "route", "status")
        self._requests = Counter("whymove_requests", "Requests by route and class of status", route, registry=own)
        self._seconds = Histogram(
            "whymove_request_seconds", "Duration of requests", ("route",), buckets=_BUCKETS, registry=own
        )
        self.running = Gauge(
            "whymove_requests_running", "Requests being served", registry=own, multiprocess_mode="livesum"
        )
        self._queries = Counter("whymove_queries", "Analysts' queries by verdict", ("way", "verdict"), registry=own)
        self._refused = Counter("whymove_refused", "Requests refused before their route", ("why",), registry=own)
        self._watched: list[_Pools] = []
        self._of_routes: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def served(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that has been served."""
        of_what = (_method(scope["method"]), route_of(scope), status // 100)
        found = self._of_routes.get(of_what)
        if found is None:
            found = self._of_routes[of_what] = self._of_route(*of_what)
        found[0].inc()
        found[1].observe(seconds)

    def _of_route(self, method: str, route: str, hundreds: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, f"{hundreds}xx"), self._seconds.labels(route)

    def asked(self, way: str, verdict: str) -> None:
        """Count a query of an analyst."""
        self._queries.labels(way, verdict).inc()

    def refused(self, why: str) -> None:
        """Count a request that no route saw."""
        self._refused.labels(why).inc()

    def watch(self, name: str, text: str, label: str, read: Pool) -> None:
        """Ask `read` for values whenever this worker is asked; they are those of this worker alone."""
        pools = _Pools(name, text, label, read)
        self._watched.append(pools)
        self._registry.register(pools)

    def text(self) -> bytes:
        """Everything in Prometheus' text format; of all workers where there are several."""
        if not self._many:
            return generate_latest(self._registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]  # the library types part of itself
        for asked in self._watched:
            whole.register(asked)
        return generate_latest(whole)


def route_of(scope: Scope) -> str:
    """The template of the route that was matched, so that ids make no label of their own."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return path if isinstance(path, str) else UNMATCHED


def _method(method: str) -> str:
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
