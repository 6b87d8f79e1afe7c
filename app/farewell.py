"""The end of a connection that a client may be about to use.

A request that has arrived, and that nobody has read yet, would be reset by closing: the system is
asked before.
"""

from __future__ import annotations

import socket
from asyncio import Transport
from contextlib import suppress


def close_unless_unread(transport: Transport) -> None:
    """Close a connection, unless something has arrived on it.

    The end is sent at once after looking: a request that the client sends later is sent on a
    connection which it can know to be closed.
    """
    with _own(transport) as own:
        if _has_unread(own):
            return
        with suppress(OSError):  # the client was faster
            own.shutdown(socket.SHUT_WR)
    transport.close()


def _own(transport: Transport) -> socket.socket:
    """The connection's socket; that of uvloop's transports can do nothing."""
    given = transport.get_extra_info("socket")
    return socket.fromfd(given.fileno(), given.family, given.type)


def _has_unread(own: socket.socket) -> bool:
    try:
        return bool(own.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False
