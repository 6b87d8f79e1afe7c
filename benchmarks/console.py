"""What every benchmark does besides measuring: a line that is seen at once, and a job timed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def echo(text: str) -> None:
    """Print a line now, though the next may take minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def timed(job: Callable[[], object]) -> float:
    """Seconds that a job takes, by the wall's clock."""
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun
