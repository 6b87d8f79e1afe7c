"""What is told to Prometheus: one registry for each application, so that two share nothing.

Routes are told by the templates of their addresses, and what is unknown has one name: the number
of series is bounded whatever is asked for.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client import GCCollector as GarbageCollector
from sqlalchemy import Engine

from app import __version__
from app.db.engine import REVISION
from app.web.telemetry.database_collector import DatabaseCollector
from app.web.telemetry.series import Requests


class Metrics:
    """The registry, and what is in it."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self.requests = Requests()
        self.database = DatabaseCollector(engine)
        self.registry.register(self.requests)
        self.registry.register(self.database)
        self.in_flight = self._gauge("requests_in_flight", "Requests that are being answered.")
        self.exceptions = Counter(
            "microscope_exceptions",
            "What went wrong on the server's side.",
            ("exception",),
            registry=self.registry,
        )
        self.shared = Counter(
            "microscope_pictures_shared",
            "Pictures that were asked of the database together with others.",
            registry=self.registry,
        )
        self._process()

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"microscope_{name}", text, registry=self.registry)

    def _process(self) -> None:
        for collector in (ProcessCollector, PlatformCollector, GarbageCollector):
            collector(registry=self.registry)
        build = Info("microscope_build", "The program that runs.", registry=self.registry)
        build.info({"version": __version__, "schema": REVISION})
