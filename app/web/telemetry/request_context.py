"""The request that is being answered: its number, its route, and what it asked of the database.

It is known to everything that works for it, in its task and in the threads that it uses, so that a
line of the log need not be told which request it is about.
"""

from __future__ import annotations

import re
from itertools import count
from secrets import token_hex
from urllib.parse import quote

from starlette.types import Scope

from app.db.query_stats import METER, Meter

# What another program may call a request: what no log and no page can mistake for something else.
SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
HEADER = b"x-request-id"

# Unique on this machine and, nearly surely, on all: cheaper than a random number for each request.
START = token_hex(4)
numbers = count(1)

# Longer paths are cut in the log; our own are below 200 characters.
LONGEST = 300
# What of a path is shown as it is; all else is percent-encoded, so that nobody can forge a line.
PLAIN = "/%:@!$&'()*+,;=~"


class RequestContext(Meter):
    """One request, while it is answered."""

    __slots__ = ("id", "route")

    def __init__(self, id: str, route: str) -> None:
        self.queries = 0
        self.seconds = 0.0
        self.id = id
        self.route = route
        """The template of its address, never the address itself: there are few of them."""


def current() -> RequestContext | None:
    """The request that is being answered here."""
    found = METER.get()
    return found if isinstance(found, RequestContext) else None


def current_id() -> str:
    """Its number; empty where no request is answered."""
    asked = current()
    return asked.id if asked is not None else ""


def note_route(scope: Scope) -> None:
    """Note the template of the route that was found, if one was."""
    asked = current()
    if asked is None or asked.route:
        return
    route = scope.get("route")
    if route is not None:
        asked.route = route.path
    elif "endpoint" in scope and not scope["path_params"]:  # a plain route: its path is all it has
        asked.route = scope["path"].removeprefix(scope.get("root_path", ""))


def id_of(scope: Scope) -> str:
    """The number that the request brings along if it is sane, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and SANE.fullmatch(value):
            return str(value, "ascii")
    return f"{START}-{next(numbers):x}"


def path_of(scope: Scope) -> str:
    """The path as it was sent, without the query, harmless in a line of text."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    text = quote(raw.partition(b"?")[0], safe=PLAIN)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
