"""Progress bars on stderr, shown only on a terminal and removed when they end."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class ProgressBars:
    """A bar for each thing that goes on, named by its description.

    Args:
        width: characters for the description.
    """

    def __init__(self, console: Console | None = None, width: int = 28) -> None:
        console = console or Console(stderr=True)
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn(f"{{task.description:<{width}}}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, key: str, done: int, total: int = 0, description: str = "") -> None:
        """How far the bar `key` is; a total of 0 is unknown."""
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(description or key, total=None)
        self._progress.update(
            self._tasks[key],
            completed=done,
            total=total or None,
            description=description or key,
        )


class ProgressBar(ProgressBars):
    """One bar whose description changes."""

    def report(self, what: str, done: int, total: int) -> None:
        """What goes on now, how much of it is done, and of how much; 0 is unknown."""
        self.update("", done, total, what)
