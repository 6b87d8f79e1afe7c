"""Many clients at once, who know of each of their requests what became of it.

For tests of a server that stops: what was sent on an open connection must be answered whole.
"""

from __future__ import annotations

import random
import select
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from threading import Event, Thread
from time import monotonic

from app import limits
from tests.serving import HOST, PATIENCE, get

# What may become of a request, or of the connection that it needed. One that is sent after long
# silence may cross the server's farewell; HTTP has the client send it again (RFC 9112, 9.3.1).
ANSWERED, REFUSED, CLOSED = "answered", "refused", "closed before"
CUT, LOST, CROSSED = "cut", "lost", "crossed the farewell"


class Clients:
    """Threads that ask again and again until nobody listens; half of them keep connections."""

    def __init__(self, port: int, paths: Sequence[str], count: int) -> None:
        self.port, self.paths = port, paths
        self.fates: Counter[str] = Counter()
        self._end = Event()
        self._threads = [Thread(target=self._run, args=(number,)) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> Counter[str]:
        """Wait until all have been refused; how many requests had which fate."""
        for thread in self._threads:
            thread.join(PATIENCE)
        self._end.set()
        return self.fates

    def _run(self, number: int) -> None:
        chance, is_kept = random.Random(number), number % 2 == 0
        known, connection = monotonic(), self._connected()
        while connection and not self._end.is_set():
            if is_over(connection):
                self.fates[CLOSED] += 1
                known, connection = monotonic(), self._again(connection)
                continue
            began = monotonic()
            request = get(chance.choice(self.paths), close=not is_kept)
            fate, stays = ask(connection, request, known)
            self.fates[fate] += 1
            known = began if stays else monotonic()
            connection = connection if stays else self._again(connection)
        if connection:
            connection.close()

    def _again(self, connection: socket.socket) -> socket.socket | None:
        connection.close()
        return self._connected()

    def _connected(self) -> socket.socket | None:
        try:
            return socket.create_connection((HOST, self.port), timeout=PATIENCE)
        except OSError:
            self.fates[REFUSED] += 1
            return None


def is_over(connection: socket.socket) -> bool:
    """Whether the server has closed it: whoever sends now knows that it is in vain."""
    return bool(select.select([connection], [], [], 0)[0])


def ask(connection: socket.socket, request: bytes, known: float = inf) -> tuple[str, bool]:
    """What becomes of a request, and whether another can follow.

    `known` is when the connection was surely open to requests: for `LAST_CALL` after it, it is.
    """
    with suppress(OSError):  # then there is nothing to read either
        connection.sendall(request)
    is_late = monotonic() > known + limits.LAST_CALL
    found = b""
    with suppress(OSError):
        while part := connection.recv(65536):
            found += part
            if is_whole(found):
                return ANSWERED, not is_last(found)
    return CUT if found else CROSSED if is_late else LOST, False


def is_last(answer: bytes) -> bool:
    """Whether it says that the server closes the connection behind it."""
    return b"\r\nconnection: close" in answer.partition(b"\r\n\r\n")[0].lower()


def is_whole(answer: bytes) -> bool:
    """Whether it has come to its end, as its headers say where that is."""
    head, ended, body = answer.partition(b"\r\n\r\n")
    if not ended:
        return False
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
