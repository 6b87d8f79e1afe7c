"""What a person sees while a database is copied, checked or backed up: one line on stderr."""

from __future__ import annotations

from rich.console import Console

from app.cli.progress import Lines


class Keeping(Lines):
    """A line that says what is done now; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        super().__init__(Console(stderr=True), width=28)
        self._task = self._progress.add_task("", total=None)

    def told(self, what: str, done: int, total: int) -> None:
        """What is done now, how much of it is done, and of how much; 0 where it is not known."""
        self._progress.update(self._task, description=what, completed=done, total=total or None)
