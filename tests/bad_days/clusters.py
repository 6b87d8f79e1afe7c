"""Ray's clusters of the tests' own: nodes as processes of this machine, which can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from precompute.executors.ray_cluster import TOKEN
from tests.bad_days.processes import PATIENCE_SECONDS, descendants, is_alive, titled, wait_until
from tests.postgres import free_port

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# The largest of what the tests send is a network of a few MB.
STORE_BYTES = 200 * 2**20
START = (
    sys.executable, "-m", "ray.scripts.scripts", "start", "--block", f"--node-ip-address={HOST}",
    f"--object-store-memory={STORE_BYTES}",
)  # fmt: skip
# What whoever joins has to know.
KNOWN = {"RAY_AUTH_MODE": "token", TOKEN: "a" * 64, "RAY_USAGE_STATS_ENABLED": "0"}


def environment() -> dict[str, str]:
    """Of nodes, and of processes that join them: our modules are found there too."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | KNOWN | {"PYTHONPATH": path, "COLUMNS": "200"}


@dataclass(frozen=True)
class Cluster:
    """A head, perhaps with other nodes; its log and sessions are in a folder that ends with it."""

    head: subprocess.Popen[bytes]
    address: str
    log: Path

    def workers(self) -> list[int]:
        """The head's processes that work for somebody; those that wait for work are none."""
        return titled(descendants(self.head.pid), "ray::Worker")

    @contextmanager
    def with_node(
        self, cores: int, before: Sequence[str] = ()
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One more node, that is there; its command stands after other words, such as `unshare`."""
        command = [*before, *START, f"--num-cpus={cores}", f"--address={self.address}"]
        with _running(command, self.log) as node:
            _wait_for(node, self.log)
            yield node


@contextmanager
def cluster(cores: int) -> Iterator[Cluster]:
    """A cluster of one node with so many cores, which is ready."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    head = ("--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false")
    log = folder / "log"
    try:
        with _running([*START, f"--num-cpus={cores}", *head], log) as process:
            _wait_for(process, log)
            yield Cluster(process, f"{HOST}:{port}", log)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(node: subprocess.Popen[bytes], log: Path) -> None:
    """Until it has processes that wait for work."""

    def is_there() -> bool:
        assert node.poll() is None, log.read_text()
        return bool(titled(descendants(node.pid), "ray::"))

    wait_until(is_there, "a node is there")


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """A node that loses its power."""
    for pid in (process.pid, *descendants(process.pid)):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment())
    try:
        yield process
    finally:
        kill_all(process)
