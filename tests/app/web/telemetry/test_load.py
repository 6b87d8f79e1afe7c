"""A real server under load with new paths each time: memory and series do not grow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest

from app.config import Settings
from app.web.image_routes import ROUTE
from app.web.server import Server
from tests.app.web.telemetry.scrape import Scrape

CLIENTS = 4
# Enough that 5 kB kept of each request would show.
REQUESTS = 400


@pytest.fixture
def address(database: str) -> Iterator[str]:
    server = Server(Settings(database=database, port=0))
    server.start()
    yield server.address
    server.stop()


def statuses(address: str, paths: list[str]) -> set[int]:
    """Request all paths over one connection, each with an id of its own."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    found = set()
    for path in paths:
        connection.request("GET", path, headers={"X-Request-ID": path.strip("/").replace("/", ".")})
        response = connection.getresponse()
        response.read()
        found.add(response.status)
    connection.close()
    return found


def scrape(address: str) -> Scrape:
    """A scrape when all other requests have ended."""
    deadline = monotonic() + 60
    while True:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        connection.request("GET", "/metrics")
        result = Scrape(connection.getresponse().read().decode())
        connection.close()
        if result.value("microscope_requests_in_flight") == 1:
            return result
        assert monotonic() < deadline
        sleep(0.05)


def load(address: str, turn: int) -> None:
    """Half of the requests are for images, half for pages; none exists, none repeats."""

    def paths(client: int) -> list[str]:
        numbers = [(turn * CLIENTS + client) * REQUESTS + number for number in range(REQUESTS)]
        return [f"/img/{n:064x}.png" if n % 2 else f"/none/{n}" for n in numbers]

    with ThreadPoolExecutor(CLIENTS) as threads:
        for found in threads.map(lambda client: statuses(address, paths(client)), range(CLIENTS)):
            assert found == {404}


def test_series_and_memory_do_not_grow(address: str) -> None:
    scrape(address)
    load(address, turn=0)
    before = scrape(address)
    load(address, turn=1)
    after = scrape(address)
    assert set(after.samples) == set(before.samples)
    count = "microscope_request_seconds_count"
    requests = {
        route: after.value(count, route=route) - before.value(count, route=route)
        for route in after.labels(count, "route") - {"/metrics"}
    }
    half = CLIENTS * REQUESTS / 2
    assert requests == {ROUTE: half, "none": half}
    memory = "process_resident_memory_bytes"
    growth = after.value(memory) - before.value(memory)
    assert growth < 8 * 2**20, f"{growth / 2**20:.1f} MB"


def test_images_that_are_requested_together_share_queries(address: str) -> None:
    """Concurrent threads meet sooner or later; none can be made to."""
    for turn in range(50):
        load(address, turn)
        result = scrape(address)
        if result.value("microscope_pictures_shared_total"):
            break
    queries = result.value("microscope_database_queries_total", route=ROUTE)
    answered = result.value("microscope_request_seconds_count", route=ROUTE)
    assert 0 < queries < answered
