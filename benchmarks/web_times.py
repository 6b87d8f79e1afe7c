"""How long the explorer takes to answer: each kind of page and of JSON, a picture, a heat map."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from app.web.urls import Urls
from benchmarks.database import DATASET, MODEL
from benchmarks.servers import HOST, Served

URLS = Urls()
LAYER, CLASSES = "mixed5b", "logits"
SORTS = ("mean", "density", "similarity")
TECHNIQUES = ("neuron", "negative", "diversity", "example")
SEARCHES = {
    "an address": "mixed4c:447",
    "a class": "zebra",
    "part of a name": "terrier",
    "a statistic": "layer:mixed5b density<0.1",
}


@dataclass(frozen=True)
class Times:
    """Milliseconds: of the first request, then of all others by the server's and our own clock."""

    name: str
    first: float
    server: Sequence[float]
    wall: Sequence[float]
    size: int
    """Bytes of the last answer's body as it was sent."""


def kinds(database: Path) -> Mapping[str, Sequence[str]]:
    """Addresses of each kind; several, where one would be answered from what is at hand."""
    units, classes = range(0, 1024, 7), range(0, 1000, 7)
    layer = URLS.layer(MODEL, LAYER)
    return {
        "home": [URLS.home()],
        "all models": [URLS.models()],
        "model": [URLS.model(MODEL)],
        "layer of 1,024 units, by index": [layer],
        **{f"… by {sort}": [URLS.layer(MODEL, LAYER, sort=sort)] for sort in SORTS},
        **{f"… pictured by {t}": [URLS.layer(MODEL, LAYER, technique=t)] for t in TECHNIQUES},
        "unit": [URLS.unit(MODEL, LAYER, unit) for unit in units],
        "class": [URLS.unit(MODEL, CLASSES, unit) for unit in classes],
        "compare four units": [
            URLS.compare((MODEL, LAYER, unit + other) for other in range(4)) for unit in units
        ],
        **{f"search for {name}": [URLS.search(text)] for name, text in SEARCHES.items()},
        "about": [URLS.about()],
        "JSON of a model": [URLS.api_model(MODEL)],
        "JSON of a layer": [URLS.api_layer(MODEL, LAYER)],
        "JSON of a unit": [URLS.api_unit(MODEL, LAYER, unit) for unit in units],
        "JSON of a layer's page": [URLS.data_of(layer)],
        "picture": image_paths(database)[:1000],
        "heat map": [URLS.heat(MODEL, LAYER, unit, DATASET, "top", 1) for unit in units],
    }


def image_paths(database: Path) -> list[str]:
    """The address of every unit's picture, layer by layer."""
    statement = (
        "SELECT image.sha256, image.media_type FROM visualization JOIN image "
        "ON image.sha256 = visualization.image_sha256 WHERE technique = 'channel' "
        "ORDER BY visualization.id"
    )
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return [URLS.image(*row) for row in connection.execute(statement)]


def measure(served: Served, database: Path, count: int) -> Iterator[Times]:
    """Each kind of address in turn, over one connection; pages that do not exist are left out."""
    connection = http.client.HTTPConnection(HOST, served.port, timeout=60)
    for name, paths in kinds(database).items():
        found = [ask(connection, paths[number % len(paths)]) for number in range(count + 1)]
        if all(answer.status == 200 for answer in found):
            first, *rest = found
            server, wall = [a.server for a in rest], [a.wall for a in rest]
            yield Times(name, first.wall, server, wall, rest[-1].size)
    connection.close()


@dataclass(frozen=True)
class Answer:
    """One answer, with its milliseconds."""

    status: int
    server: float
    wall: float
    size: int


def ask(connection: http.client.HTTPConnection, path: str) -> Answer:
    """One request as a browser makes it, compressed where the server does."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    wall = (time.perf_counter() - begun) * 1000
    timing = answer.headers["Server-Timing"] or "app;dur=nan"
    return Answer(answer.status, float(timing.partition("dur=")[2]), wall, len(body))


def table(found: Sequence[Times]) -> Iterator[str]:
    """In Markdown."""
    yield "| | server, median | 95 % | client, median | 95 % | first | kB sent |"
    yield "|---|---|---|---|---|---|---|"
    for each in found:
        cells = [
            *(f"{value(times):.1f}" for times in (each.server, each.wall) for value in VALUES),
            f"{each.first:.1f}",
            f"{each.size / 1000:.1f}",
        ]
        yield f"| {each.name} | {' | '.join(cells)} |"


def percentile95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


VALUES = (median, percentile95)
