"""Processes and their children, as Linux tells of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

# Far longer than anything takes on a machine that has other work.
PATIENCE_SECONDS = 600


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    found, more = set[int](), {pid}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - found
        found |= more
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; one that is over and was not waited for does not."""
    return _status(Path("/proc", str(pid)))[:1] not in ([], ["Z"], ["X"])


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far, in all its threads."""
    # What is said of it has the user's ticks in twelfth place, then the system's.
    return sum(map(int, _status(Path("/proc", str(pid)))[11:13])) / os.sysconf("SC_CLK_TCK")


def titled(pids: set[int], beginning: str) -> list[int]:
    """Those of the processes whose title begins so."""
    return sorted(pid for pid in pids if title(pid).startswith(beginning))


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Waits for a condition, and fails where it does not come about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"in vain it was waited until {what}"
        time.sleep(0.02)


def _status(path: Path) -> list[str]:
    """The words behind a process's name: its state, its parent, …"""
    try:
        return path.joinpath("stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(path: Path) -> int:
    return int(([*_status(path)[1:2], "0"])[0])


def title(pid: int) -> str:
    """Its command, or what it calls itself; nothing when it is gone."""
    try:
        return Path("/proc", str(pid), "cmdline").read_text(errors="replace")
    except OSError:
        return ""
