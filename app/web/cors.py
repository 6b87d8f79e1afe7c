"""What pages of other sites may read: the data and the pictures, but not the pages.

Everything open is the same for everyone: there are no cookies and no accounts, so any origin may
read it, without credentials. What is open is decided by the address, so that a 304, a failure and
a preflight say the same as the answer itself. Pure ASGI, as in `middleware`.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, OPTIONS"
# A day: what a browser may ask never changes; browsers shorten it as they like.
PREFLIGHT_SECONDS = "86400"

OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    # So that a site that is isolated from others can show the pictures.
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# As they are sent: put together once, since every picture's answer has them.
RAW_OPEN = [(name.lower().encode(), value.encode()) for name, value in OPEN.items()]
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    # Nothing depends on a header but for If-None-Match; none is refused.
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": PREFLIGHT_SECONDS,
}


def is_open(path: str) -> bool:
    """Whether what is at this path, without the prefix, may be read from anywhere."""
    return path.startswith(("/api/", "/img/", "/heat/")) or path.endswith((".json", ".svg"))


class Cors:
    """Says of open addresses that any site may read them, and answers OPTIONS of all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        free = is_open(scope["path"].removeprefix(scope.get("root_path", "")))
        if scope["method"] == "OPTIONS":
            await _options(scope, free)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if free and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *RAW_OPEN]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _options(scope: Scope, free: bool) -> Response:
    """That an address can be read; to a browser that asks for another site, that it may."""
    headers = {"Allow": METHODS, "Cache-Control": "no-store"}
    if free:
        asks = "access-control-request-method" in Headers(scope=scope)
        headers |= OPEN | (PREFLIGHT if asks else {})
    return Response(status_code=204, headers=headers)
