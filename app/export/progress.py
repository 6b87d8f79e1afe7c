"""What a person sees of an export while it goes on."""

from __future__ import annotations

from rich.console import Console

from app.cli.progress import Lines


class Telling(Lines):
    """A line for each walk; how many addresses there are becomes known by asking for them."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, width=20)
        self._tasks = {
            name: self._progress.add_task(name, total=None, visible=False)
            for name in ("Asking", "Writing", "Rows")
        }

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
