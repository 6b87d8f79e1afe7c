"""Images by the hash of their bytes: `/img/{sha256}.{extension}`.

The address is the content, so a browser may keep an answer for ever and a strong ETag is free.
The route is a plain Starlette one: most requests are for images, and need nothing of FastAPI's.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.errors import NotFound
from app.web.caching import etag_of, if_none_match, is_not_modified
from app.web.dependencies import AppState
from app.web.urls import extension_of

IMMUTABLE = "public, max-age=31536000, immutable"

# What their requests are counted under.
ROUTE = "/img/{sha256}.{extension}"
SHA256 = re.compile("[0-9a-f]{64}")


async def image(request: Request) -> Response:
    """The image's bytes, or a 304 where the client has them."""
    sha256, extension = request.path_params["sha256"], request.path_params["extension"]
    app_state: AppState = request.app.state.app_state
    stored = await app_state.images.load(sha256) if SHA256.fullmatch(sha256) else None
    if stored is None or extension != extension_of(stored.media_type):
        raise NotFound("There is no picture at this address.")
    etag = etag_of(sha256)
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE}
    if is_not_modified(if_none_match(request.headers), etag):
        return Response(status_code=304, headers=headers)
    return Response(stored.bytes, headers=headers, media_type=stored.media_type)


def add_image_route(app: FastAPI) -> None:
    app.add_route(ROUTE, image, methods=["GET"], include_in_schema=False)
