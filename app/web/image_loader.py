"""Loads images by hash, many requests with one query.

Handing work to a thread and back costs more than reading an image does. So one thread reads, and
what is requested meanwhile is its next query; a request that comes alone does not wait. Nothing is
cached: a hidden image is gone at once.
"""

from __future__ import annotations

from asyncio import Future, Task, create_task, get_running_loop
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from sqlalchemy import Engine

from app.db.queries import images
from app.db.transactions import record_query_time
from app.db.views import StoredImage

# Enough to spread a query's costs; of images of 20 KB, two thirds of a megabyte.
BATCH = 32

Answer = Future[StoredImage | None]


class ImageLoader:
    """Loads images by hash; for one event loop.

    `fetched` is called after each query with the number of requests that waited and the seconds.
    """

    def __init__(self, engine: Engine, fetched: Callable[[int, float], None]) -> None:
        self._engine, self._fetched = engine, fetched
        self._waiting: deque[tuple[str, Answer]] = deque()
        self._work: Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "microscope-images")

    async def load(self, sha256: str) -> StoredImage | None:
        """The image with this hash, if it is stored and not hidden.

        Raises `StoreError` where the database does not answer.
        """
        began = perf_counter()
        answer: Answer = get_running_loop().create_future()
        self._waiting.append((sha256, answer))
        if self._work is None:
            self._work = create_task(self._load_all())
        try:
            return await answer
        finally:
            record_query_time(perf_counter() - began, queries=1)

    async def _load_all(self) -> None:
        """One query after the other, as long as a request waits."""
        try:
            while self._waiting:
                count = min(len(self._waiting), BATCH)
                await self._load_batch([self._waiting.popleft() for _ in range(count)])
        finally:
            self._work = None

    async def _load_batch(self, batch: list[tuple[str, Answer]]) -> None:
        hashes = list({sha256 for sha256, _ in batch})
        began = perf_counter()
        read = get_running_loop().run_in_executor
        try:
            stored = await read(self._thread, images.stored_images, self._engine, hashes)
        except Exception as error:
            for _, answer in _pending(batch):
                answer.set_exception(error)
        else:
            for sha256, answer in _pending(batch):
                answer.set_result(stored.get(sha256))
        self._fetched(len(batch), perf_counter() - began)


def _pending(batch: list[tuple[str, Answer]]) -> list[tuple[str, Answer]]:
    """Without those whose request was cancelled meanwhile."""
    return [(sha256, answer) for sha256, answer in batch if not answer.done()]
