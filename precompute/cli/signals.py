"""Ctrl-C and SIGTERM: the first ends a run gracefully, the second at once.

Gracefully: the current batch is finished or dropped, the run is recorded as interrupted, and all
threads end before the interpreter does.
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
    """A signal handler that counts its calls and raises `KeyboardInterrupt`."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a run so that it is recorded and can be resumed.

    A second one ends the process here: the interpreter would wait for its threads, or crash with
    those that compute.
    """
    interruptions = Interruptions()
    signal.signal(signal.SIGTERM, interruptions)
    # A shell lets background jobs ignore Ctrl-C: keep that.
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
            _exit_now()
        raise


def _exit_now() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
