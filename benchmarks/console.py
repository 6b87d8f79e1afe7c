"""Shared by the benchmarks: print a line at once, format a table, time a function."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence


def echo(text: str) -> None:
    """Print a line and flush: the next one may take minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(row)} |"


def timed(job: Callable[[], object]) -> float:
    """The seconds that a function takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start
