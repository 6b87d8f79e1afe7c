"""All that one application knows of how it does: its metrics, and the pulse of its database."""

from __future__ import annotations

from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor

from prometheus_client import generate_latest
from sqlalchemy import Engine

from app.db.engine import require_revision
from app.db.queries.run_status import last_runs
from app.errors import MicroscopeError
from app.web.telemetry.cached_probe import CachedProbe
from app.web.telemetry.metrics import Metrics

# Balancers ask every second or so, each of them; scrapers every 15 s, and there may be several.
READY_SECONDS = 1.0
RUNS_SECONDS = 5.0


class Telemetry:
    """One for each application."""

    def __init__(self, engine: Engine, route_of_pictures: str) -> None:
        self.metrics = Metrics(engine)
        self.in_flight = 0
        """Requests that are being answered; for the event loop alone."""
        self.metrics.in_flight.set_function(lambda: self.in_flight)
        self._pictures = self.metrics.requests.of(route_of_pictures)
        self._ready = CachedProbe(lambda: require_revision(engine), READY_SECONDS)
        self._runs = CachedProbe(lambda: last_runs(engine), RUNS_SECONDS)
        self._writer = ThreadPoolExecutor(1, "microscope-metrics")

    def fetched(self, requests: int, seconds: float) -> None:
        """Note a query for pictures that so many requests waited for."""
        self._pictures.ask(1, seconds)
        if requests > 1:
            self.metrics.shared.inc(requests)

    def failed(self, error: Exception) -> None:
        """Note what went wrong on our side."""
        self.metrics.exceptions.labels(type(error).__name__).inc()

    async def ready(self) -> None:
        """Raises `StoreError` where the database does not answer, or has another schema."""
        await self._ready.look()

    async def scrape(self) -> bytes:
        """Everything in Prometheus' text format; it answers whatever the database does."""
        try:
            self.metrics.database.runs = await self._runs.look()
        except MicroscopeError:
            self.metrics.database.runs = None
        registry = self.metrics.registry
        return await get_running_loop().run_in_executor(self._writer, generate_latest, registry)
