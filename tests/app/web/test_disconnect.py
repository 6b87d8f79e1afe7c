"""A crowd that leaves takes its work along: whoever comes next does not wait for it."""

from __future__ import annotations

import socket
from threading import Event, Lock
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine

from app.config import Settings
from app.db.engine import READERS
from app.db.views import ModelView
from app.web.server import Server
from tests.serving import PATIENCE, get, talk

CROWD = 60


class Gate:
    """Stands for a slow page: counts who is let in, and holds them."""

    def __init__(self) -> None:
        self.entered, self.lock, self.is_open = 0, Lock(), Event()

    def models(self, engine: Engine) -> tuple[ModelView, ...]:
        with self.lock:
            self.entered += 1
        assert self.is_open.wait(PATIENCE)
        return ()


def test_what_had_no_thread_when_its_client_left_is_not_done(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr("app.db.queries.catalog.models", gate.models)
    server = Server(Settings(database=database, port=0))
    server.start()
    port = server.socket.getsockname()[1]
    crowd = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(CROWD)]
    for each in crowd:
        each.sendall(get("/api/v1/models"))
    await_that(lambda: gate.entered == READERS and len(connections(server)) == CROWD)
    for each in crowd:
        each.close()
    await_that(lambda: not connections(server))
    gate.is_open.set()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        request = get("/api/v1/models", close=True)
        assert talk(connection, request).startswith(b"HTTP/1.1 200")
    assert gate.entered == READERS + 1
    server.stop()


def connections(server: Server) -> set[object]:
    return set(server._server.server_state.connections)


def await_that(holds: object) -> None:
    deadline = monotonic() + PATIENCE
    assert callable(holds)
    while not holds():
        assert monotonic() < deadline
        sleep(0.01)
