"""One application's metrics, and its cached probes of the database."""

from __future__ import annotations

from asyncio import get_running_loop, wait, wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Generic, TypeVar

from sqlalchemy import Engine

from app.db.engine import require_revision
from app.db.queries.run_status import last_runs
from app.errors import DatabaseGone, MicroscopeError
from app.web.telemetry.metrics import Metrics

T = TypeVar("T")

# Probes and scrapers give up after 5 to 10 s; a working database answers in milliseconds.
TIMEOUT_SECONDS = 2.0

# Load balancers probe every second or so, each of them; Prometheus scrapes every 15 s.
READY_TTL_SECONDS = 1.0
RUNS_TTL_SECONDS = 5.0


class CachedProbe(Generic[T]):
    """A database read with a time to live and a timeout, shared by its callers.

    It has a thread of its own: when the database hangs, all others may be waiting for it.
    """

    def __init__(self, read: Callable[[], T], ttl: float, timeout: float = TIMEOUT_SECONDS) -> None:
        self._read, self._ttl, self._timeout = read, ttl, timeout
        self._thread = ThreadPoolExecutor(1, "microscope-probe")
        self._future: Future[T] | None = None
        self._finished = 0.0

    async def get(self) -> T:
        """The result, or the error that reading raised.

        Raises `DatabaseGone` after the timeout; reading goes on, and later callers wait for it.
        """
        future = self._future
        if future is None or (future.done() and monotonic() - self._finished > self._ttl):
            future = self._future = self._thread.submit(self._run)
        if not future.done():
            waiting = wrap_future(future)
            # Else asyncio would log an error after the timeout as never retrieved.
            waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
            await wait([waiting], timeout=self._timeout)  # `wait_for` would cancel the read
        if not future.done():
            raise DatabaseGone(f"The database did not answer within {self._timeout:g} seconds.")
        return future.result()

    def _run(self) -> T:
        try:
            return self._read()
        finally:
            self._finished = monotonic()


class Telemetry:
    """Metrics and probes of one application."""

    def __init__(self, engine: Engine, image_route: str) -> None:
        self.metrics = Metrics(engine, image_route)
        self._ready = CachedProbe(lambda: require_revision(engine), READY_TTL_SECONDS)
        self._runs = CachedProbe(lambda: last_runs(engine), RUNS_TTL_SECONDS)
        self._thread = ThreadPoolExecutor(1, "microscope-metrics")

    async def ready(self) -> None:
        """Raises `StoreError` where the database does not answer, or has another schema."""
        await self._ready.get()

    async def scrape(self) -> bytes:
        """All metrics in Prometheus' text format, with or without the database."""
        try:
            self.metrics.database.runs = await self._runs.get()
        except MicroscopeError:
            self.metrics.database.runs = None
        return await get_running_loop().run_in_executor(self._thread, self.metrics.render)
