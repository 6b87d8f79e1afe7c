"""The application, with a door of its own for pictures.

Most requests are for pictures, which need neither FastAPI nor compression: each layer that an
answer passes costs as much as the picture itself. They get what every answer gets all the same:
a number, the security headers, that any site may show them, HEAD, a last resort.
"""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cors import RAW_OPEN
from app.images import PICTURES, Images, is_picture
from app.middleware import RAW_SECURITY, Heads, LastResort
from app.telemetry.observed import Observed
from app.wiring import House


class Site(FastAPI):
    """The web side; `state.house` is there before the first request."""

    _doors: tuple[ASGIApp, ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        house: House = self.state.house
        if self._doors is None:
            pages = Observed(partial(FastAPI.__call__, self), house.telemetry)
            self._doors = pages, door(house)
        scope["app"] = self
        # Below the prefix of a proxy, whether the proxy cuts it off the path or not.
        scope["root_path"] = house.urls.prefix
        await self._doors[is_picture(scope, house.urls.prefix)](scope, receive, send)


def door(house: House) -> ASGIApp:
    """What answers pictures; the first is the outermost."""
    inside = Heads(LastResort(Images(house)))
    return Observed(inside, house.telemetry, PICTURES, (*RAW_SECURITY, *RAW_OPEN))
