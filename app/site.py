"""The application, with a door of its own for pictures.

Most requests are for pictures, which need neither FastAPI nor compression: each layer that an
answer passes costs as much as the picture itself. They get what every answer gets all the same:
the security headers, that any site may show them, HEAD, a last resort.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cors import Cors
from app.images import Images, is_picture
from app.middleware import Headers, Heads, LastResort, Prefix
from app.wiring import House


class Site(FastAPI):
    """The web side; `state.house` is there before the first request."""

    _pictures: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_picture(scope, self.state.house.urls.prefix):
            await super().__call__(scope, receive, send)
            return
        if self._pictures is None:
            self._pictures = door(self.state.house)
        scope["app"] = self
        await self._pictures(scope, receive, send)


def door(house: House) -> ASGIApp:
    """What answers pictures; the first is the outermost."""
    inside = Headers(Cors(Heads(LastResort(Images(house)))))
    return Prefix(inside, house.urls.prefix)
