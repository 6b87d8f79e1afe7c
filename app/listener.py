"""uvicorn's server, with connections that are held to limits, and an end in which nothing is lost.

A connection that the system has accepted, and this program not yet, may hold a request: those are
taken in before the socket is closed, which would reset them.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from app.connection import Connection
from app.door import ignore_newcomers, let_in

TICKS = 10  # of uvicorn's, a second
# Seconds for which who has knocked may come in: the way across an ocean and back.
ENTERING = 0.2


class Listener(uvicorn.Server):
    """Serves an application; `connections` is how many there may be at once."""

    def __init__(self, app: ASGIApp, connections: int, **options: Any) -> None:
        protocol = cast(type[asyncio.Protocol], partial(Connection, most=connections))
        # There are no web sockets here; proxies are believed by `forwarded` alone.
        fixed: dict[str, Any] = {"http": protocol, "ws": "none", "proxy_headers": False}
        super().__init__(uvicorn.Config(app, **fixed, **options))

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                cast(Connection, connection).hold_to_time(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        listeners = [each.dup() for each in sockets or []]
        for server in self.servers:
            server.close()
        await asyncio.sleep(0)  # the loop closes its own; what comes meanwhile waits at ours
        for listener in listeners:
            ignore_newcomers(listener)
        await asyncio.sleep(ENTERING)
        accepted = [each for listener in listeners for each in let_in(listener)]
        for connection in accepted:
            await self._take_in(connection)
        await super().shutdown(sockets)

    async def _take_in(self, connection: socket.socket) -> None:
        made = cast(Callable[..., asyncio.Protocol], self.config.http_protocol_class)
        own = {"server_state": self.server_state, "app_state": self.lifespan.state}
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: made(config=self.config, **own), connection)
