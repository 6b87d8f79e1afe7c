"""Ctrl-C, and a polite kill alike: the first ends a run in order, the second at once.

In order means that the batch that is being computed is dropped or finished, that the run is noted
as interrupted, and that every thread has ended before the interpreter does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from app.cli.main import INTERRUPTED


class Interruptions:
    """Counts how often somebody wanted the end; a handler of signals."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM end a run so that it is noted and can go on, and says so.

    After a second one nothing more is waited for: the process ends here, since an interpreter that
    ends in order would wait for its threads, or take itself down with those that compute.
    """
    interruptions = Interruptions()
    signal.signal(signal.SIGTERM, interruptions)
    # A shell lets what it starts in the background ignore Ctrl-C: that is left so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interruptions)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            "Interrupted: what is finished is stored; the same command again goes on from there.",
            err=True,
        )
        if interruptions.count > 1:
            _end_at_once()
        raise


def _end_at_once() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
