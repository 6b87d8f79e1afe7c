"""The application, with a door of its own for pictures (`gallery`)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.gallery import Gallery
from app.images import FOLDER
from app.telemetry.observed import Observed
from app.wiring import House


class Doors(NamedTuple):
    """What answers, and where."""

    pages: ASGIApp
    pictures: ASGIApp
    folders: tuple[str, str]
    """Of pictures; below the prefix of a proxy, whether the proxy cuts it off the path or not."""
    prefix: str


class Site(FastAPI):
    """The web side; `state.house` is there before the first request."""

    _doors: Doors | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        doors = self._doors or self._open()
        scope["app"] = self
        scope["root_path"] = doors.prefix
        # What is asked about a picture (OPTIONS) is asked of a page.
        is_picture = scope["path"].startswith(doors.folders) and scope["method"] != "OPTIONS"
        await (doors.pictures if is_picture else doors.pages)(scope, receive, send)

    def _open(self) -> Doors:
        house: House = self.state.house
        pages = Observed(partial(FastAPI.__call__, self), house.telemetry)
        prefix = house.urls.prefix
        self._doors = Doors(pages, Gallery(house), (FOLDER, prefix + FOLDER), prefix)
        return self._doors
