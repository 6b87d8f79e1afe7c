"""The outermost layer: numbers each request, times and counts it, and writes its line of the log.

Plain ASGI, since pictures pass it too: it costs each of them a few microseconds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.db.query_stats import METER
from app.web.telemetry.request_context import HEADER, RequestContext, id_of, path_of
from app.web.telemetry.telemetry import Telemetry

log = logging.getLogger("microscope.access")

# What is asked for without a person's doing, far oftener than a page: it is told at `debug`.
QUIET = frozenset({"/static/{digest}/{name}", "/favicon.ico", "/healthz", "/readyz", "/metrics"})
NO_ROUTE = "none"

RawHeaders = Sequence[tuple[bytes, bytes]]


class AccessLogMiddleware:
    """Watches what is inside; each request's route is known when it is answered."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self.app, self.telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        asked = begin(scope, "")
        status, size = 0, 0

        async def send_observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *marks(asked, began)]
                message = {**message, "headers": headers}
            else:
                size += len(message.get("body", b""))
            await send(message)

        self.telemetry.in_flight += 1
        try:
            await self.app(scope, receive, send_observed)
        finally:
            self.telemetry.in_flight -= 1
            seconds = perf_counter() - began
            asked.route = asked.route or NO_ROUTE
            level = logging.DEBUG if asked.route in QUIET else logging.INFO
            series = self.telemetry.metrics.requests.of(asked.route)
            series.ask(asked.queries, asked.seconds)
            note(self.telemetry, scope, asked, status or 500, size, seconds, level)


def begin(scope: Scope, route: str) -> RequestContext:
    """A request, of a route if that is known; all that works for it knows it from now on.

    It stays after the answer: the server's own lines about it come later.
    """
    asked = RequestContext(id_of(scope), route)
    METER.set(asked)
    return asked


def marks(asked: RequestContext, began: float) -> RawHeaders:
    """The request's number, and how long the answer took to begin."""
    took = f"app;dur={(perf_counter() - began) * 1000:.1f}"
    return (HEADER, asked.id.encode()), (b"server-timing", took.encode())


def note(
    telemetry: Telemetry,
    scope: Scope,
    asked: RequestContext,
    status: int,
    size: int,
    seconds: float,
    level: int,
) -> None:
    """What became of a request: into the metrics, and into the log if that wants to know."""
    telemetry.metrics.requests.of(asked.route).add(scope["method"], status, seconds, size)
    if log.isEnabledFor(level):
        _write(level, scope, asked, status, size, seconds)


def _write(
    level: int, scope: Scope, asked: RequestContext, status: int, size: int, seconds: float
) -> None:
    """One line; neither who asked nor what was searched for is in it."""
    fields = {
        "method": scope["method"],
        "path": path_of(scope),
        "route": asked.route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "database_milliseconds": round(asked.seconds * 1000, 1),
        "queries": asked.queries,
        "bytes": size,
    }
    log.log(level, SAID, fields, extra=fields)


SAID = (
    "%(method)s %(path)s %(status)d in %(milliseconds).1f ms, "
    "%(database_milliseconds).1f of them in the database; %(bytes)d bytes"
)
