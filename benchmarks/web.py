"""Response times and images per second of the explorer: `make bench-web`.

It serves the database of `benchmarks.database`, or a copy of `--database`, with one process of
`microscope serve`. With `--other PATH`, another checkout is measured in turns with this one. Where
the other one is older, give `--database` a database that the other one made: each checkout gets
a copy, migrated to its own schema.

- *304*: a request with `If-None-Match` and the page's current ETag.
- *cached*: a request for the same address again, at the same revision of the database.
- *uncached*: each request has another value of a query parameter that pages ignore, so that no
  cache of pages has seen the address. The database does not change meanwhile.
- *after a commit*: the first request for a page after `microscope labels import` committed.
"""

from __future__ import annotations

import argparse
import http.client
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from operator import truediv
from pathlib import Path
from statistics import median

from benchmarks.console import echo, table
from benchmarks.database import FOLDER, MODEL, database
from benchmarks.servers import (
    HOST,
    PATH,
    ROOT,
    TIMEOUT,
    URLS,
    Checkout,
    Server,
    explorer,
    free_port,
    image_paths,
    measured_on,
    require,
    run_wrk,
    running,
    select,
)

LAYER = "mixed5b"
PAGES = {
    "home": URLS.home(),
    "unit": URLS.unit(MODEL, LAYER, 0),
    "layer of 1,024 units": URLS.layer(MODEL, LAYER),
}
# Milliseconds.
GOALS = {"304": 1.5, "cached": 3.0, "uncached": 60.0, "after a commit": 60.0}
COMMITS = 10
WARM_UP = 5
CONNECTIONS = (16, 64)

LABELS = f"""
model = "{MODEL}"
source = "benchmarks.web"

[[label]]
units = "{LAYER}:1"
label = "number %d"
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
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@dataclass(frozen=True)
class Explorer:
    """A checkout that serves its copy of the database."""

    checkout: Checkout
    database: Path
    server: Server

    def commit(self, number: int) -> None:
        """Change the database, with the program's own command."""
        labels = self.database.with_suffix(".toml")
        labels.write_text(LABELS % number, encoding="utf-8")
        self.checkout.microscope("labels", "import", str(labels), "--database", str(self.database))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    parser.add_argument("--database", type=Path, help=f"a database that has {MODEL}")
    parser.add_argument("--requests", type=int, default=100, help="requests of each kind")
    parser.add_argument("--rounds", type=int, default=5, help="runs of wrk for each server")
    parser.add_argument("--seconds", type=int, default=3, help="length of a run of wrk")
    options = parser.parse_args()
    require("wrk", "nginx")
    checkouts = [Checkout(path.resolve()) for path in (ROOT, options.other) if path]
    source = options.database or database()
    with explorers(checkouts, source) as served:
        echo(measured_on("bench-web"))
        for part in (
            pages(served, options.requests),
            images(served, options.rounds, options.seconds),
            processes(served),
        ):
            echo("")
            for line in part:
                echo(line)


@contextmanager
def explorers(checkouts: Sequence[Checkout], source: Path) -> Iterator[list[Explorer]]:
    """Every checkout with its own copy of the database."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=FOLDER)))
        served = []
        for checkout in checkouts:
            path = checkout.copy_database(source, folder)
            server = stack.enter_context(explorer(checkout, path))
            served.append(Explorer(checkout, path, server))
        yield served


def pages(served: Sequence[Explorer], requests: int) -> Iterator[str]:
    """A table of response times: a row for each state of the cache and page."""
    yield f"Milliseconds, medians of {requests} requests ({COMMITS} after a commit):"
    yield ""
    rows = []
    for state, measure in STATES.items():
        columns = [measure(each, requests) for each in served]
        for page in PAGES:
            cells = [milliseconds(column[page]) for column in columns]
            rows.append([state, page, *cells, f"{GOALS[state]}"])
    yield from table(["response", "page", *names(served), "goal"], rows)


def names(served: Sequence[Explorer]) -> list[str]:
    return [each.checkout.name for each in served]


def milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


Times = Mapping[str, float | None]
"""Milliseconds by page; None where the server does not have this kind of response."""


def not_modified(served: Explorer, requests: int) -> Times:
    """304s, where pages have an ETag."""
    client = Client(served.server)
    times: dict[str, float | None] = {}
    for page, path in PAGES.items():
        etag = client.get(path).etag
        headers = {"If-None-Match": etag or '""'}
        responses = [client.get(path, headers) for _ in range(requests)]
        has_304 = all(response.status == 304 for response in responses)
        times[page] = median(each.milliseconds for each in responses) if has_304 else None
    return times


def cached(served: Explorer, requests: int) -> Times:
    client = Client(served.server)
    return {page: client.median([path] * requests) for page, path in PAGES.items()}


def uncached(served: Explorer, requests: int) -> Times:
    client = Client(served.server)
    return {
        page: client.median([f"{path}?uncached={next(NUMBERS)}" for _ in range(requests)])
        for page, path in PAGES.items()
    }


def after_commit(served: Explorer, requests: int) -> Times:
    """Each page is the first one after a commit as often as the others."""
    client, times = Client(served.server), {page: list[float]() for page in PAGES}
    names = list(PAGES)
    for number in range(COMMITS):
        served.commit(number)
        start = number % len(names)
        for page in names[start:] + names[:start]:
            times[page].append(client.get(PAGES[page]).milliseconds)
    return {page: median(each) for page, each in times.items()}


STATES: Mapping[str, Callable[[Explorer, int], Times]] = {
    "304": not_modified,
    "cached": cached,
    "uncached": uncached,
    "after a commit": after_commit,
}
NUMBERS = count()


@dataclass(frozen=True)
class Response:
    status: int
    etag: str | None
    milliseconds: float


class Client:
    """One connection that is kept open, warmed up with the pages."""

    def __init__(self, server: Server) -> None:
        self.connection = http.client.HTTPConnection(HOST, server.port, timeout=TIMEOUT)
        for path in PAGES.values():
            for _ in range(WARM_UP):
                self.get(path)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """A request as browsers make it; its time ends with the last byte of the body."""
        start = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip", **(headers or {})})
        response = self.connection.getresponse()
        response.read()
        elapsed = (time.perf_counter() - start) * 1000
        if response.status not in (200, 304):
            raise SystemExit(f"{path}: status {response.status}")
        return Response(response.status, response.headers["ETag"], elapsed)

    def median(self, paths: Sequence[str]) -> float:
        return median(self.get(path).milliseconds for path in paths)


def images(served: Sequence[Explorer], rounds: int, seconds: int) -> Iterator[str]:
    """A table of images per second; nginx with the same files shows what the machine can do."""
    paths = image_paths(served[0].database)
    yield f"Images per second, {len(paths):,} images, medians of {rounds} × {seconds} s:"
    yield ""
    with nginx(served[0].database, paths) as files:
        servers = [*(each.server for each in served), files]
        rows = []
        for connections in CONNECTIONS:
            rates = turns(servers, paths, connections, rounds, seconds)
            ratio = [] if len(served) < 2 else [f"{median(map(truediv, *rates[:2])):.2f}"]
            rows.append([str(connections), *(f"{median(each):,.0f}" for each in rates), *ratio])
    title = ["ratio"] if len(served) > 1 else []
    yield from table(["connections", *names(served), "nginx", *title], rows)


def turns(
    servers: Sequence[Server], paths: Sequence[str], connections: int, rounds: int, seconds: int
) -> list[list[float]]:
    """Requests per second of each server in each round."""
    rates: list[list[float]] = [[] for _ in servers]
    for _ in range(rounds):
        for server, each in zip(servers, rates, strict=True):
            load = run_wrk(server, paths, connections, seconds)
            if load.errors:
                raise SystemExit(f"{server.origin}: {load.errors:,} requests for images failed")
            each.append(load.rate)
    return rates


@contextmanager
def nginx(database: Path, paths: Sequence[str]) -> Iterator[Server]:
    """nginx with one process, over the images as files."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "img").mkdir()
        for path in paths:
            sha256 = path.rpartition("/")[2].partition(".")[0]
            ((data,),) = select(database, "SELECT bytes FROM image WHERE sha256 = ?", sha256)
            (folder / path.lstrip("/")).write_bytes(data)
        settings = folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
        program = shutil.which("nginx", path=PATH) or "nginx"
        command = [program, "-p", name, "-c", str(settings)]
        with running(command, port, paths[0]) as server:
            yield server


def processes(served: Sequence[Explorer]) -> Iterator[str]:
    """Start time and memory."""
    for each in served:
        yield (
            f"{each.checkout.name}: response {each.server.start_seconds:.2f} s after the start, "
            f"{each.server.megabytes():.0f} MB of memory at the end."
        )


if __name__ == "__main__":
    main()
