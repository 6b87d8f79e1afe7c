"""Many clients at once, who know of each of their requests what became of it.

For tests of a server that stops: what was sent on an open connection must be answered whole.
"""

from __future__ import annotations

import random
import select
import socket
from collections import Counter
from collections.abc import Sequence
from threading import Event, Thread

from tests.serving import HOST, PATIENCE, get

# What may become of a request, or of the connection that it needed.
ANSWERED, REFUSED, CLOSED, CUT, LOST = "answered", "refused", "closed before", "cut", "lost"


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
        connection = self._connected()
        while connection and not self._end.is_set():
            if is_over(connection):
                self.fates[CLOSED] += 1
                connection = self._again(connection)
                continue
            fate, stays = ask(connection, get(chance.choice(self.paths), close=not is_kept))
            self.fates[fate] += 1
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


def ask(connection: socket.socket, request: bytes) -> tuple[str, bool]:
    """What becomes of a request, and whether another can follow."""
    found = b""
    try:
        connection.sendall(request)
        while not is_whole(found):
            part = connection.recv(65536)
            if not part:
                return (CUT if found else LOST), False
            found += part
    except OSError:
        return (CUT if found else LOST), False
    return ANSWERED, b"\r\nconnection: close" not in found.partition(b"\r\n\r\n")[0].lower()


def is_whole(answer: bytes) -> bool:
    """Whether it has come to its end, as its headers say where that is."""
    head, ended, body = answer.partition(b"\r\n\r\n")
    if not ended:
        return False
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
