"""Names with a slash in them: `%2F` in an address stays a part of its name.

Servers decode a path before it is routed, and a quoted slash would then part names as a plain one
does. It is kept apart by a character that no decoded path can hold, until the route is found.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

# A lone surrogate: decoding bytes never makes one.
SLASH = "\udc2f"
QUOTED = re.compile(rb"%2f", re.IGNORECASE)


class Names:
    """Keeps quoted slashes apart from those between names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and QUOTED.search(scope.get("raw_path") or b""):
            scope = {**scope, "path": decoded(scope["raw_path"])}
        await self.app(scope, receive, send)


def decoded(raw: bytes) -> str:
    """A path as servers decode it, but for its quoted slashes."""
    path = raw.partition(b"?")[0]
    return SLASH.join(unquote(part.decode("latin-1")) for part in QUOTED.split(path))


async def whole(request: Request) -> None:
    """Gives each name of the found route its slashes back, before the route reads them."""
    names = request.scope["path_params"]
    for key, value in names.items():
        if isinstance(value, str) and SLASH in value:
            names[key] = value.replace(SLASH, "/")
