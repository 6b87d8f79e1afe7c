"""Requests, counted in plain numbers, and told to Prometheus when it asks.

prometheus_client's own counters take a lock each: counting a picture with them took 5 µs, a
twentieth of what the picture takes. Here all is written by the event loop alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OTHER = "other"

# Seconds. Pictures take half a millisecond, pages 5 to 60; beyond 5 s a reader has left.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
EDGES = (*map(floatToGoString, BUCKETS), "+Inf")

Kind = tuple[str, int]
"""A method, or `other`, and a class of status, 1 to 5."""


class Series:
    """What is counted of one route."""

    __slots__ = ("buckets", "bytes", "database_seconds", "kinds", "queries", "seconds")

    def __init__(self) -> None:
        self.kinds: dict[Kind, int] = {}
        self.buckets = [0] * len(EDGES)
        self.seconds = self.database_seconds = 0.0
        self.bytes = self.queries = 0

    def add(self, method: str, status: int, seconds: float, size: int) -> None:
        """Count one request and its answer."""
        kind = (method if method in METHODS else OTHER, status // 100)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds
        self.bytes += size

    def ask(self, queries: int, seconds: float) -> None:
        """Count queries, and the time that they took."""
        self.queries += queries
        self.database_seconds += seconds


class Requests(Collector):
    """The series of all routes; there are as many as routes, whatever is asked for."""

    def __init__(self) -> None:
        self._routes: dict[str, Series] = {}

    def of(self, route: str) -> Series:
        """The series of one route."""
        found = self._routes.get(route)
        if found is None:
            found = self._routes[route] = Series()
        return found

    def collect(self) -> Iterator[Metric]:
        """One round of metrics, for the registry; requests go on being counted meanwhile."""
        routes = dict(self._routes)
        yield _requests(routes)
        yield _seconds(routes)
        sums = {
            "response_bytes": ("Bytes of bodies, as they are sent.", "bytes"),
            "database_seconds": (DATABASE_SECONDS, "database_seconds"),
            "database_queries": ("Queries to the database.", "queries"),
        }
        for name, (text, field) in sums.items():
            family = CounterMetricFamily(f"microscope_{name}", text, labels=("route",))
            for route, series in routes.items():
                family.add_metric((route,), getattr(series, field))
            yield family


DATABASE_SECONDS = "Holding a connection of the database, or waiting for one."


def _requests(routes: dict[str, Series]) -> Metric:
    labels = ("route", "method", "status")
    family = CounterMetricFamily("microscope_requests", "Requests, answered.", labels=labels)
    for route, series in routes.items():
        for (method, hundreds), count in dict(series.kinds).items():
            family.add_metric((route, method, f"{hundreds}xx"), count)
    return family


def _seconds(routes: dict[str, Series]) -> Metric:
    text = "From a request until its answer was sent."
    family = HistogramMetricFamily("microscope_request_seconds", text, labels=("route",))
    for route, series in routes.items():
        sums = accumulate(list(series.buckets))
        family.add_metric((route,), list(zip(EDGES, sums, strict=True)), series.seconds)
    return family
