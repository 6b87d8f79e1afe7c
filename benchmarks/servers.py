"""Servers as processes of their own, at loopback addresses: started, weighed, stopped."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE = 60.0
# What the `microscope` command does, from the folder that the benchmark runs in.
MICROSCOPE = (sys.executable, "-c", "from app.cli.main import main; main()")

# From the second start on, what Python compiled at the first is there, as where pip installed it.
COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

Command = Callable[[int], Sequence[str]]
"""From a port to the command that serves there."""


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    port: int
    pid: int
    seconds: float
    """From its start to its first answer."""

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    def megabytes(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def cpu(self) -> float:
        """Seconds of a processor that it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command: Command, path: str = "/") -> Iterator[Served]:
    """The server, as soon as it has answered at `path`; it is stopped afterwards."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, env=COMPILED)
    try:
        await_answer(process, port, path)
        yield Served(port, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE / 4)
        except subprocess.TimeoutExpired:
            process.kill()


def explorer(database: Path) -> Command:
    """`microscope serve`: one process."""
    return lambda port: (*MICROSCOPE, "serve", "--database", str(database), "--port", str(port))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def await_answer(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Asks until there is an answer."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except ConnectionError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise SystemExit(f"A server did not start: {process.args!r}")
