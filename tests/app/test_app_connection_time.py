"""Clients that are slow: each is cut after its time, and nobody else waits for it.

The limits are made short, so that the tests are; a real server in a thread holds to them.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from app import limits
from app.server import Server
from app.settings import Settings
from tests.serving import PATIENCE, get, talk

SHORT = 0.4


@pytest.fixture
def port(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name in ("ARRIVAL", "TAKING", "LINGER"):
        monkeypatch.setattr(limits, name, SHORT)
    server = Server(Settings(database=database, port=0))
    server.start()
    yield server.socket.getsockname()[1]
    server.stop()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def is_cut(connection: socket.socket) -> bool:
    """Whether the server ends the connection, in whatever way, as long as we have patience."""
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"", []),
        (b"G", [408]),
        (get("/healthz")[:-2], [408]),
        (b"\r\n", [408]),
        (get("/healthz", "Content-Length: 9"), [200]),
        (get("/healthz") + b"GET /m", [200, 408]),
    ],
)
def test_a_request_that_does_not_come_to_its_end_is_not_waited_for(
    port: int, begun: bytes, status: list[int]
) -> None:
    with connect(port) as connection:
        answer = talk(connection, begun)
    assert [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)] == status


def test_a_client_that_sends_a_byte_now_and_then_is_cut_all_the_same(port: int) -> None:
    with connect(port) as connection:
        connection.settimeout(0.05)
        deadline, request = monotonic() + PATIENCE, iter(get("/healthz", f"A: {'b' * 60_000}"))
        while monotonic() < deadline:
            try:
                connection.send(bytes([next(request)]))
                if connection.recv(65536).startswith(b"HTTP/1.1 408"):
                    return
            except TimeoutError:
                continue
    raise AssertionError("it may go on for ever")


def test_a_client_that_never_reads_is_cut(port: int) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", port))
        # More than the system keeps for a connection: what it cannot take waits in the server.
        is_stuck = False
        while not is_stuck:
            try:
                connection.settimeout(3 * SHORT)
                connection.sendall(get("/models/toy/mixed3b") * 8)
            except TimeoutError:
                is_stuck = True
            except ConnectionError:
                return
        assert is_reset(connection, b"G")


def is_reset(connection: socket.socket, data: bytes) -> bool:
    """Whether sending the same again and again ends, as long as we have patience."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        try:
            connection.sendall(data)
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def test_a_refused_client_that_goes_on_sending_is_cut(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GARBAGE\r\n\r\n")
        assert is_reset(connection, b"a" * 1000)


def test_three_hundred_half_requests_keep_nobody_waiting(port: int) -> None:
    halves = [connect(port) for _ in range(300)]
    for each in halves:
        each.sendall(get("/healthz")[:-2])
    with connect(port) as connection:
        assert talk(connection, get("/models", close=True)).startswith(b"HTTP/1.1 200")
    assert all(is_cut(each) for each in halves)
    for each in halves:
        each.close()
