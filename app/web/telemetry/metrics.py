"""Prometheus metrics: one registry per application, or shared values with several workers.

Requests are labeled with route templates, and unknown paths with one label, so the number of series
is bounded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from app import __version__
from app.db.engine import REVISION
from app.db.run_request import ABANDONED
from app.db.transactions import QueryStats, pool_state
from app.db.views import RunView

# Seconds. Images take half a millisecond, pages 5 to 60; after 5 s a reader has left.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

QUERY_SECONDS = "Time with a database connection, or waiting for one."

# Values of `RunView.state_at`.
RUN_STATES = ("running", "stale", "finished", "failed", "interrupted", ABANDONED)

# prometheus_client's own variable: the folder in which workers share their values.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

Labels = TypeVar("Labels", bound=tuple[str, ...])

disable_created_metrics()  # type: ignore[no-untyped-call]


@contextmanager
def multiprocess_folder() -> Iterator[None]:
    """Share metrics among the worker processes that start inside of this context.

    prometheus_client reads the variable when it is imported: workers must be spawned, not forked.
    """
    with TemporaryDirectory(prefix="microscope-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


class Metrics:
    """The metrics of one application, or of all workers; queries for images have one route."""

    def __init__(self, engine: Engine, image_route: str) -> None:
        self.image_route = image_route
        self.database = DatabaseCollector(engine)
        self._folder = os.environ.get(FOLDER)
        self._registry = CollectorRegistry()
        self._registry.register(self.database)
        self._register_process()
        # The values of workers are read from their files by one collector.
        registry = None if self._folder else self._registry

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"microscope_{name}", text, labels, registry=registry)

        self.requests = counter("requests", "Answered requests.", "route", "method", "status")
        self.bytes = counter("response_bytes", "Bytes of response bodies, as sent.", "route")
        self.queries = counter("database_queries", "Database queries.", "route")
        self.query_seconds = counter("database_seconds", QUERY_SECONDS, "route")
        self._exceptions = counter("exceptions", "Errors of the server.", "exception")
        self._shared = counter("pictures_shared", "Images that were read with others.")
        self.seconds = Histogram(
            "microscope_request_seconds",
            "Time from a request until its response was sent.",
            ("route",),
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "microscope_requests_in_flight",
            "Requests that are being answered.",
            multiprocess_mode="livesum",
            registry=registry,
        )

    def _register_process(self) -> None:
        build = Info("microscope_build", "The running program.", registry=self._registry)
        build.info({"version": __version__, "schema": REVISION})
        PlatformCollector(registry=self._registry)
        if self._folder:
            MultiProcessCollector(self._registry, self._folder)  # type: ignore[no-untyped-call]
            Path(self._folder, f"{os.getpid()}.pid").touch()
        else:  # with workers they would describe the one that answers
            ProcessCollector(registry=self._registry)
            GCCollector(registry=self._registry)

    def record_image_query(self, requests: int, seconds: float) -> None:
        """Count one query that read the images of this many requests."""
        self.record_queries(self.image_route, QueryStats(1, seconds))
        if requests > 1:
            self._shared.inc(requests)

    def record_queries(self, route: str, stats: QueryStats) -> None:
        self.queries.labels(route).inc(stats.queries)
        self.query_seconds.labels(route).inc(stats.seconds)

    def record_failure(self, error: Exception) -> None:
        """Count an error of the server by its class."""
        self._exceptions.labels(type(error).__name__).inc()

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        if self._folder:
            _forget_dead_workers(self._folder)
        return generate_latest(self._registry)


def _forget_dead_workers(folder: str) -> None:
    """Remove the gauges of workers that were killed; what they counted stays in the sums."""
    for file in Path(folder).glob("*.pid"):
        try:
            os.kill(int(file.stem), 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker does it
                file.unlink()
                mark_process_dead(file.stem, folder)  # type: ignore[no-untyped-call]


class DatabaseCollector(Collector):
    """The database's availability, connection pool and runs.

    Attributes:
        runs: read before a scrape, not during it; None where the database did not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.runs: Sequence[RunView] | None = None

    def collect(self) -> Iterator[Metric]:
        """The metrics now, for the registry."""
        is_up = {(): self.runs is not None}
        yield _gauge("database_up", "Whether the database answers, 1 or 0.", is_up)
        pool = pool_state(self._engine)
        by_state = {("in_use",): pool.in_use, ("idle",): pool.idle}
        yield _gauge("database_connections", "Open database connections.", by_state, "state")
        yield _gauge("database_connections_limit", "The most connections.", {(): pool.limit})
        yield from _run_metrics(self.runs or (), datetime.now(UTC))


def _run_metrics(runs: Sequence[RunView], now: datetime) -> Iterator[Metric]:
    """Of each model the current run, or the last one."""
    states = {
        (run.model, state): state == run.state_at(now)
        for run in runs
        for state in (*RUN_STATES, run.state_at(now))
    }
    done = {(run.model, run.stage): run.done for run in runs}
    total = {(run.model, run.stage): run.total for run in runs}
    started = {(run.model,): run.started.timestamp() for run in runs}
    age = {(run.model,): run.silence(now) for run in runs if run.state == "running"}
    skipped = {(run.model,): len(run.skipped) for run in runs}
    yield _gauge("run_state", "1 for the run's state, 0 for others.", states, "model", "state")
    yield _gauge("run_done", "Progress in the current or last stage.", done, "model", "stage")
    yield _gauge("run_wanted", "The total of that stage.", total, "model", "stage")
    yield _gauge("run_started_timestamp_seconds", "Start of the run, Unix time.", started, "model")
    yield _gauge("run_heartbeat_age_seconds", "Time since the last heartbeat.", age, "model")
    yield _gauge("run_skipped_images", "Images that could not be read.", skipped, "model")


def _gauge(name: str, text: str, values: Mapping[Labels, float], *labels: str) -> GaugeMetricFamily:
    """A gauge's values by its labels."""
    family = GaugeMetricFamily(f"microscope_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
