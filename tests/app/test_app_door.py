"""A socket that is shut: who has knocked comes in, later ones are refused, none is thrown out."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import pytest

from app.door import ignore_newcomers, let_in
from tests.serving import PATIENCE

MOMENT = 0.3  # Far less than the second after which a client knocks again.


@pytest.fixture(params=["127.0.0.1", "::1", "::"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    host: str = request.param
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::") as made:
        yield made


def client(listener: socket.socket, patience: float = PATIENCE) -> socket.socket:
    host, port = listener.getsockname()[:2]
    return socket.create_connection(("127.0.0.1" if host == "::" else host, port), patience)


def test_who_waits_at_the_door_is_let_in_and_heard(listener: socket.socket) -> None:
    clients = [client(listener) for _ in range(3)]
    ignore_newcomers(listener)
    inside = let_in(listener)
    assert len(inside) == 3
    for number, (outer, inner) in enumerate(zip(clients, inside, strict=True)):
        with outer, inner:
            inner.setblocking(True)
            inner.settimeout(PATIENCE)
            outer.sendall(b"%d" % number)
            assert inner.recv(9) == b"%d" % number


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told to ignore clients")
def test_who_knocks_later_is_not_let_in_only_to_be_thrown_out(listener: socket.socket) -> None:
    ignore_newcomers(listener)
    with pytest.raises(TimeoutError):
        client(listener, MOMENT)
    to = listener.dup()
    assert not let_in(listener)
    with to, pytest.raises(TimeoutError):
        client(to, MOMENT)


def test_when_the_door_is_shut_clients_are_refused(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    ignore_newcomers(listener)
    let_in(listener)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1" if host == "::" else host, port), PATIENCE)
