"""What runs in Ray's worker processes: one item of a task at a time, with all of its cores.

PyTorch is imported by the first item, after it is said how the process shares its cores.
"""

from __future__ import annotations

import logging
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray

from app import __version__
from precompute.executors.cpu_sharing import share_cores

share_cores()


@dataclass(frozen=True)
class Stored:
    """An object in Ray's object store. Inside of a value Ray does not fetch it by itself."""

    key: str
    ref: Any


@dataclass(frozen=True)
class ItemResult:
    """What became of an item."""

    done: Any = None
    """A `task.Done`; None where this machine does not see the item's files."""
    warnings: tuple[str, ...] = ()
    """What was logged meanwhile, from warnings up."""
    host: str = ""
    version: str = __version__


def perform(network: Stored, task: Stored, item: Any, device: str, threads: int) -> ItemResult:
    """Do a task with an item, and where it fails with each of its parts.

    Args:
        threads: PyTorch's, for tasks that take all of them.
    """
    import torch

    from precompute.executors.local import attempt
    from precompute.executors.task import ShippableItem

    host = socket.gethostname()
    if isinstance(item, ShippableItem) and not item.is_here():
        return ItemResult(host=host)
    known = _fetch(task)
    torch.set_num_threads(known.threads or threads)
    with _logged() as lines:
        done = attempt(known, _workplace(network, device), item)
    return ItemResult(done, tuple(lines), host)


# A process serves one network, and one task after another: each is fetched once.
_cache: dict[str, tuple[str, Any]] = {}


def _fetch(stored: Stored) -> Any:
    """The stored object, the newest of its kind kept."""
    kind = stored.key.partition("-")[0]
    if kind not in _cache or _cache[kind][0] != stored.key:
        _cache[kind] = (stored.key, ray.get(stored.ref))
    return _cache[kind][1]


def _workplace(network: Stored, device: str) -> Any:
    from precompute.executors.devices import find_device
    from precompute.executors.task import Workplace

    key = f"{network.key} on {device}"
    if "workplace" not in _cache or _cache["workplace"][0] != key:
        warnings.simplefilter("ignore")  # what Pillow warns of is decided where images are opened
        _cache["workplace"] = (key, Workplace(_fetch(network).to(find_device(device))))
    return _cache["workplace"][1]


@contextmanager
def _logged() -> Iterator[list[str]]:
    """The warnings, and worse, that are logged inside."""
    lines: list[str] = []
    handler = _Lines(lines)
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.levelname.lower()}: {record.getMessage()}")
