"""A server that is told to stop, while many ask: nothing that was sent to it is lost."""

from __future__ import annotations

import signal
from time import monotonic, sleep

import pytest

from app import limits
from tests.clients import ANSWERED, CUT, LOST, REFUSED, Clients
from tests.serving import PATIENCE, get, serving, talk

PATHS = ("/healthz", "/models/toy/mixed3b/2", "/api/v1/models/toy", "/none", "/healthz")
COUNT = 16


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
