"""What every answer passes, as pure ASGI: headers, CORS, HEAD, disconnects, unexpected errors.

`BaseHTTPMiddleware` would cost half the throughput.
"""

from __future__ import annotations

import logging
from asyncio import create_task
from collections.abc import Iterable, Mapping

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.error_handlers import METHODS, failure
from app.web.telemetry.request_context import path_of, set_route_from

log = logging.getLogger(__name__)

# Everything comes from this site, and nothing is inline.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
SECURITY = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Marks an answer that may stand in a frame of another site; it never leaves the server.
FRAMED = "X-Microscope-Framed"
EMBEDDED = {
    name: f"{POLICY}; frame-ancestors *" if name == "Content-Security-Policy" else value
    for name, value in SECURITY.items()
    if name != "X-Frame-Options"
}
# Data and pictures are the same for everyone (there are no cookies), so any site may read them.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",  # for sites that are isolated from others
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
# nginx's status for a client that left before its answer; it is logged, never received.
CLIENT_CLOSED_REQUEST = 499

RawHeaders = Iterable[tuple[bytes, bytes]]


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


RAW_SECURITY, RAW_EMBEDDED, RAW_OPEN = _raw(SECURITY), _raw(EMBEDDED), _raw(OPEN)
RAW_FRAMED = FRAMED.lower().encode()


def secured(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """An answer's headers with the security headers."""
    given = list(headers)
    kept = [(name, value) for name, value in given if name != RAW_FRAMED]
    return [*kept, *(RAW_SECURITY if len(kept) == len(given) else RAW_EMBEDDED)]


def is_open(path: str) -> bool:
    """Whether other sites may read what is at this path, without the prefix."""
    return path.startswith(("/api/", "/img/", "/heat/")) or path.endswith((".json", ".svg"))


class PrefixMiddleware:
    """Tells routing the prefix under which a proxy publishes the site.

    It works whether the proxy removes the prefix from the path or not; uvicorn's own `root_path`
    needs a proxy that removes it.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "root_path": self.prefix}
        await self.app(scope, receive, send)


class HeaderMiddleware:
    """Adds the security headers, and to data and pictures those of CORS; answers OPTIONS.

    Unlike Starlette's `CORSMiddleware` it adds the headers to every answer, whether or not the
    request has an `Origin`: caches keep one answer for all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        open_to_all = is_open(scope["path"].removeprefix(scope.get("root_path", "")))
        extra = RAW_OPEN if open_to_all else []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                # A 304 updates the headers that a client keeps: it must not change them.
                own = given if message["status"] == 304 else secured(given)
                headers = [*own, *extra]
                message = {**message, "headers": headers}
            await send(message)

        if scope["method"] == "OPTIONS":
            await _options(scope, open_to_all)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)


def _options(scope: Scope, open_to_all: bool) -> Response:
    headers = {"Allow": METHODS, "Cache-Control": "no-store"}
    if open_to_all and "access-control-request-method" in Headers(scope=scope):
        headers |= PREFLIGHT
    return Response(status_code=204, headers=headers)


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


class DisconnectMiddleware:
    """Cancels a request whose client left while it queues for a worker thread.

    Work that has a thread already goes on to its end: threads cannot be cancelled.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _has_body(scope):
            await self.app(scope, receive, send)
            return
        with CancelScope() as cancelling:
            watching = create_task(_cancel_on_disconnect(receive, cancelling))
            try:
                await self.app(scope, _no_body, send)
            finally:
                watching.cancel()
        if cancelling.cancelled_caught:
            await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return not names.isdisjoint({b"content-length", b"transfer-encoding"})


async def _cancel_on_disconnect(receive: Receive, cancelling: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    cancelling.cancel()


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


class ErrorMiddleware:
    """Answers an exception that nothing else handles with a page, and logs it.

    Starlette's own stands outside of all middleware: its answers would lack the headers.
    """

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
            await _unexpected(scope, error)(scope, receive, send)
        finally:
            set_route_from(scope)  # only in here is it known, and only now


def _unexpected(scope: Scope, error: Exception) -> Response:
    scope["app"].state.app_state.telemetry.metrics.record_failure(error)
    log.error("The request for %s failed", path_of(scope), exc_info=error)
    return failure(Request(scope), 500, "Something went wrong", UNEXPECTED)


UNEXPECTED = "The server met an error that it did not expect; its log says more."
