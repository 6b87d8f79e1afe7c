"""Starts checkouts of the program, Caddy and nginx as processes on loopback ports, and runs wrk."""

from __future__ import annotations

import http.client
import os
import platform
import random
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.web.urls import Urls

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
TIMEOUT = 60.0
URLS = Urls()
# Debian installs daemons where only root's PATH leads.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"

WRK = """
local requests, threads = {}, 0
function setup(thread) thread:set("seed", threads); threads = threads + 1 end
function init(arguments)
  math.randomseed(seed)
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, { ["Accept-Encoding"] = "gzip" })
  end
end
function request() return requests[math.random(#requests)] end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("\\n=%d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Checkout:
    """A working copy of the program, run with its own `.venv` where it has one."""

    folder: Path

    @property
    def name(self) -> str:
        """The commit, or the folder's name where there is none."""
        command = ["git", "-C", str(self.folder), "rev-parse", "--short", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.strip() or self.folder.name

    def command(self, *arguments: str) -> list[str]:
        """A `microscope` command; it has to run in the checkout's folder."""
        own = self.folder / ".venv/bin/python"
        # The second is the module of version 0.1.
        module = "app.cli.main" if (self.folder / "app/cli").is_dir() else "app.cli"
        python = str(own) if own.exists() else sys.executable
        return [python, "-c", f"from {module} import main; main()", *arguments]

    def environment(self) -> dict[str, str]:
        """Bytecode is cached, as it is where pip installed the program."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, "PYTHONPATH": str(self.folder)}

    def microscope(self, *arguments: str) -> None:
        """Run a command to its end."""
        command, environment = self.command(*arguments), self.environment()
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{self.folder}: microscope {' '.join(arguments)}: {done.stderr}")

    def copy_database(self, database: Path, folder: Path) -> Path:
        """A copy of a database, migrated to this checkout's schema."""
        path = Path(tempfile.mkdtemp(dir=folder)) / "microscope.db"
        # Unlike a copy of the file, a backup has what is in the write-ahead log.
        with closing(connect(database)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
        self.microscope("migrate", "--database", str(path))
        self.microscope("refresh", "--database", str(path))
        return path


@dataclass(frozen=True)
class Server:
    """A server that runs, with its workers."""

    port: int
    pid: int
    start_seconds: float
    """From the start of the process to its first response."""

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    def megabytes(self) -> float:
        """Resident memory of the process and its children."""
        pages = 0
        for pid in family(self.pid):
            statm = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8")
            pages += int(statm.split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def family(pid: int) -> list[int]:
    """A process and its children's children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [pid, *(each for child in children for each in family(int(child)))]


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    path: str = "/",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server, from its first response at `path` on; it is stopped at the end."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            if not answers(process, port, path):
                log.seek(0)
                raise SystemExit(f"{shlex.join(command)} did not start:\n{log.read().decode()}")
            yield Server(port, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(TIMEOUT / 4)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(process: subprocess.Popen[bytes], port: int, path: str) -> bool:
    """Wait for a response; False where the process ends without one."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return True
        except ConnectionError:
            time.sleep(0.005)
        finally:
            connection.close()
    return False


@contextmanager
def explorer(checkout: Checkout, database: Path) -> Iterator[Server]:
    """`microscope serve` with its default options, and the local proxy trusted."""
    port = free_port()
    command = checkout.command("serve", "--database", str(database), "--port", str(port))
    environment = {**checkout.environment(), "MICROSCOPE_TRUSTED_PROXIES": HOST}
    with running(command, port, folder=checkout.folder, environment=environment) as server:
        yield server


@contextmanager
def caddy(upstream: Server, folder: Path) -> Iterator[Server]:
    """Caddy with this checkout's `deploy/Caddyfile`, without TLS."""
    port = free_port()
    environment = {
        **os.environ,
        "SITE_ADDRESS": f"http://{HOST}:{port}",
        "WEB_ADDRESS": f"{HOST}:{upstream.port}",
        "CADDY_GLOBAL": f"admin off\nauto_https off\nhttp_port {port}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    caddyfile = str(ROOT / "deploy/Caddyfile")
    command = ["caddy", "run", "--config", caddyfile, "--adapter", "caddyfile"]
    with running(command, port, environment=environment) as server:
        yield server


def require(*programs: str) -> None:
    """Exit where a program is not installed."""
    if missing := [name for name in programs if shutil.which(name, path=PATH) is None]:
        raise SystemExit(f"Not installed: {', '.join(missing)} (apt-get install wrk nginx caddy)")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Load:
    """The result of one run of wrk."""

    requests: int
    rate: float
    """Requests per second."""
    errors: int
    """Failed connections, timeouts, and statuses of 400 and above."""
    p50: float
    """Milliseconds."""
    p99: float


def run_wrk(
    server: Server, paths: Sequence[str], connections: int, seconds: int, threads: int = 1
) -> Load:
    """Request paths in random order over connections that are kept open."""
    with tempfile.TemporaryDirectory() as folder:
        script, file = Path(folder) / "wrk.lua", Path(folder) / "paths.txt"
        script.write_text(WRK, encoding="utf-8")
        file.write_text("\n".join(paths), encoding="utf-8")
        load = [f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        command = ["wrk", *load, "-s", str(script), server.origin, "--", str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("="))
    requests, duration, errors, p50, p99 = map(int, line[1:].split())
    return Load(requests, requests / duration * 1e6, errors, p50 / 1000, p99 / 1000)


def image_paths(database: Path) -> list[str]:
    """The paths of the `channel` images of all units, in random order."""
    rows = select(
        database,
        "SELECT DISTINCT sha256, media_type FROM visualization JOIN image ON sha256 = image_sha256 "
        "WHERE technique = 'channel' ORDER BY sha256",
    )
    return random.Random(1).sample([URLS.image(*row) for row in rows], len(rows))


def select(database: Path, statement: str, *values: str | int) -> list[Any]:
    """The rows of a query over a database file."""
    with closing(connect(database)) as connection:
        return connection.execute(statement, values).fetchall()


def connect(database: Path) -> sqlite3.Connection:
    """A connection to a file that exists."""
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)


def measured_on(target: str) -> str:
    """The machine, the date and the command, for a report."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in info if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    arguments = shlex.join(sys.argv[1:])
    command = f"make {target} ARGS={shlex.quote(arguments)}" if arguments else f"make {target}"
    return f"{model}, {os.cpu_count()} cores; {date.today():%-d %B %Y}; `{command}`"
