"""A bar of one or more lines on stderr while something goes on; nothing where nobody looks.

What is told with it is decided by who uses it: `keep_progress`, `export/progress`.
"""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Lines:
    """Lines that say what is done, how much of it, and since when; gone when it ends."""

    def __init__(self, console: Console, width: int) -> None:
        """On this console if it is a terminal; `width` characters for what is done."""
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
