"""Pictures by hash: read at once where that takes no waiting (`app.db.nearby`), else together.

Handing work to a thread and back costs more than reading a picture does, and threads that want
the interpreter at once stand in each other's way. So where the database must be waited for, one
thread asks it; what is requested meanwhile is its next query, and a request that comes alone does
not wait. Nothing is kept: a picture that is hidden is gone at once, and asking again costs less
than remembering.
"""

from __future__ import annotations

from asyncio import Future, Task, create_task, get_running_loop
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from sqlalchemy import Engine

from app.db.nearby import NotNow, nearby
from app.db.queries import images
from app.db.query_stats import spend
from app.db.views import StoredImage

# Enough to spread a query's costs thinly; of pictures of 20 KB, two thirds of a megabyte.
AT_ONCE = 32

Answer = Future[StoredImage | None]


class ImageLoader:
    """Fetches pictures by hash; for one event loop.

    `fetched` is told of each query how many requests waited for it, and its seconds.
    """

    def __init__(self, engine: Engine, fetched: Callable[[int, float], None]) -> None:
        self._engine, self._fetched = engine, fetched
        self._nearby = nearby(engine)
        self._waiting: deque[tuple[str, Answer]] = deque()
        self._work: Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "microscope-pictures")

    async def fetch(self, sha256: str) -> StoredImage | None:
        """The picture with this hash, if it is stored and not hidden.

        Raises `StoreError` where the database does not answer.
        """
        began = perf_counter()
        try:
            if self._nearby is None:
                return await self._wait(sha256)
            picture = self._nearby.picture(sha256)
            self._fetched(1, perf_counter() - began)
            return picture
        except NotNow:
            return await self._wait(sha256)
        finally:
            spend(perf_counter() - began, queries=1)

    async def _wait(self, sha256: str) -> StoredImage | None:
        answer: Answer = get_running_loop().create_future()
        self._waiting.append((sha256, answer))
        if self._work is None:
            self._work = create_task(self._fetch_all())
        return await answer

    async def _fetch_all(self) -> None:
        """One query after the other, as long as anybody waits."""
        try:
            while self._waiting:
                count = min(len(self._waiting), AT_ONCE)
                await self._fetch([self._waiting.popleft() for _ in range(count)])
        finally:
            self._work = None

    async def _fetch(self, batch: list[tuple[str, Answer]]) -> None:
        hashes = list({sha256 for sha256, _ in batch})
        work, began = get_running_loop().run_in_executor, perf_counter()
        try:
            found = await work(self._thread, self._ask, hashes)
        except Exception as error:
            for _, answer in _still_awaited(batch):
                answer.set_exception(error)
        else:
            for sha256, answer in _still_awaited(batch):
                answer.set_result(found.get(sha256))
        self._fetched(len(batch), perf_counter() - began)

    def _ask(self, hashes: list[str]) -> dict[str, StoredImage]:
        """In the thread."""
        found = images.pictures(self._engine, hashes)
        if self._nearby is not None:
            self._nearby.open()
        return found


def _still_awaited(batch: list[tuple[str, Answer]]) -> list[tuple[str, Answer]]:
    """Without those whose request was given up meanwhile."""
    return [(sha256, answer) for sha256, answer in batch if not answer.done()]
