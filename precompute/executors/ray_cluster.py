"""Ray's cluster: started here for as long as a run takes, or joined; and what it has room for.

Its usage reports, dashboard and chatter are off: what a person should know comes from the engine.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from filelock import FileLock, Timeout

from app.errors import MicroscopeError
from app.text import many

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of a later one
    "RAY_enable_metrics_collection": "0",
    "RAY_BACKEND_LOG_LEVEL": "error",
}
TOKEN = "RAY_AUTH_TOKEN"
# The network weighs 27 MB and the results under way a few MB each; Ray's own default is a third of
# the memory.
OBJECT_STORE_BYTES = 512 * 2**20
ANSWER_SECONDS = 10.0
CLIENT = "ray://"
# The names of Ray's sockets below this folder are long, and may have 107 letters in all.
SHORT = "/tmp"
# In a folder of a cluster: whoever runs it holds this file locked, whatever ends that.
HELD = "held"
_held: list[FileLock] = []
"""Of the folders of clusters that were started here, until they end."""


class ClusterError(MicroscopeError):
    """Ray's cluster does not answer, or has no room for a worker."""

    title = "The cluster cannot be used"


@dataclass(frozen=True)
class WorkerResources:
    """What each worker takes."""

    cpus: int
    gpus: float = 0.0
    """A share of one GPU."""

    def for_task(self, threads: int | None) -> WorkerResources:
        """What an item takes: a whole worker, or the cores of its threads where it names them."""
        if threads is None:
            return self
        return WorkerResources(threads, self.gpus * threads / self.cpus)


def connect(address: str | None) -> None:
    """Joins the cluster at an address (`auto`, `HOST:PORT`, `ray://HOST:PORT`), or starts one.

    Raises:
        ClusterError: it does not answer.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    with _own_signals():
        if address is None:
            _start()
        else:
            _join(address)


def disconnect() -> None:
    """Leaves the cluster, and ends one that was started here."""
    ray.shutdown()
    while _held:
        _remove_folder(_held.pop())


def room(wanted: WorkerResources) -> int:
    """How many workers the living nodes have room for."""
    alive = (node["Resources"] for node in ray.nodes() if node["Alive"])
    return sum(_room_of(resources, wanted) for resources in alive)


def require_room(wanted: WorkerResources) -> None:
    """Refuses what no node can ever give.

    Raises:
        ClusterError: no node has room for one worker.
    """
    if room(wanted):
        return
    needs = many(wanted.cpus, "core") + (f" and {wanted.gpus:g} GPU" if wanted.gpus else "")
    nodes = "; ".join(_told(node["Resources"]) for node in ray.nodes() if node["Alive"])
    raise ClusterError(
        f"No node of the cluster has {needs} for a worker (they have: {nodes}): ask for less with "
        "--cpus and --gpus, or add a node."
    )


def _start() -> None:
    """With a token of its own: without one Ray keeps one in the home folder, if it can."""
    if not any(name.startswith("RAY_AUTH_") for name in os.environ):
        os.environ[TOKEN] = secrets.token_hex()
    ray.init(
        address="local", num_cpus=_cores(), object_store_memory=OBJECT_STORE_BYTES,
        include_dashboard=False, _node_ip_address="127.0.0.1",
        _temp_dir=str(_new_folder()), **_silence(),
    )  # fmt: skip


def _new_folder() -> Path:
    """A folder for a cluster, in one that nobody else may enter: Ray opens its own to all.

    Those of runs that were killed are removed.
    """
    home = Path(SHORT) if Path(SHORT).is_dir() else Path(tempfile.gettempdir())
    for folder in home.glob("ray-*"):
        _remove_if_lost(folder)
    own = Path(tempfile.mkdtemp(prefix="ray-", dir=home))
    lock = FileLock(own / "new")  # it gets its name when nobody can take it any more
    lock.acquire()
    (own / "new").rename(own / HELD)
    _held.append(lock)
    return own / "ray"


def _remove_if_lost(folder: Path) -> None:
    lock = FileLock(folder / HELD, timeout=0)
    with suppress(OSError, Timeout):
        if folder.lstat().st_uid == os.getuid() and (folder / HELD).is_file():
            lock.acquire()
            _remove_folder(lock)


def _remove_folder(lock: FileLock) -> None:
    shutil.rmtree(Path(lock.lock_file).parent, ignore_errors=True)
    lock.release()


def _join(address: str) -> None:
    _require_answer(address)
    try:
        ray.init(address=address, **_silence())
    except ImportError as error:
        raise ClusterError(
            f"--address {address} needs Ray's client ({error}): pip install 'ray[client]', or run "
            "this on a node of the cluster with --address auto."
        ) from error
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise ClusterError(
            f"--address {address}: no Ray cluster could be joined there "
            f"({str(error).splitlines()[0]}). HOST:PORT and `auto` are for a node of the cluster, "
            "`ray://HOST:PORT` for any other machine; a cluster with a token wants "
            "RAY_AUTH_MODE=token and the token here too."
        ) from error


def _require_answer(address: str) -> None:
    """Asks at the door first: Ray itself knocks for a minute."""
    host, _, port = address.removeprefix(CLIENT).rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
    except OSError as error:
        raise ClusterError(
            f"--address {address}: nobody answers there ({error.strerror or error}); "
            "`ray start --head` starts a cluster, `ray status` shows one."
        ) from error


def _silence() -> dict[str, Any]:
    return {"log_to_driver": False, "logging_level": logging.ERROR}


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keeps what SIGTERM means to this program: Ray puts its own meaning in place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _room_of(resources: Mapping[str, float], wanted: WorkerResources) -> int:
    found = int(resources.get("CPU", 0) // wanted.cpus)
    if wanted.gpus:
        # A GPU is never shared with the next: three workers of 0.3 fit on one, and none across.
        found = min(found, int(resources.get("GPU", 0)) * int(1 / wanted.gpus + 1e-9))
    return found


def _told(resources: Mapping[str, float]) -> str:
    cores, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    return f"{many(cores, 'core')}, {gpus} GPU"
