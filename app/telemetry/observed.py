"""The outermost layer: numbers each request, times and counts it, and writes its line of the log.

Plain ASGI, since pictures pass it too: it costs each of them a few microseconds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.store.meter import METER
from app.telemetry.asked import HEADER, Asked, id_of, path_of
from app.telemetry.telemetry import Telemetry

log = logging.getLogger("microscope.access")

# What is asked for without a person's doing, far oftener than a page: it is told at `debug`.
QUIET = frozenset({"/static/{digest}/{name}", "/favicon.ico", "/healthz", "/readyz", "/metrics"})
NO_ROUTE = "none"

RawHeaders = Sequence[tuple[bytes, bytes]]


class Observed:
    """Watches what is inside; `route` is that of all its requests, `headers` are on every answer.

    Without a route it is each request's own.
    """

    def __init__(
        self, app: ASGIApp, telemetry: Telemetry, route: str = "", headers: RawHeaders = ()
    ) -> None:
        self.app, self.telemetry, self.route, self.headers = app, telemetry, route, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        asked = Asked(id_of(scope), self.route)
        # It stays after the answer: the server's own lines about it come later.
        METER.set(asked)
        method, status, size = scope["method"], 0, 0

        async def send_observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *self.headers, *_marks(asked, began)]
                message = {**message, "headers": headers}
            else:
                size += len(message.get("body", b""))
            await send(message)

        self.telemetry.in_flight += 1
        try:
            await self.app(scope, receive, send_observed)
        finally:
            self.telemetry.in_flight -= 1
            self._note(scope, asked, method, status or 500, size, perf_counter() - began)

    def _note(
        self, scope: Scope, asked: Asked, method: str, status: int, size: int, seconds: float
    ) -> None:
        """Into the metrics, and into the log if that wants to know."""
        route = asked.route or NO_ROUTE
        series = self.telemetry.metrics.requests.of(route)
        series.add(method, status, seconds, size)
        if not self.route:  # the queries for pictures are shared: whoever asks them counts them
            series.ask(asked.queries, asked.seconds)
        level = logging.DEBUG if self.route or route in QUIET else logging.INFO
        if log.isEnabledFor(level):
            _write(level, scope, asked, method, status, size, seconds)


def _marks(asked: Asked, began: float) -> RawHeaders:
    """The request's number, and how long the answer took to begin."""
    took = f"app;dur={(perf_counter() - began) * 1000:.1f}"
    return (HEADER, asked.id.encode()), (b"server-timing", took.encode())


def _write(
    level: int, scope: Scope, asked: Asked, method: str, status: int, size: int, seconds: float
) -> None:
    """One line; neither who asked nor what was searched for is in it."""
    fields = {
        "method": method,
        "path": path_of(scope),
        "route": asked.route or NO_ROUTE,
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
