"""What the server promises by itself, without a proxy."""

from __future__ import annotations

import signal
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

from app.config import Settings
from app.web.server import Server
from tests.serving import PATIENCE, get, serving, talk


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_requests_under_way_are_answered_before_it_stops(
    database: str, number: signal.Signals, code: int
) -> None:
    with serving(database) as server, server.connect() as connection:
        connection.sendall(get("/models/toy/mixed3b?uncached", close=True))
        assert connection.recv(1) == b"H"
        server.process.send_signal(number)
        assert b"</html>" in talk(connection, b"")
        assert server.process.wait(PATIENCE) == code


def test_two_workers_serve_and_both_stop(database: str) -> None:
    with serving(database, workers=2) as server:
        for _ in range(20):
            answer = server.ask(get("/models/toy/mixed3b/2", close=True))
            assert answer.startswith(b"HTTP/1.1 200")
        began = monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        assert monotonic() - began < PATIENCE / 2


def test_a_server_beside_other_work_serves_whatever_the_number_of_workers(database: str) -> None:
    server = Server(Settings(database=database, port=0, workers=2))
    server.start()
    try:
        with urlopen(f"{server.address}models/toy", timeout=PATIENCE) as answer:
            assert answer.status == 200
    finally:
        server.stop()


def test_more_connections_than_allowed_get_a_503(database: str) -> None:
    with serving(database, connections=3) as server:
        held = [server.connect() for _ in range(3)]
        sleep(0.2)
        assert server.ask(get("/healthz", close=True)).startswith(b"HTTP/1.1 503")
        for connection in held:
            connection.close()
        sleep(0.2)
        assert server.ask(get("/healthz", close=True)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("trusted", "scheme"),
    [("", "http"), ("127.0.0.1", "https"), ("127.0.0.0/8", "https"), ("10.0.0.0/8", "http")],
)
def test_forwarded_headers_are_trusted_from_named_proxies_alone(
    database: str, trusted: str, scheme: str
) -> None:
    with serving(database, trusted_proxies=trusted) as server:
        page = server.ask(get("/models/toy", "X-Forwarded-Proto: https", close=True)).decode()
    assert f'<link rel="canonical" href="{scheme}://microscope.example/models/toy">' in page


def test_a_large_body_is_refused(database: str) -> None:
    body = b"a" * 70_000
    with serving(database) as server:
        request = get("/models", f"Content-Length: {len(body)}", close=True) + body
        assert server.ask(request).startswith(b"HTTP/1.1 413")


def test_answers_do_not_name_the_server(database: str) -> None:
    with serving(database) as server:
        head = server.ask(get("/models", close=True)).partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nserver:" not in head
