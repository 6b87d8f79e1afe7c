"""A connection's transport that sends an answer's head and body together.

The server writes one after the other, which are two calls of the system and two packets where one
does: a fifth of what a picture costs.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Transport
from typing import Any

# Bytes that are kept at most; from here on the transport has to say whether it can take more.
MOST = 65536


class Joined:
    """Keeps what is written until the loop has gone round, or something else is to be done.

    All that is not here is the transport's own.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []
        self._size = 0
        # Asked for with each answer: found without a detour.
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size > MOST:
            self.flush()

    def flush(self) -> None:
        """Send what is kept."""
        if self._parts:
            whole = b"".join(self._parts)
            self._parts, self._size = [], 0
            self._transport.write(whole)

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        """Bytes that have not been taken yet."""
        return self._size + self._transport.get_write_buffer_size()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
