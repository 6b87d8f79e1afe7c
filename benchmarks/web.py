"""The explorer over a whole network's database, against its goals: `make bench-web`.

One run starts `microscope serve` over a drawn database of 6,808 units (`database.py`) and
measures, in this order: start and memory of the process, how long each kind of address takes, what
a first visit costs in a browser, pictures a second against the server's ceiling and nginx, and the
memory after all that. It prints the tables of docs/performance.md.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks import web_browser, web_load, web_times
from benchmarks.console import echo
from benchmarks.database import database
from benchmarks.servers import MICROSCOPE, Served, explorer, running

STARTS = 5
GOALS = """
Goals: every page within 30 ms at the median; the layer page with at most 40 requests and 600 kB,
and its largest paint within 1.2 s on the emulated line; pictures at 60 % of the ceiling or more;
less than 150 MB; 1.5 s from its start to the first answer.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100, help="of each kind of address")
    parser.add_argument("--runs", type=int, default=5, help="visits of each page")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each server under load")
    parser.add_argument("--only", default="", help="some of: times, browser, load")
    asked = parser.parse_args()
    absent = web_load.missing()
    if absent:
        raise SystemExit(absent)
    path = refreshed(database())
    echo(GOALS.strip())
    starts = [started(path) for _ in range(STARTS)]
    with running(explorer(path)) as served:
        fresh = served.megabytes()
        parts = [part for part in PARTS if part in asked.only or not asked.only]
        for part in parts:
            say_all(PARTS[part](served, path, asked))
        say_all(process(starts, fresh, served.megabytes()))


def refreshed(path: Path) -> Path:
    """The database with what lists show made from it, where this version makes such things."""
    if find_spec("app.db.derived.refresh"):
        command = [*MICROSCOPE, "refresh", "--database", str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def started(path: Path) -> float:
    """Seconds from the start of a server to its first answer."""
    with running(explorer(path)) as served:
        return served.seconds


def times(served: Served, path: Path, asked: argparse.Namespace) -> Iterator[str]:
    """How long each kind of address takes."""
    yield f"Milliseconds to answer, {asked.requests} requests of each kind, one after the other:"
    yield ""
    yield from web_times.table(list(web_times.measure(served, path, asked.requests)))


def browser(served: Served, path: Path, asked: argparse.Namespace) -> Iterator[str]:
    """What a first visit costs."""
    yield f"First views in Chromium, medians of {asked.runs}, each with an empty cache:"
    yield ""
    yield from web_browser.table(list(web_browser.measure(served, asked.runs)))


def load(served: Served, path: Path, asked: argparse.Namespace) -> Iterator[str]:
    """Pictures a second, in turns."""
    count = len(web_times.image_paths(path))
    yield f"Pictures a second, over {count:,} addresses, medians of {asked.rounds} turns:"
    yield ""
    with tempfile.TemporaryDirectory() as folder:
        found = web_load.measure(served, path, Path(folder), asked.rounds)
        yield from web_load.table(list(found))


def process(starts: Iterable[float], fresh: float, loaded: float) -> Iterator[str]:
    """The web process itself."""
    yield (
        f"The web process: {median(starts):.2f} s from its start to its first answer "
        f"({min(starts):.2f} to {max(starts):.2f}); {fresh:.0f} MB of memory then, "
        f"{loaded:.0f} MB after all of the above."
    )


PARTS = {"times": times, "browser": browser, "load": load}


def say_all(lines: Iterable[str]) -> None:
    """A part of the report, after an empty line."""
    echo("")
    for line in lines:
        echo(line)


if __name__ == "__main__":
    main()
