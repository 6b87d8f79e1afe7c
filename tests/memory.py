"""How much memory a piece of work keeps, measured where no other test has been.

A process that has run a thousand tests has memory to give away, and takes some whenever it likes.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from ctypes import CDLL
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

MEMORY = Path("/proc/self/statm")
P = ParamSpec("P")
R = TypeVar("R")


def resident() -> float:
    """Megabytes of this process, without garbage and without what the allocator holds ready."""
    gc.collect()
    with suppress(AttributeError):  # glibc's alone
        CDLL(None).malloc_trim(0)
    return int(MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def alone(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """What a module's function returns in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments, **named).result()
