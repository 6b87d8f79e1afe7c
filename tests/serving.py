"""`microscope serve` as a process of its own, and raw sockets to talk to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

HOST = "127.0.0.1"
# Seconds: far longer than anything takes on a machine that has other work.
PATIENCE = 60.0
PROGRAM = "from app.cli.main import main; main()"
COMMAND = (sys.executable, "-c", PROGRAM)


@dataclass(frozen=True)
class Serving:
    """A server that answers."""

    process: subprocess.Popen[str]
    port: int

    def megabytes(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def connect(self, timeout: float = PATIENCE) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=timeout)

    def ask(self, request: bytes) -> bytes:
        """All that is answered to these bytes until the server closes the connection."""
        with self.connect() as connection:
            return talk(connection, request)


@contextmanager
def serving(
    database: str,
    command: Sequence[str] = COMMAND,
    environment: Mapping[str, str] | None = None,
    port: int = 0,
    **settings: str | int,
) -> Iterator[Serving]:
    """A server over a database, on any free port; settings as `trusted_proxies="127.0.0.1"`."""
    given = {f"MICROSCOPE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [*command, "serve", "--database", database, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**(environment or os.environ), "PYTHONUNBUFFERED": "1", **given},
    )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        try:
            port = int(line.split(" on ")[1].split()[0].rsplit(":", 1)[1].split("/")[0])
            await_answer(process, port)
            yield Serving(process, port)
        finally:
            process.kill()
            process.wait()


def await_answer(process: subprocess.Popen[str], port: int) -> None:
    """Return as soon as somebody accepts connections there."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                if talk(connection, get("/healthz", close=True)).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        sleep(0.02)
    raise AssertionError(f"{process.args!r} does not answer")


def get(path: str, *headers: str, close: bool = False) -> bytes:
    """A request as a client sends it."""
    lines = [f"GET {path} HTTP/1.1", "Host: microscope.example", *headers]
    lines += ["Connection: close"] if close else []
    return "\r\n".join([*lines, "", ""]).encode()


def talk(connection: socket.socket, request: bytes) -> bytes:
    """Send it, and read to the end; what was read so far if the connection is reset."""
    found = bytearray()
    # Refused before all was sent: the answer is there all the same.
    with suppress(ConnectionError):
        connection.sendall(request)
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            found += part
    return bytes(found)
