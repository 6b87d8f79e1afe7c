"""What stands around pictures: all that every answer gets, put on in one place.

Most requests are for pictures, which need neither FastAPI nor compression: each layer that an
answer passes costs as much as the picture itself. So they get a number, the security headers, that
any site may show them, HEAD, a last resort and their count here; `images` finds what is answered.
"""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import Receive, Scope, Send

from app.web.cors import RAW_OPEN
from app.web.dependencies import AppState
from app.web.image_routes import PICTURES, Answer, ImageRoutes, whole
from app.web.middleware import RAW_SECURITY, unexpected
from app.web.telemetry.access_log import begin, marks, note

OWN = (*RAW_SECURITY, *RAW_OPEN)


class Gallery:
    """Answers what is asked for below `/img/`."""

    def __init__(self, app_state: AppState) -> None:
        self.images, self.telemetry = ImageRoutes(app_state), app_state.telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        asked = begin(scope, PICTURES)
        status, body = 500, b""
        self.telemetry.in_flight += 1
        try:
            status, headers, body = await self._answer(scope)
            if scope["method"] == "HEAD":
                body = b""
            headers = [*headers, *OWN, *marks(asked, began)]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        finally:
            self.telemetry.in_flight -= 1
            seconds = perf_counter() - began
            note(self.telemetry, scope, asked, status, len(body), seconds, logging.DEBUG)

    async def _answer(self, scope: Scope) -> Answer:
        try:
            return await self.images.answer(scope)
        except Exception as error:
            return whole(unexpected(scope, error))
