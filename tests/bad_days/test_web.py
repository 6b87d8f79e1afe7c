"""The web side behind the shipped proxy: restarts under load, slow, odd and oversized clients."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.app.conftest import fill_database
from tests.clients import Clients
from tests.odd import BADLY_CODED, HUGE, ODD, statuses
from tests.proxies import caddy, require_caddy
from tests.serving import HOST, PATIENCE, Serving, get, serving, talk

pytestmark = pytest.mark.bad_day

PATHS = ("/healthz", "/models/toy/mixed3b/2", "/api/v1/models/toy", "/models", "/about")
RESTARTS, READERS, PER_RESTART = 3, 32, 200
SLOW = 300
# Seconds: how long deploy/Caddyfile waits for a request's headers.
READ_HEADER = 10
# What Caddy says of what it does not implement: a transfer encoding, a version.
OWN_REFUSALS = (501, 505)
# Megabytes.
GROWTH = 60
# Above the limit, and small enough to be sent before it is refused.
LARGE_BODY = get("/models", "Content-Length: 70000", close=True) + b"a" * 70_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("web") / "microscope.db")
    fill_database(path)
    return path


@pytest.fixture(autouse=True)
def proxy_is_there() -> None:
    require_caddy()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_restart_under_load_loses_no_request(filled: str, workers: int, tmp_path: Path) -> None:
    """The proxy holds requests until the successor answers."""
    with serving(filled, workers=workers) as first, caddy(tmp_path, first.port) as port:
        clients = Clients(port, PATHS, READERS)
        clients.start()
        await_answers(clients, PER_RESTART)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(PATIENCE) == 0
        for number in range(2, RESTARTS + 2):
            with serving(filled, port=first.port, workers=workers) as successor:
                await_answers(clients, number * PER_RESTART)
                if number == RESTARTS + 1:
                    answers = clients.stop()
                    break
                successor.process.send_signal(signal.SIGTERM)
                assert successor.process.wait(PATIENCE) == 0
    assert set(answers) == {200}, answers


def test_slow_clients_do_not_reach_the_server_and_are_cut(filled: str, tmp_path: Path) -> None:
    with serving(filled) as server, caddy(tmp_path, server.port) as port:
        slow = [connect(port) for _ in range(SLOW)]
        began = monotonic()
        trickle(slow, began + READ_HEADER / 2, port)
        assert open_sockets(server) < 20
        for each in slow:
            talk(each, b"")  # until the proxy closes it
            each.close()
        assert monotonic() - began < READ_HEADER + PATIENCE / 2
        assert_answers(port)


@pytest.mark.parametrize(
    ("name", "status"),
    [("a huge header", 431), ("10,000 headers", 431), ("a body", 413)],
)
def test_oversized_requests_are_refused(
    filled: str, tmp_path: Path, name: str, status: int
) -> None:
    request = LARGE_BODY if name == "a body" else ODD[name][0]
    with serving(filled) as server, caddy(tmp_path, server.port) as port:
        with connect(port) as connection:
            connection.settimeout(5)
            assert statuses(answer_to(connection, request))[:1] == [status]
        assert_answers(port)


def test_every_odd_request_is_answered_or_cut(filled: str, tmp_path: Path) -> None:
    requests = [*(request for request, _ in ODD.values()), *HUGE.values()]
    requests += [get(path, close=True) for path in BADLY_CODED]
    with serving(filled) as server, caddy(tmp_path, server.port) as port:
        before = server.megabytes()
        for request in requests:
            with connect(port) as connection:
                connection.settimeout(2)  # the proxy waits for the rest of some
                answer = answer_to(connection, request)
            told = [status for status in statuses(answer) if status not in OWN_REFUSALS]
            assert all(status < 500 for status in told), (request[:80], told)
        assert_answers(port)
        assert server.megabytes() < before + GROWTH


def test_silent_clients_do_not_hold_up_a_stop(filled: str) -> None:
    """Without a proxy: connections that send nothing are closed."""
    with serving(filled) as server:
        silent = [server.connect() for _ in range(20)]
        for each in silent[10:]:
            each.sendall(get("/models/toy/mixed3b")[:-1])
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        for each in silent:
            each.close()


def await_answers(clients: Clients, count: int) -> None:
    deadline = monotonic() + PATIENCE
    while sum(clients.answers.values()) < count and monotonic() < deadline:
        sleep(0.01)


def answer_to(connection: socket.socket, request: bytes) -> bytes:
    """What is answered; empty where the proxy waits for more."""
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
            with suppress(ConnectionError):
                each.sendall(byte)
        assert_answers(port)
        sleep(1)


def assert_answers(port: int) -> None:
    with connect(port) as connection:
        assert talk(connection, get("/models", close=True)).startswith(b"HTTP/1.1 200")


def open_sockets(server: Serving) -> int:
    folder = Path(f"/proc/{server.process.pid}/fd")
    return sum(str(file.readlink()).startswith("socket:") for file in folder.iterdir())
