"""What proxies say of clients is believed from trusted ones alone; else it changes nothing."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.errors import InputError
from app.forwarded import trusting
from app.server import Server
from app.settings import Settings, read_settings

CLAIMED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=203.0.113.8;proto=https;host=evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "203.0.113.9",
}
UNIT = "/models/toy/mixed3b/2"
# Pages with whole addresses in them, and answers that lead elsewhere.
PATHS = ("/", UNIT, f"{UNIT}.json", "/about", "/compare?u=toy/mixed3b/2", "/models/toy/", "/random")


@contextmanager
def running(database: str, **settings: str | int) -> Iterator[Server]:
    server = Server(Settings.model_validate({"database": database, "port": 0, **settings}))
    server.start()
    yield server
    server.stop()


def ask(server: Server, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.socket.getsockname()[1])
    given = {"Host": "microscope.example", "Accept-Encoding": "identity"} | headers
    connection.request("GET", path, headers=given)
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    body = answer.read()
    connection.close()
    return answer.status, found, body


@pytest.fixture(scope="module")
def untrusting(database: str) -> Iterator[Server]:
    with running(database, trusted_proxies="192.0.2.0/24") as server:
        yield server


@pytest.fixture(scope="module")
def behind(database: str) -> Iterator[Server]:
    with running(database, trusted_proxies="192.0.2.0/24, 127.0.0.0/8") as server:
        yield server


@pytest.mark.parametrize("path", PATHS)
def test_from_anybody_else_they_change_nothing(untrusting: Server, path: str) -> None:
    status, headers, body = ask(untrusting, path, **CLAIMED)
    plain = ask(untrusting, path)
    for name in ("date", "server-timing", "x-request-id"):
        headers.pop(name, None), plain[1].pop(name, None)
    if path != "/random":
        assert (status, headers, body) == plain
    assert b"evil" not in body
    assert "evil" not in str(headers)
    assert "strict-transport-security" not in headers


def test_none_is_trusted_unless_it_is_set(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with running(database) as server:
        _, headers, body = ask(server, UNIT, **CLAIMED)
    assert b"http://microscope.example/" in body
    assert b"evil" not in body
    assert "strict-transport-security" not in headers


def test_from_a_trusted_proxy_they_are_the_address_of_the_page(behind: Server) -> None:
    _, headers, body = ask(behind, UNIT, **{**CLAIMED, "X-Forwarded-Host": "lab.example:8443"})
    assert f'content="https://lab.example:8443{UNIT}"'.encode() in body
    assert b"microscope.example" not in body
    assert headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", UNIT, "/img/x.png", "/api/v1/models", "/none", "/healthz"])
def test_clients_that_came_over_tls_are_told_to_come_so_again(behind: Server, path: str) -> None:
    over_tls = ask(behind, path, **{"X-Forwarded-Proto": "https"})[1]
    assert over_tls["strict-transport-security"] == "max-age=31536000"
    for other in ({}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "javascript"}):
        assert "strict-transport-security" not in ask(behind, path, **other)[1]


def test_how_long_is_a_setting(database: str) -> None:
    over_tls = {"X-Forwarded-Proto": "https"}
    with running(database, trusted_proxies="127.0.0.1", hsts_seconds=0) as server:
        assert "strict-transport-security" not in ask(server, "/", **over_tls)[1]
    with running(database, trusted_proxies="127.0.0.1", hsts_seconds=300) as server:
        assert ask(server, "/", **over_tls)[1]["strict-transport-security"] == "max-age=300"


@pytest.mark.parametrize(
    "value", ["", "a b", 'x"><script>', "evil.example, ", "evil.example/path", "[::1", "ä"]
)
def test_a_host_that_is_none_is_not_taken(behind: Server, value: str) -> None:
    _, _, body = ask(behind, UNIT, **{"X-Forwarded-Host": value})
    assert b"http://microscope.example/" in body
    assert b"evil" not in body


def test_of_several_hosts_the_nearest_proxys_is_taken(behind: Server) -> None:
    _, _, body = ask(behind, UNIT, **{"X-Forwarded-Host": "evil.example, lab.example"})
    assert b"http://lab.example/" in body


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.1.2.3", "203.0.113.7", "203.0.113.7"),
        ("10.1.2.3", "evil, 203.0.113.7", "203.0.113.7"),
        ("10.1.2.3", "203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("2001:db8::5", "203.0.113.7", "203.0.113.7"),
        ("11.1.2.3", "203.0.113.7", "11.1.2.3"),
        ("unix", "203.0.113.7", "unix"),
    ],
)
def test_the_client_is_the_last_that_no_trusted_proxy_vouches_for(
    peer: str, forwarded: str, client: str
) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    trusted = trusting(app, "10.0.0.0/8,2001:db8::/32")
    TestClient(trusted, client=(peer, 4)).get("/", headers={"X-Forwarded-For": forwarded})
    assert seen == [client]


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "proxy", "10.0.0.0/33", "*", "127.0.0.1;::1"])
def test_what_is_no_network_is_refused_with_the_settings_name(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        read_settings(trusted_proxies=wrong)
    for part in ("MICROSCOPE_TRUSTED_PROXIES", "10.0.0.0/8"):
        assert part in caught.value.message
