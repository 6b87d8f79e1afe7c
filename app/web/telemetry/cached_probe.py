"""A question to the database that many may ask, and that nobody waits for too long.

It is asked in a thread of its own: where the database hangs, the pages' threads may all be waiting
for it, and then it is most wanted to say so.
"""

from __future__ import annotations

import asyncio
from asyncio import wait, wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Generic, TypeVar

from app.errors import DatabaseGone

T = TypeVar("T")

# Probes and scrapers give up after 5 to 10 s; a database that is well answers in milliseconds.
PATIENCE_SECONDS = 2.0


class CachedProbe(Generic[T]):
    """The last answer, asked for anew when it is older than `seconds`."""

    def __init__(
        self, ask: Callable[[], T], seconds: float, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._ask, self._seconds, self._patience = ask, seconds, patience
        self._thread = ThreadPoolExecutor(1, "microscope-watch")
        self._future: Future[T] | None = None
        self._answered = 0.0

    async def look(self) -> T:
        """The answer.

        Raises what asking raised, and `DatabaseGone` where there is no answer in time; the question
        stays asked, and whoever looks next waits for the same answer.
        """
        future = self._future
        if future is None or (future.done() and monotonic() - self._answered > self._seconds):
            future = self._future = self._thread.submit(self._answer)
        if not future.done():
            # Unlike `wait_for` this takes nothing back, so that others go on waiting.
            waited = wrap_future(future)
            waited.add_done_callback(_see)
            await wait([waited], timeout=self._patience)
        if not future.done():
            raise DatabaseGone(f"The database did not answer within {self._patience:g} seconds.")
        return future.result()

    def _answer(self) -> T:
        try:
            return self._ask()
        finally:
            self._answered = monotonic()


def _see(waited: asyncio.Future[T]) -> None:
    """Its error is raised from what it waits for; unseen, asyncio would log it as forgotten."""
    if not waited.cancelled():
        waited.exception()
