"""Progress on standard error, drawn by Rich.

Bars are drawn on a terminal alone. A run of hours also reports elsewhere, in lines for a log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.text import duration

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for the steps of a command, removed at the end.

    It is updated by the step, how much of it is done, and its total; a total of 0 is unknown.
    """
    text = TextColumn("{task.description:<28}")
    with _bars(console, text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
        bar = bars.add_task("", total=None, visible=False)

        def report(step: str, done: int, total: int) -> None:
            bars.update(bar, description=step, completed=done, total=total or None, visible=True)

        yield report


@contextmanager
def download_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar for a download, removed at the end; it is updated by bytes, of how many."""
    with _bars(None, BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bars:
        bar = bars.add_task("", total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total or None)


def _bars(console: Console | None, *columns: ProgressColumn) -> Progress:
    console = console or Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def run_reporter(console: Console | None = None) -> Iterator[BarReporter | LineReporter]:
    """Reports the stages of a run: a bar for each on a terminal, else lines."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield LineReporter(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, _Rate(), TimeRemainingColumn(), console=console) as bars:
        yield BarReporter(bars)


class BarReporter:
    """A bar for each stage: done, total, rate, time left."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._bar = bars.add_task("", visible=False)

    def begin(self, stage: str, total: int) -> None:
        self._bars.stop_task(self._bar)
        self._bar = self._bars.add_task(stage, total=total)

    def update(self, done: float) -> None:
        self._bars.update(self._bar, completed=done)

    def message(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)


class LineReporter:
    """A line when a stage begins and ends, and every few seconds in between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage, self._total = "", 0
        self._begun = self._last = 0.0

    def begin(self, stage: str, total: int) -> None:
        self._stage, self._total = stage, total
        self._begun = self._last = time.monotonic()
        self.message(f"{stage}: {total:,} to do")

    def update(self, done: float) -> None:
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES and done < self._total:
            return
        self._last = now
        rate = done / max(now - self._begun, 1e-9)
        left = duration((self._total - done) / rate if rate else 0.0)
        self.message(f"{self._stage}: {int(done):,} of {self._total:,}, {rate:.2f}/s, {left} left")

    def message(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:.2f}/s" if rate else "", style="dim")
