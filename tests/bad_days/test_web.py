"""The web side against the world: slow clients, with a proxy and without; stopping under load."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from app import limits
from app.web.server import GRACE_SECONDS
from tests.app.conftest import fill_database
from tests.clients import ANSWERED, CUT, LOST, REFUSED, Clients
from tests.odd import BADLY_CODED, HUGE, ODD, statuses
from tests.proxies import nginx, require_nginx
from tests.serving import HOST, PATIENCE, Serving, get, serving, talk

PATHS = ("/healthz", "/models/toy/mixed3b/2", "/models/toy/mixed3b", "/search?q=tabby", "/none")
ROUNDS, COUNT = 3, 32
SLOW = 300
# What nginx says of what it does not know: an encoding, a version.
NGINX_OWN = (501, 505)
# Megabytes.
GROWTH = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("web") / "microscope.db")
    fill_database(path)
    return path


@pytest.mark.parametrize("number", range(ROUNDS))
def test_whenever_it_is_told_to_stop_no_request_is_lost(filled: str, number: int) -> None:
    with serving(filled) as server:
        clients = Clients(server.port, PATHS, COUNT)
        clients.start()
        deadline = monotonic() + PATIENCE
        while clients.fates[ANSWERED] < COUNT * (1 + number) and monotonic() < deadline:
            sleep(0.003)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        fates = clients.join()
    assert fates[LOST] == fates[CUT] == 0
    assert fates[REFUSED] == COUNT


def test_clients_that_neither_send_nor_read_do_not_hold_up_its_end(filled: str) -> None:
    with serving(filled) as server:
        silent = [server.connect() for _ in range(20)]
        for each in silent[10:]:
            each.sendall(get("/models/toy/mixed3b")[:-1])
        began = monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        # The grace, and as much again for a machine that has other work.
        assert monotonic() - began < 2 * GRACE_SECONDS + 10
        close(silent)


def test_slow_clients_are_cut_and_nobody_waits_for_them(filled: str) -> None:
    with serving(filled) as server:
        before = server.megabytes()
        slow = [server.connect() for _ in range(SLOW)]
        began = monotonic()
        trickle(slow, began + limits.ARRIVAL / 4, server.port)
        assert server.megabytes() < before + GROWTH
        assert_all_cut(slow, began)
        assert_answers(server.port)


def test_behind_a_proxy_slow_clients_do_not_reach_the_server(filled: str, tmp_path: Path) -> None:
    require_nginx()
    with serving(filled, trusted_proxies="127.0.0.1") as server, nginx(tmp_path, server) as port:
        slow = [connect(port) for _ in range(SLOW)]
        began = monotonic()
        trickle(slow, began + limits.ARRIVAL / 4, port)
        assert connections_of(server) < 20
        assert_all_cut(slow, began)
        assert_answers(port)


def test_behind_a_proxy_every_odd_request_is_answered_or_cut(filled: str, tmp_path: Path) -> None:
    require_nginx()
    requests = [*(request for request, _ in ODD.values()), *HUGE.values()]
    requests += [get(path, close=True) for path in BADLY_CODED]
    with serving(filled, trusted_proxies="127.0.0.1") as server, nginx(tmp_path, server) as port:
        before = server.megabytes()
        for request in requests:
            with connect(port) as connection:
                connection.settimeout(2)  # nginx waits for the rest of some
                answer = patiently(connection, request)
            assert all(status < 500 or status in NGINX_OWN for status in statuses(answer)), request[
                :80
            ]
        assert_answers(port)
        assert server.megabytes() < before + GROWTH


def patiently(connection: socket.socket, request: bytes) -> bytes:
    """What is answered; nothing where the proxy waits for more."""
    try:
        return talk(connection, request)
    except TimeoutError:
        return b""


def connect(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=PATIENCE)


def trickle(slow: list[socket.socket], until: float, port: int) -> None:
    """Each sends a byte a second; meanwhile others are answered."""
    request = iter(get("/healthz", f"A: {'b' * 1000}"))
    while monotonic() < until:
        byte = bytes([next(request)])
        for each in slow:
            with suppress(ConnectionError):  # where a second takes long, some are cut already
                each.sendall(byte)
        assert_answers(port)
        sleep(1)


def assert_answers(port: int) -> None:
    with connect(port) as connection:
        assert talk(connection, get("/models", close=True)).startswith(b"HTTP/1.1 200")


def assert_all_cut(slow: list[socket.socket], began: float) -> None:
    """Each is told that it was too slow, or only cut, long before our patience ends."""
    for each in slow:
        talk(each, b"")
    assert monotonic() - began < limits.ARRIVAL + PATIENCE / 2
    close(slow)


def close(connections: list[socket.socket]) -> None:
    for each in connections:
        each.close()


def connections_of(server: Serving) -> int:
    """How many files the process has open that are sockets."""
    folder = Path(f"/proc/{server.process.pid}/fd")
    return sum(str(file.readlink()).startswith("socket:") for file in folder.iterdir())
