"""What every answer gets, as plain ASGI: security headers, HEAD, and a last resort.

`@app.web.middleware("http")` would cost half the throughput. Nothing here knows of pages or tables.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.error_handlers import failure
from app.web.telemetry.request_context import note_route, path_of

log = logging.getLogger(__name__)

# Everything comes from this site, and nothing is inline.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
)
# Nobody frames the pages, but for those that are made to be framed: these bear the mark `FRAMED`,
# which never leaves the server.
SECURITY = {
    "Content-Security-Policy": f"{POLICY} 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FRAMED = "X-Microscope-Framed"
EMBEDDED = {
    name: f"{POLICY} *" if name == "Content-Security-Policy" else value
    for name, value in SECURITY.items()
    if name != "X-Frame-Options"
}

RawHeaders = Iterable[tuple[bytes, bytes]]


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


# As they are sent: put together once, since every picture's answer has them.
RAW_SECURITY, RAW_EMBEDDED, RAW_FRAMED = _raw(SECURITY), _raw(EMBEDDED), FRAMED.lower().encode()
OURS = frozenset({RAW_FRAMED, *(name for name, _ in RAW_SECURITY)})


def secured(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """An answer's headers with the security headers, in place of those it may have had."""
    given = list(headers)
    own = {name for name, _ in given if name in OURS}
    if not own:  # as nearly always
        return [*given, *RAW_SECURITY]
    kept = [(name, value) for name, value in given if name not in own]
    return [*kept, *(RAW_EMBEDDED if RAW_FRAMED in own else RAW_SECURITY)]


class Headers:
    """Adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": secured(message.get("headers", ()))}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class HeadMiddleware:
    """Answers HEAD as GET without the body, on every route alike."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)


class ServerErrorMiddleware:
    """Turns an exception that nobody expected into an answer, and into a line of the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await unexpected(scope, error)(scope, receive, send)
        finally:
            note_route(scope)  # only in here is it known, and only now


def unexpected(scope: Scope, error: Exception) -> Response:
    """The answer to a request that met an error which nobody expected; it is counted and logged."""
    scope["app"].state.app_state.telemetry.failed(error)
    log.error("The request for %s failed", path_of(scope), exc_info=error)
    return failure(Request(scope), 500, "Something went wrong", UNEXPECTED)


UNEXPECTED = "The server met an error that it did not expect; its log says more."
