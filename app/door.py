"""A listening socket that is shut while clients come, so that none is let in and then thrown out.

Between the last connection that is accepted and the socket's closing another can come, which the
closing resets. So Linux is told before to ignore whoever knocks: a client knocks again after a
second, and is refused then, or let in by the server's successor.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress

# The least number of hops that a packet must still be good for (ip(7), RFC 5082), for which Python
# has no names. Linux holds a listening socket's first packets to it, but not those of handshakes
# that are under way; what was accepted inherits it for all its packets.
LEAST_HOPS = ((socket.IPPROTO_IP, 21), (socket.IPPROTO_IPV6, 73))
NOBODY, ANYBODY = 255, 0


def ignore_newcomers(listener: socket.socket) -> None:
    """Let no new client in, where the system can be told so; who has knocked already comes in."""
    _hear(listener, NOBODY)


def let_in(listener: socket.socket) -> list[socket.socket]:
    """The connections that wait at a socket, which is closed: the next client is refused."""
    found: list[socket.socket] = []
    with listener:
        listener.setblocking(False)
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return found
            connection.setblocking(False)
            _hear(connection, ANYBODY)
            found.append(connection)


def _hear(own: socket.socket, hops: int) -> None:
    if sys.platform == "linux":
        for level, option in LEAST_HOPS:
            with suppress(OSError):  # of both levels, a socket may know one alone
                own.setsockopt(level, option, hops)
