"""Requests of clients that left while they queued for a thread are not worked on."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from threading import Event, Lock
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

from app.config import Settings
from app.db.engine import READERS
from app.db.transactions import Source
from app.db.views import ModelView
from app.web.server import Server
from tests.serving import PATIENCE, get, talk

CROWD = 60


class SlowModels:
    """Stands for a slow query: counts its calls, and holds them until it is opened."""

    def __init__(self) -> None:
        self.calls, self.lock, self.is_open = 0, Lock(), Event()

    def models(self, source: Source) -> tuple[ModelView, ...]:
        with self.lock:
            self.calls += 1
        assert self.is_open.wait(PATIENCE)
        return ()


def test_queued_requests_of_clients_that_left_are_cancelled(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowModels()
    monkeypatch.setattr("app.db.queries.catalog.models", slow.models)
    server = Server(Settings(database=database, port=0))
    server.start()
    port = server.socket.getsockname()[1]
    crowd = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(CROWD)]
    for client in crowd:
        client.sendall(get("/api/v1/models"))
    wait_until(lambda: slow.calls == READERS and in_flight(server) == CROWD)
    for client in crowd:
        client.close()
    wait_until(lambda: in_flight(server) == READERS)
    slow.is_open.set()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        request = get("/api/v1/models?uncached", close=True)
        assert talk(connection, request).startswith(b"HTTP/1.1 200")
    assert slow.calls == READERS + 1
    server.stop()


def in_flight(server: Server) -> int:
    """The requests that the server works on, without the one that asks for them."""
    with urlopen(f"{server.address}metrics", timeout=PATIENCE) as answer:
        found = re.search(r"^microscope_requests_in_flight (\S+)$", answer.read().decode(), re.M)
    assert found
    return int(float(found[1])) - 1


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline
        sleep(0.01)
