"""The current request: its id, its route and its database statistics.

A context variable holds it, so that log lines in the request's task and threads find it.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from urllib.parse import quote

from starlette.types import Scope

from app.db.transactions import QUERY_STATS, QueryStats

HEADER = b"x-request-id"
# Ids that a client or proxy may choose: harmless in logs and pages.
VALID_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

# A random prefix per process and a counter: cheaper than a random id per request.
PROCESS_PREFIX = token_hex(4)
numbers = count(1)

# Longer paths are cut in the log; those of the site are below 200 characters.
MAX_PATH = 300
# Everything else in a path is percent-encoded, so that a path cannot forge a log line.
SAFE = "/%:@!$&'()*+,;=~"


@dataclass(slots=True)
class RequestContext:
    """One request. The route is its path's template; without a response its status stays 500."""

    id: str
    method: str
    route: str = ""
    status: int = 500
    bytes: int = 0
    seconds: float = 0.0
    database: QueryStats = field(default_factory=QueryStats)


REQUEST: ContextVar[RequestContext | None] = ContextVar("microscope_request", default=None)


def set_context(scope: Scope) -> RequestContext:
    """Make this request the current one; it stays so after the response, for uvicorn's lines."""
    context = RequestContext(request_id(scope), scope["method"])
    REQUEST.set(context)
    QUERY_STATS.set(context.database)
    return context


def current_id() -> str:
    """The current request's id; empty outside of requests."""
    context = REQUEST.get()
    return context.id if context else ""


def set_route(route: str) -> None:
    """Set the current request's route, unless it is set already."""
    context = REQUEST.get()
    if context and not context.route:
        context.route = route


def set_route_from(scope: Scope) -> None:
    """Set the current request's route to the one that the router chose, if any."""
    route = scope.get("route")
    if route is None and "endpoint" in scope:  # FastAPI sets none for plain Starlette routes
        plain = (each for each in scope["app"].routes if hasattr(each, "endpoint"))
        route = next((each for each in plain if each.endpoint == scope["endpoint"]), None)
    if route is not None:
        set_route(route.path)


def request_id(scope: Scope) -> str:
    """The request's own `X-Request-ID` if it is valid, else a new id."""
    for name, value in scope["headers"]:
        if name == HEADER and VALID_ID.fullmatch(value):
            return str(value, "ascii")
    return f"{PROCESS_PREFIX}-{next(numbers):x}"


def path_of(scope: Scope) -> str:
    """The path as it was sent, without the query, safe in a log line."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    path = quote(raw.partition(b"?")[0], safe=SAFE)
    return path if len(path) <= MAX_PATH else f"{path[:MAX_PATH]}…"
