"""The outermost middleware: request ids, timing headers, request metrics and the access log."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.telemetry.metrics import Metrics
from app.web.telemetry.request_context import HEADER, RequestContext, path_of, set_context
from app.web.telemetry.telemetry import Telemetry

log = logging.getLogger("microscope.access")

# Requests that no reader makes on purpose, many per page: logged at `debug`, as images are.
QUIET = frozenset({"/static/{digest}/{name}", "/favicon.ico", "/healthz", "/readyz", "/metrics"})
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OTHER_METHOD = "other"

LINE = (
    "%(method)s %(path)s %(status)d in %(milliseconds).1f ms, "
    "%(database_milliseconds).1f of them in the database; %(bytes)d bytes"
)


class AccessLogMiddleware:
    """Adds `X-Request-ID` and `Server-Timing`; counts and logs each request when it ends."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self.app, self.metrics = app, telemetry.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        context = set_context(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                context.status = message["status"]
                timing = f"app;dur={(perf_counter() - started) * 1000:.1f}"
                extra = (HEADER, context.id.encode()), (b"server-timing", timing.encode())
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
            else:
                context.bytes += len(message.get("body", b""))
            await send(message)

        try:
            with self.metrics.in_flight.track_inprogress():
                await self.app(scope, receive, send_with_headers)
        finally:
            context.seconds = perf_counter() - started
            context.route = context.route or NO_ROUTE
            _count(self.metrics, context)
            quiet = context.route in QUIET or context.route == self.metrics.image_route
            level = logging.DEBUG if quiet else logging.INFO
            if log.isEnabledFor(level):
                _log(level, path_of(scope), context)


def _count(metrics: Metrics, request: RequestContext) -> None:
    method = request.method if request.method in METHODS else OTHER_METHOD
    metrics.requests.labels(request.route, method, f"{request.status // 100}xx").inc()
    metrics.seconds.labels(request.route).observe(request.seconds)
    metrics.bytes.labels(request.route).inc(request.bytes)
    if request.route != metrics.image_route:  # those share queries, which the loader counts
        metrics.queries.labels(request.route).inc(request.database.queries)
        metrics.query_seconds.labels(request.route).inc(request.database.seconds)


def _log(level: int, path: str, context: RequestContext) -> None:
    """Write one line, without the client's address and the query."""
    fields = {
        "method": context.method,
        "path": path,
        "route": context.route,
        "status": context.status,
        "milliseconds": round(context.seconds * 1000, 1),
        "database_milliseconds": round(context.database.seconds * 1000, 1),
        "queries": context.database.queries,
        "bytes": context.bytes,
    }
    log.log(level, LINE, fields, extra=fields)
