"""A server that is told to stop, while many ask: nothing that was sent to it is lost."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from typing import cast

import pytest
from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from app import limits
from app.connection import Connection
from app.listener import Listener
from app.web.server import OPTIONS, open_socket
from tests.clients import ANSWERED, CUT, LOST, REFUSED, Clients, ask
from tests.serving import HOST, PATIENCE, get, serving, talk

PATHS = ("/healthz", "/models/toy/mixed3b/2", "/api/v1/models/toy", "/none", "/healthz")
COUNT = 16
PLENTY = 20_000_000


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_no_request_is_lost(database: str, number: signal.Signals, code: int) -> None:
    with serving(database) as server:
        clients = Clients(server.port, PATHS, COUNT)
        clients.start()
        deadline = monotonic() + PATIENCE
        while clients.fates[ANSWERED] < 3 * COUNT and monotonic() < deadline:
            sleep(0.01)
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == code
        fates = clients.join()
    assert fates[ANSWERED] >= 3 * COUNT
    assert fates[LOST] == fates[CUT] == 0
    assert fates[REFUSED] == COUNT, "and each was told in the end that nobody is there"


def test_a_request_that_is_on_its_way_is_waited_for(database: str) -> None:
    with serving(database) as server, server.connect() as connection:
        connection.sendall(get("/healthz")[:-2])
        server.process.send_signal(signal.SIGTERM)
        sleep(3 * limits.LAST_CALL)
        answer = talk(connection, b"\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        assert server.process.wait(PATIENCE) == 0


class Halting:
    """An application that begins its answer, and goes on when it may."""

    def __init__(self) -> None:
        self.may_go_on = Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await to_thread.run_sync(self.may_go_on.wait, PATIENCE)
        await send({"type": "http.response.body", "body": b"b"})


@contextmanager
def listening(app: ASGIApp) -> Iterator[tuple[Listener, socket.socket]]:
    """A server in a thread, and its one client; in the end it has stopped."""
    place = open_socket(HOST, 0)
    server = Listener(app, 4, **{**OPTIONS, "lifespan": "off"})
    thread = Thread(target=server.run, args=([place],))
    thread.start()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect((HOST, place.getsockname()[1]))
        yield server, client
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_an_answer_that_did_not_say_it_was_the_last_is_not() -> None:
    app = Halting()
    with listening(app) as (server, client):
        client.sendall(get("/"))
        begun = client.recv(65536)
        server.should_exit = True
        while not is_told(server):
            sleep(0.01)
        app.may_go_on.set()
        while not begun.endswith(b"ab"):
            begun += client.recv(65536)
        assert b"connection: close" not in begun
        assert ask(client, get("/")) == (ANSWERED, False)


async def plenty(scope: Scope, receive: Receive, send: Send) -> None:
    """Far more than the system keeps of what a client has not taken."""
    headers = [(b"content-length", b"%d" % PLENTY)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"a" * PLENTY})


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it() -> None:
    with listening(plenty) as (server, client):
        client.sendall(get("/"))
        found = len(client.recv(4096).partition(b"\r\n\r\n")[2])
        server.should_exit = True
        sleep(3 * limits.LAST_CALL)
        while found < PLENTY and (part := client.recv(65536)):
            found += len(part)
    assert found == PLENTY


def is_told(server: Listener) -> bool:
    """Whether its one client's connection knows that the server stops."""
    (only,) = cast(set[Connection], server.server_state.connections)
    return only.is_leaving
