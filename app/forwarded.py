"""Whether a request came over a proxy that is trusted, and then what it says of the client.

`X-Forwarded-For` and `-Proto` are read by uvicorn's middleware, `-Host` here. From anybody else
these headers change nothing. Pure ASGI, around the application as the server sees it.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.limits import HOST

FORWARDED_HOST = b"x-forwarded-host"


class Tls:
    """Tells clients that came over TLS to come so again; others could not know that it is true.

    Nothing is said of subdomains, which are somebody else's.
    """

    def __init__(self, app: ASGIApp, seconds: int) -> None:
        self.app = app
        self.header = (b"strict-transport-security", f"max-age={seconds}".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["scheme"] != "https":
            await self.app(scope, receive, send)
            return

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), self.header]}
            await send(message)

        await self.app(scope, receive, send_with_header)


def trusting(app: ASGIApp, proxies: str) -> ASGIApp:
    """The application, believing these proxies: addresses or networks with commas between."""
    if not proxies:
        return app
    inner = ProxyHeadersMiddleware(app, trusted_hosts=proxies.split(","))  # type: ignore[arg-type]
    return Forwarded(cast(ASGIApp, inner), proxies)


class Forwarded:
    """Takes the host from a trusted proxy; before the client's address is another's."""

    def __init__(self, app: ASGIApp, proxies: str) -> None:
        self.app = app
        self.networks = [ip_network(name) for name in proxies.split(",")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_trusted(scope["client"]):
            host = _host(scope["headers"])
            if host:
                others = [each for each in scope["headers"] if each[0] != b"host"]
                scope = {**scope, "headers": [(b"host", host), *others]}
        await self.app(scope, receive, send)

    def _is_trusted(self, client: tuple[str, int] | None) -> bool:
        try:
            address = ip_address(client[0]) if client else None
        except ValueError:
            return False
        return address is not None and any(address in network for network in self.networks)


def _host(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """What the nearest proxy wrote, which stands last; None where that names no host."""
    values = [value for name, value in headers if name == FORWARDED_HOST]
    last = values[-1].rpartition(b",")[2].strip() if values else b""
    return last if HOST.fullmatch(last) else None
