"""What a person sees of an export while it goes on."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Telling:
    """A line for each walk; how many addresses there are becomes known by asking for them."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:<20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        )
        self._tasks = {
            name: self._progress.add_task(name, total=None, visible=False)
            for name in ("Asking", "Writing", "Rows")
        }

    def __enter__(self) -> Telling:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def asked(self, done: int, known: int) -> None:
        """Addresses that were asked for, of those that are known so far."""
        self._tell("Asking", done, known)

    def written(self, done: int, total: int) -> None:
        """Texts that were rewritten."""
        self._tell("Writing", done, total)

    def rows(self, table: str, done: int) -> None:
        """Rows of a table that were written."""
        self._progress.update(
            self._tasks["Rows"], completed=done, visible=True, description=f"Rows of {table}"
        )

    def _tell(self, name: str, done: int, total: int) -> None:
        self._progress.update(self._tasks[name], completed=done, total=total, visible=True)
