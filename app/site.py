"""The application, with a door of its own for pictures (`gallery`)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.gallery import Gallery
from app.web.dependencies import AppState
from app.web.image_routes import FOLDER
from app.web.telemetry.access_log import AccessLogMiddleware


class Doors(NamedTuple):
    """What answers, and where."""

    pages: ASGIApp
    pictures: ASGIApp
    folders: tuple[str, str]
    """Of pictures; below the prefix of a proxy, whether the proxy cuts it off the path or not."""
    prefix: str


class Site(FastAPI):
    """The web side; `state.app_state` is there before the first request."""

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
        app_state: AppState = self.state.app_state
        pages = AccessLogMiddleware(partial(FastAPI.__call__, self), app_state.telemetry)
        prefix = app_state.urls.prefix
        self._doors = Doors(pages, Gallery(app_state), (FOLDER, prefix + FOLDER), prefix)
        return self._doors
