"""An answer that somebody waits for, which can be given up as long as it has no thread yet.

Pages wait for one of a few threads. A crowd that leaves would else leave its work behind, which
whoever comes next had to wait for. What has a thread already is finished: its thread would go on.
"""

from __future__ import annotations

from asyncio import CancelledError, Task, current_task
from collections.abc import Callable
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Receive, Scope, Send


class Attended:
    """The answers on one connection, one after the other; `cut` ends the connection where one is
    cancelled from elsewhere."""

    def __init__(self, app: ASGIApp, cut: Callable[[], None]) -> None:
        self.app, self.cut = app, cut
        self._task: Task[Any] | None = None
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._task = current_task()
        if self._threads is None:
            self._threads = to_thread.current_default_thread_limiter()
        try:
            await self.app(scope, receive, send)
        except CancelledError:
            # Nobody waits any more, or the server stops and has waited long enough.
            self.cut()

    def give_up(self) -> None:
        """Nobody waits any more."""
        if self._task is None or self._threads is None or self._task.done():
            return
        if self._task not in self._threads.statistics().borrowers:
            self._task.cancel()
