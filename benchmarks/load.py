"""The explorer behind Caddy under load, against another checkout: `make bench-load`.

wrk holds 256 connections and asks for pages and images in the mix that browsers ask for. With
`--other PATH`, the other checkout and this one take turns on the same machine, both behind Caddy
with `deploy/Caddyfile`. Where the other one is older, give `--database` a database that the other
one made: each checkout gets a copy, migrated to its own schema. Any error makes the exit code 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread

from benchmarks.console import echo, table
from benchmarks.database import FOLDER, MODEL, database
from benchmarks.servers import (
    ROOT,
    URLS,
    Checkout,
    Load,
    Server,
    caddy,
    explorer,
    image_paths,
    measured_on,
    require,
    run_wrk,
    select,
)

# Percent of the requests: a browser asks for many images, most of which it then keeps.
SHARES = {"image": 70, "unit": 10, "layer": 4, "class": 2, "home": 2, "API": 6, "search": 4,
          "heat map": 2}  # fmt: skip
REQUESTS = 20_000
LAYERS = ("conv2d2", "mixed3b", "mixed4c", "mixed5b")
SEARCHES = ("mixed4c:447", "zebra", "terrier", "layer:mixed5b density<0.1")
WARM_UP_SECONDS = 2
HEAT_MAPS = """
SELECT layer.name, unit."index", dataset.slug FROM example
JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = layer_id JOIN model ON model.id = model_id
JOIN dataset ON dataset.id = dataset_id
WHERE kind = 'top' AND rank = 1 AND heat IS NOT NULL AND model.slug = ? ORDER BY unit_id LIMIT 250
"""


@dataclass
class Site:
    """A checkout behind Caddy, with what was measured so far."""

    name: str
    server: Server
    proxy: Server
    loads: list[Load] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    parser.add_argument("--database", type=Path, help=f"a database that has {MODEL}")
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--seconds", type=int, default=20, help="length of a run of wrk")
    parser.add_argument("--rounds", type=int, default=5, help="runs of wrk for each checkout")
    options = parser.parse_args()
    require("wrk", "caddy")
    checkouts = [Checkout(path.resolve()) for path in (ROOT, options.other) if path]
    source = options.database or database()
    paths = mixed(addresses(source))
    with sites(checkouts, source) as started:
        for site in started:
            run_wrk(site.proxy, paths, options.connections, WARM_UP_SECONDS, threads=2)
        for _ in range(options.rounds):
            for site in started:
                run(site, paths, options.connections, options.seconds)
    echo(measured_on("bench-load"))
    for line in report(started, options.connections, options.seconds):
        echo(line)
    sys.exit(1 if any(load.errors for site in started for load in site.loads) else 0)


@contextmanager
def sites(checkouts: Sequence[Checkout], source: Path) -> Iterator[list[Site]]:
    """Every checkout with its own copy of the database and its own Caddy."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=FOLDER)))
        started = []
        for checkout in checkouts:
            path = checkout.copy_database(source, folder)
            server = stack.enter_context(explorer(checkout, path))
            proxy = stack.enter_context(caddy(server, folder))
            started.append(Site(checkout.name, server, proxy))
        yield started


def addresses(source: Path) -> dict[str, list[str]]:
    """The addresses of each kind."""
    maps = select(source, HEAT_MAPS, MODEL)
    units = [(layer, unit) for layer in LAYERS for unit in range(0, 190, 3)]
    return {
        "image": image_paths(source),
        "unit": [URLS.unit(MODEL, *unit) for unit in units],
        "layer": [URLS.layer(MODEL, layer) for layer in LAYERS],
        "class": [URLS.unit(MODEL, "logits", unit) for unit in range(0, 1000, 9)],
        "home": [URLS.home(), URLS.model(MODEL)],
        "API": [*(URLS.api_unit(MODEL, *unit) for unit in units), URLS.api_model(MODEL)],
        "search": [*map(URLS.search, SEARCHES), *map(URLS.search_data, SEARCHES)],
        "heat map": [URLS.heat(MODEL, layer, unit, name, "top", 1) for layer, unit, name in maps],
    }


def mixed(kinds: Mapping[str, Sequence[str]]) -> list[str]:
    """Addresses by their shares; the same ones each time."""
    chance = random.Random(1)
    drawn = chance.choices(list(SHARES), list(SHARES.values()), k=REQUESTS)
    return [chance.choice(kinds[kind]) for kind in drawn]


def run(site: Site, paths: Sequence[str], connections: int, seconds: int) -> None:
    """One run of wrk, with the server's memory twice a second."""
    end = Event()

    def weigh() -> None:
        while not end.wait(0.5):
            site.memory.append(site.server.megabytes())

    thread = Thread(target=weigh)
    thread.start()
    try:
        site.loads.append(run_wrk(site.proxy, paths, connections, seconds, threads=2))
    finally:
        end.set()
        thread.join()


def report(started: Sequence[Site], connections: int, seconds: int) -> Iterator[str]:
    """In Markdown: a column for each checkout, and the ratio of this one to the other."""
    shares = ", ".join(f"{share} % {kind}" for kind, share in SHARES.items())
    rounds = len(started[0].loads)
    yield f"{connections} connections, {rounds} runs of {seconds} s each in turns: {shares}."
    yield ""
    rows = [
        row("requests, all runs", [total(site, "requests") for site in started]),
        row("errors, all runs", [total(site, "errors") for site in started]),
        row("requests per second, median", [typical(site, "rate") for site in started]),
        row("p50, ms, median", [typical(site, "p50") for site in started]),
        row("p99, ms, median", [typical(site, "p99") for site in started]),
        row("memory, MB, at most", [max(site.memory) for site in started]),
    ]
    yield from table(["", *(site.name for site in started), "ratio"], rows)


def total(site: Site, name: str) -> float:
    return float(sum(getattr(load, name) for load in site.loads))


def typical(site: Site, name: str) -> float:
    return float(median(getattr(load, name) for load in site.loads))


def row(title: str, values: Sequence[float]) -> list[str]:
    ratio = f"{values[0] / values[1]:.2f}" if len(values) > 1 and values[1] else ""
    return [title, *(f"{value:,.0f}" for value in values), ratio]


if __name__ == "__main__":
    main()
