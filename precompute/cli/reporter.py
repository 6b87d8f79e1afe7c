"""Progress for the person who waits: a bar where there is a terminal, else plain lines."""

from __future__ import annotations

import logging
import time
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

log = logging.getLogger(__name__)

# Plain lines are for logs: often enough to see that it lives, seldom enough to be read.
PLAIN_SECONDS = 10.0


class Reporter(Protocol):
    """Told of every stage, how far it is, and what is worth a sentence."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""
        ...

    def reach(self, done: float) -> None:
        """The stage is this far, of its total."""
        ...

    def say(self, sentence: str) -> None:
        """Something that the person should know."""
        ...


class Silent:
    """Reports to nobody."""

    def stage(self, name: str, total: int) -> None:
        """Nothing."""

    def reach(self, done: float) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """Nothing."""


class Terminal:
    """A bar per stage: done, total, rate, time left. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        self._progress.stop_task(self._task)
        self._task = self._progress.add_task(name, total=total)

    def reach(self, done: float) -> None:
        self._progress.update(self._task, completed=done)

    def say(self, sentence: str) -> None:
        self._progress.console.print(sentence, markup=False, highlight=False)


class Plain:
    """A line when a stage begins and ends, and every few seconds between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._name, self._total = "", 0
        self._begun = self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def stage(self, name: str, total: int) -> None:
        self._name, self._total = name, total
        self._begun = self._last = time.monotonic()
        self.say(f"{name}: {total:,} to do")

    def reach(self, done: float) -> None:
        now = time.monotonic()
        if now - self._last < PLAIN_SECONDS and done < self._total:
            return
        self._last = now
        rate = done / max(now - self._begun, 1e-9)
        left = (self._total - done) / rate if rate else 0.0
        self.say(
            f"{self._name}: {int(done):,} of {self._total:,}, {rate:.2f}/s, {duration(left)} left"
        )

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def reporter() -> Terminal | Plain:
    """The reporter that suits standard error."""
    console = Console(stderr=True)
    return Terminal(console) if console.is_terminal else Plain(console)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:.2f}/s" if rate else "", style="dim")


def duration(seconds: float) -> str:
    """`95` → `"1 min 35 s"`: as a person says it."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
