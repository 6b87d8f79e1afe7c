"""A real server that is asked for ever new things: what it keeps of them does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from app.config import Settings
from app.web import image_loader
from app.web.server import Server
from tests.app.web.telemetry.scrape import Scrape

READERS = 4
# Enough that 5 kB kept of each request would show.
REQUESTS = 400


@pytest.fixture
def address(database: str) -> Iterator[str]:
    server = Server(Settings(database=database, port=0))
    server.start()
    yield server.address
    server.stop()


def ask(address: str, paths: list[str]) -> list[int]:
    """All of these over one connection, each with a number of its own; their statuses."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    statuses = []
    for path in paths:
        connection.request("GET", path, headers={"X-Request-ID": path.strip("/").replace("/", ".")})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


def scraped(address: str) -> Scrape:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", "/metrics")
    found = Scrape(connection.getresponse().read().decode())
    connection.close()
    return found


def paths_of(reader: int, turn: int) -> list[str]:
    """Half of them pictures, half pages, none of which was asked for before."""
    numbers = [(turn * READERS + reader) * REQUESTS + number for number in range(REQUESTS)]
    return [f"/img/{n:064x}.png" if n % 2 else f"/none/{n}" for n in numbers]


def load(address: str, turn: int) -> None:
    with ThreadPoolExecutor(READERS) as threads:
        given = [paths_of(reader, turn) for reader in range(READERS)]
        for statuses in threads.map(lambda paths: ask(address, paths), given):
            assert set(statuses) == {404}


def test_series_and_memory_stay_as_they_are_whatever_is_asked_for(address: str) -> None:
    scraped(address)
    load(address, turn=0)
    before = scraped(address)
    load(address, turn=1)
    after = scraped(address)
    assert set(after.samples) == set(before.samples)
    count = "microscope_request_seconds_count"
    asked = {
        route: after.value(count, route=route) - before.value(count, route=route)
        for route in after.labels(count, "route")
    }
    half = READERS * REQUESTS / 2
    assert asked == {"/img/{sha256}.{extension}": half, "none": half, "/metrics": 1}
    assert after.value("microscope_requests_in_flight") == 1
    grown = after.value("process_resident_memory_bytes")
    grown -= before.value("process_resident_memory_bytes")
    assert grown < 8 * 2**20, f"{grown / 2**20:.1f} MB"


def test_pictures_that_are_asked_for_together_are_seen_to_share_queries(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads at the same time: some of them must meet, though none can be told to. A database that
    has to be waited for, as a server's; the first request is when the way is chosen."""
    monkeypatch.setattr(image_loader, "nearby", lambda engine: None)
    for turn in range(50):
        load(address, turn)
        found = scraped(address)
        if found.value("microscope_pictures_shared_total"):
            break
    asked = found.value("microscope_database_queries_total", route="/img/{sha256}.{extension}")
    answered = found.value("microscope_request_seconds_count", route="/img/{sha256}.{extension}")
    assert 0 < asked < answered
