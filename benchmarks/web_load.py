"""Pictures a second: the explorer, its server's ceiling, and nginx over files, in turns.

wrk asks for thousands of different pictures in an order that is mixed once, over connections that
are kept. The three take turns several times, so that what else the machine does falls on all.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.web.image_routes import IMMUTABLE
from app.web.middleware import SECURITY
from benchmarks.servers import Command, Served, running
from benchmarks.web_times import image_paths

CONNECTIONS = (16, 64)
SECONDS = 3
NEEDED = ("wrk", "nginx")
# Daemons stand where only an administrator's shell looks.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"

SCRIPT = """
local requests, at = {}, 0
function init(arguments)
  for path in io.lines(arguments[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("\\n=%d %d %d %d\\n", summary.requests, summary.duration, failed,
                         latency:percentile(95)))
end
"""

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  open_file_cache max=20000 inactive=1h; open_file_cache_valid 1h;
  types {{ image/avif avif; image/webp webp; }}
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; {headers} }}
}}
"""


@dataclass(frozen=True)
class Turn:
    """What one server did in a few seconds."""

    rate: float
    """Pictures a second."""
    late: float
    """Milliseconds: 95 of 100 answers had come by then."""
    cpu: float
    """Microseconds of a processor for each."""


Turns = dict[str, list[Turn]]


def missing() -> str:
    """The programs that are needed and not there, with how to get them; empty if all are."""
    absent = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    return f"{' and '.join(absent)} are needed: apt-get install wrk nginx-light" if absent else ""


def measure(
    served: Served, database: Path, folder: Path, rounds: int
) -> Iterator[tuple[int, Turns]]:
    """By the number of connections: the turns of each server."""
    paths = image_paths(database)
    random.Random(1).shuffle(paths)
    asked, script = folder / "paths.txt", folder / "wrk.lua"
    asked.write_text("\n".join(paths), encoding="utf-8")
    script.write_text(SCRIPT, encoding="utf-8")
    files(database, paths, folder)
    with ExitStack() as stack:
        servers = {
            "explorer": served,
            "ceiling": stack.enter_context(running(ceiling(database), paths[0])),
            "nginx": stack.enter_context(running(nginx(folder), paths[0])),
        }
        for connections in CONNECTIONS:
            turns: Turns = {name: [] for name in servers}
            for _ in range(rounds):
                for name, server in servers.items():
                    turns[name].append(turn(server, script, asked, connections))
            yield connections, turns


def turn(served: Served, script: Path, asked: Path, connections: int) -> Turn:
    """A few seconds of wrk."""
    before = served.cpu()
    load = ("-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", str(script))
    command = ["wrk", *load, served.origin, "--", str(asked)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("="))
    requests, duration, failed, late = map(int, line[1:].split())
    if failed:
        raise SystemExit(f"{failed:,} requests of {served.origin} failed:\n{done.stdout}")
    cpu = (served.cpu() - before) / requests * 1e6
    return Turn(requests / duration * 1e6, late / 1000, cpu)


def ceiling(database: Path) -> Command:
    """uvicorn over a table in memory."""
    module = (sys.executable, "-m", "benchmarks.web_ceiling", str(database))
    return lambda port: (*module, str(port))


def nginx(folder: Path) -> Command:
    """nginx with one process over the files in `folder`, with the explorer's headers."""
    named = {"Cache-Control": IMMUTABLE, **SECURITY}
    headers = " ".join(f'add_header {name} "{value}";' for name, value in named.items())

    def command(port: int) -> Sequence[str]:
        settings = folder / "nginx.conf"
        text = NGINX.format(folder=folder, port=port, headers=headers)
        settings.write_text(text, encoding="utf-8")
        return (str(shutil.which("nginx", path=PATH)), "-p", str(folder), "-c", str(settings))

    return command


def files(database: Path, paths: Sequence[str], folder: Path) -> None:
    """The pictures as files below `folder`, each at its address."""
    statement = "SELECT bytes FROM image WHERE sha256 = ?"
    (folder / "img").mkdir()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for path in paths:
            sha256 = path.rpartition("/")[2].partition(".")[0]
            (data,) = connection.execute(statement, (sha256,)).fetchone()
            (folder / path.lstrip("/")).write_bytes(data)


def table(found: Iterable[tuple[int, Turns]]) -> Iterator[str]:
    """In Markdown: medians over the rounds, and of each round's ratios."""
    yield "| connections | server | pictures a second | of the ceiling | 95 % within | CPU each |"
    yield "|---|---|---|---|---|---|"
    for connections, turns in found:
        for name, own in turns.items():
            pairs = zip(own, turns["ceiling"], strict=True)
            share = median(mine.rate / most.rate for mine, most in pairs)
            rate, late, cpu = (median(getattr(t, f) for t in own) for f in ("rate", "late", "cpu"))
            yield (
                f"| {connections} | {name} | {rate:,.0f} | {share:.0%} | {late:.1f} ms "
                f"| {cpu:.0f} µs |"
            )
