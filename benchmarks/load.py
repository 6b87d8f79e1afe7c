"""A minute of 256 readers at once: `make bench-load`.

wrk asks one process of `microscope serve` for pages and pictures, mixed as browsers ask, over the
drawn database of a whole network (`database.py`). Any error makes the exit code 1. Memory is
weighed meanwhile; before and right after, single requests are timed: the server must be as it was.
"""

from __future__ import annotations

import argparse
import http.client
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread

from benchmarks.console import echo
from benchmarks.web import refreshed
from benchmarks.database import DATASET, MODEL, database
from benchmarks.servers import HOST, Served, explorer, running
from benchmarks.web_times import CLASSES, LAYER, SEARCHES, URLS, ask, image_paths

# Of a hundred requests: a reader's browser asks for many pictures, most of which it then keeps.
SHARES = {"picture": 70, "unit": 10, "layer": 4, "class": 2, "home": 2, "API": 6, "search": 4,
          "heat map": 2}  # fmt: skip
ADDRESSES = 20_000
LAYERS = ("conv2d2", "mixed3b", "mixed4c", LAYER)
# Answers that come later than this count as errors.
PATIENCE = "30s"
SAMPLES = 40

SCRIPT = """
local requests, number = {}, 0
function setup(thread) thread:set("number", number); number = number + 1 end
function init(arguments)
  math.randomseed(number)
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, { ["Accept-Encoding"] = "gzip" })
  end
end
function request() return requests[math.random(#requests)] end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("\\n=%d %d %d %d %d %d %d %d %d %d\\n", summary.requests,
    summary.duration, summary.bytes, e.connect, e.read, e.write, e.status, e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """What became of the minute; milliseconds and requests a second."""

    requests: int
    rate: float
    megabytes: float
    """Sent a second."""
    errors: Mapping[str, int]
    p50: float
    p99: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    path = refreshed(database())
    with running(explorer(path)) as served, tempfile.TemporaryDirectory() as folder:
        kinds = addresses(path)
        before, fresh = times(served, kinds), served.megabytes()
        with weighed(served) as weights:
            load = loaded(served, kinds, Path(folder), asked.connections, asked.seconds)
        after, rest = times(served, kinds), served.megabytes()
    for line in report(asked, load, (fresh, max(weights), rest), before, after):
        echo(line)
    sys.exit(1 if any(load.errors.values()) else 0)


def addresses(path: Path) -> dict[str, list[str]]:
    """Many of each kind, so that nothing is answered from what is at hand."""
    units = [(layer, unit) for layer in LAYERS for unit in range(0, 190, 3)]
    return {
        "picture": image_paths(path),
        "unit": [URLS.unit(MODEL, *unit) for unit in units],
        "layer": [URLS.layer(MODEL, layer) for layer in LAYERS],
        "class": [URLS.unit(MODEL, CLASSES, unit) for unit in range(0, 1000, 9)],
        "home": [URLS.home(), URLS.model(MODEL)],
        "API": [*(URLS.api_unit(MODEL, *unit) for unit in units), URLS.api_model(MODEL)],
        "search": [*map(URLS.search, SEARCHES.values()), *map(URLS.search_data, SEARCHES.values())],
        "heat map": [URLS.heat(MODEL, *unit, DATASET, "top", 1) for unit in units],
    }


def mixed(kinds: Mapping[str, Sequence[str]]) -> list[str]:
    """Addresses by their shares; the same ones each time."""
    chance = random.Random(1)
    drawn = chance.choices(list(SHARES), list(SHARES.values()), k=ADDRESSES)
    return [chance.choice(kinds[kind]) for kind in drawn]


def loaded(
    served: Served,
    kinds: Mapping[str, Sequence[str]],
    folder: Path,
    connections: int,
    seconds: int,
) -> Load:
    """What wrk says of its minute."""
    paths, script = folder / "paths.txt", folder / "load.lua"
    paths.write_text("\n".join(mixed(kinds)), encoding="utf-8")
    script.write_text(SCRIPT, encoding="utf-8")
    load = ("-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", PATIENCE, "-s", str(script))
    command = ["wrk", *load, served.origin, "--", str(paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("="))
    requests, duration, sent, *errors, p50, p99 = map(int, line[1:].split())
    names = ("connect", "read", "write", "status", "timeout")
    a_second = 1e6 / duration
    return Load(
        requests,
        requests * a_second,
        sent * a_second / 1e6,
        dict(zip(names, errors, strict=True)),
        p50 / 1000,
        p99 / 1000,
    )


class weighed:  # noqa: N801 - used as a function
    """Megabytes of the server twice a second, as long as the block runs."""

    def __init__(self, served: Served) -> None:
        self.served, self.found = served, [served.megabytes()]
        self.end = Event()
        self.thread = Thread(target=self._weigh)

    def __enter__(self) -> list[float]:
        self.thread.start()
        return self.found

    def __exit__(self, *_: object) -> None:
        self.end.set()
        self.thread.join()

    def _weigh(self) -> None:
        while not self.end.wait(0.5):
            self.found.append(self.served.megabytes())


def times(served: Served, kinds: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Median milliseconds of single requests of each kind, one after the other."""
    connection = http.client.HTTPConnection(HOST, served.port, timeout=60)
    found = {}
    for kind, paths in kinds.items():
        answers = [ask(connection, paths[number % len(paths)]) for number in range(SAMPLES)]
        wrong = {answer.status for answer in answers} - {200}
        if wrong:
            raise SystemExit(f"{kind}: answered with {wrong}")
        found[kind] = median(answer.wall for answer in answers)
    connection.close()
    return found


def report(
    asked: argparse.Namespace,
    load: Load,
    memory: tuple[float, float, float],
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> Iterator[str]:
    """In Markdown."""
    failed = ", ".join(f"{count:,} {name}" for name, count in load.errors.items() if count)
    shares = ", ".join(f"{share} % {kind}" for kind, share in SHARES.items())
    yield f"{asked.connections} connections for {asked.seconds} s: {shares}."
    yield ""
    yield f"- {load.requests:,} requests, errors: {failed or 'none'}."
    yield f"- {load.rate:,.0f} requests and {load.megabytes:.1f} MB a second."
    yield f"- 50 % were answered within {load.p50:,.0f} ms, 99 % within {load.p99:,.0f} ms."
    fresh, most, rest = memory
    yield f"- Memory: {fresh:.0f} MB before, at most {most:.0f} MB meanwhile, {rest:.0f} MB after."
    yield ""
    yield "| single requests, median | before | right after |"
    yield "|---|---|---|"
    for kind, time in before.items():
        yield f"| {kind} | {time:.1f} ms | {after[kind]:.1f} ms |"


if __name__ == "__main__":
    main()
