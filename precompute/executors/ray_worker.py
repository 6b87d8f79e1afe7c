"""A worker of a cluster: one process with the network loaded, which does whatever task it is given.

It imports PyTorch only when it begins, so that it can say first how it shares its cores.
"""

from __future__ import annotations

import logging
import os
import socket
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ray

from app import __version__
from precompute.executors.cpu_sharing import share_cores

if TYPE_CHECKING:
    from precompute.executors.task import Task


@dataclass(frozen=True)
class Parcelled:
    """Something large that lies in the cluster's memory, once for each node."""

    key: str
    """Another key is another content."""
    ref: Any
    """Ray's reference; inside a value it is not fetched until it is asked for."""


@dataclass(frozen=True)
class Greeting:
    """What a worker says when it is ready."""

    version: str
    host: str
    pid: int


@dataclass(frozen=True)
class Answer:
    """What came of an item."""

    result: Any = None
    reason: str | None = None
    """Why there is no result."""
    is_here: bool = True
    """Whether this machine sees the files that the item names."""
    lines: tuple[str, ...] = ()
    """What was logged meanwhile."""


class Worker:
    """Lives in a process of its own; PyTorch's threads are as many as it was given cores."""

    def __init__(self, network: Parcelled, device: str, threads: int) -> None:
        share_cores()
        warnings.simplefilter("ignore")  # what Pillow warns of is decided where images are opened
        from precompute.executors.devices import find_device
        from precompute.executors.task import Place

        self._threads, self._lines = threads, _Lines()
        logging.getLogger().addHandler(self._lines)
        self._place = Place(ray.get(network.ref).to(find_device(device)))
        self._task: tuple[str, Task[Any, Any]] | None = None

    def greet(self) -> Greeting:
        """That it is ready."""
        return Greeting(__version__, socket.gethostname(), os.getpid())

    def do(self, task: Parcelled, item: Any) -> Answer:
        """Does a task with an item; whatever goes wrong is said, not raised."""
        from precompute.executors.task import Parcel, reason_of

        try:
            if isinstance(item, Parcel) and not item.is_here():
                return Answer(is_here=False, lines=self._lines.taken())
            result = self._done(self._known(task), item)
        except Exception as error:  # the engine decides what becomes of the item
            return Answer(reason=reason_of(error), lines=self._lines.taken())
        return Answer(result, lines=self._lines.taken())

    def _done(self, task: Task[Any, Any], item: Any) -> Any:
        """PyTorch's threads belong to the thread that asks: they are set in each."""
        import torch

        torch.set_num_threads(task.threads or self._threads)
        return task(self._place, item)

    def _known(self, task: Parcelled) -> Task[Any, Any]:
        known = self._task
        if known is None or known[0] != task.key:
            known = self._task = (task.key, ray.get(task.ref))
        return known[1]


class _Lines(logging.Handler):
    """Keeps warnings and worse until they are fetched."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(f"{record.levelname.lower()}: {record.getMessage()}")

    def taken(self) -> tuple[str, ...]:
        """What was kept, once."""
        kept, self._kept = self._kept, []
        return tuple(kept)
