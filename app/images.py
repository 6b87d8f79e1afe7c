"""Pictures by the hash of their bytes: `/img/{sha256}.{ext}`.

The address is the content, so a browser may keep an answer for ever and a strong ETag is free.
Whether something must be sent again is decided by small functions that need no server.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from app.errors import NotFound
from app.store import read
from app.urls import extension_of
from app.wiring import Wired

IMMUTABLE = "public, max-age=31536000, immutable"

# A tag of an If-None-Match list: weak or strong, quoted (RFC 9110, section 8.8.3).
TAG = re.compile(r'\s*(?:W/)?("[^"]*")\s*')

router = APIRouter(include_in_schema=False)


def etag_of(sha256: str) -> str:
    """The strong ETag of the bytes with this hash."""
    return f'"{sha256}"'


def is_not_modified(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has it already; the comparison is weak, as RFC 9110 asks (13.1.2)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return etag in _tags(if_none_match)


def _tags(header: str) -> list[str]:
    """The opaque tags of a list; commas may stand inside quotes."""
    tags, position = [], 0
    while found := TAG.match(header, position):
        tags.append(found.group(1))
        position = found.end()
        if header[position : position + 1] != ",":
            break
        position += 1
    return tags


@router.get("/img/{sha256}.{extension}")
def image(house: Wired, request: Request, sha256: str, extension: str) -> Response:
    """A stored picture; runs in a thread, since it waits for the database."""
    media_type = read.media_type(house.engine, sha256)
    if media_type is None or extension != extension_of(media_type):
        raise NotFound("There is no picture at this address.")
    headers = {"ETag": etag_of(sha256), "Cache-Control": IMMUTABLE}
    if is_not_modified(request.headers.get("if-none-match"), etag_of(sha256)):
        return Response(status_code=304, headers=headers)
    picture = read.picture(house.engine, sha256)
    if picture is None:
        raise NotFound("There is no picture at this address.")
    return Response(picture.bytes, headers=headers, media_type=picture.media_type)
