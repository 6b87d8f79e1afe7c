"""Pictures by the hash of their bytes: `/img/{sha256}.{ext}`.

The address is the content, so a browser may keep an answer for ever and a strong ETag is free.
Most requests are for pictures: `gallery`, which calls it, is plain ASGI. Whether something must be
sent again is decided by small functions that need no server.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app.db.views import StoredImage
from app.errors import MicroscopeError, NotFound
from app.web.cors import METHODS
from app.web.dependencies import AppState
from app.web.error_handlers import SAID, failure, told
from app.web.image_loader import ImageLoader
from app.web.urls import extension_of

IMMUTABLE = "public, max-age=31536000, immutable"

FOLDER = "/img/"
# What their requests are counted under.
PICTURES = FOLDER + "{sha256}.{extension}"
ADDRESS = FOLDER + r"([0-9a-f]{64})\.([a-z]+)"

# A tag of an If-None-Match list: weak or strong, quoted (RFC 9110, section 8.8.3).
TAG = re.compile(r'\s*(?:W/)?("[^"]*")\s*')

RawHeaders = Sequence[tuple[bytes, bytes]]
Answer = tuple[int, RawHeaders, bytes]
"""Status, headers and body."""

KEPT = (b"cache-control", IMMUTABLE.encode())


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


class ImageRoutes:
    """Finds what is asked for below `/img/`."""

    def __init__(self, app_state: AppState) -> None:
        # Whether the proxy cuts the prefix off the path or not.
        self.address = re.compile(f"(?:{re.escape(app_state.urls.prefix)})?{ADDRESS}")
        self.fetcher = ImageLoader(app_state.engine, app_state.telemetry.fetched)

    async def answer(self, scope: Scope) -> Answer:
        """The picture, or that the client has it, or what is wrong."""
        try:
            sha256, picture = await self._find(scope)
        except MicroscopeError as error:
            return whole(told(Request(scope), error))
        except HTTPException as error:
            failed = failure(Request(scope), error.status_code, *SAID[error.status_code])
            failed.headers.update(error.headers or {})
            return whole(failed)
        return _answer(scope, sha256, picture)

    async def _find(self, scope: Scope) -> tuple[str, StoredImage]:
        """The picture that is asked for, with its hash."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": METHODS})
        address = self.address.fullmatch(scope["path"])
        picture = await self.fetcher.fetch(address[1]) if address else None
        if address is None or picture is None or address[2] != extension_of(picture.media_type):
            raise NotFound("There is no picture at this address.")
        return address[1], picture


def whole(response: Response) -> Answer:
    """An answer that was made as a response."""
    return response.status_code, response.raw_headers, bytes(response.body)


def _answer(scope: Scope, sha256: str, picture: StoredImage) -> Answer:
    etag = etag_of(sha256)
    tag = (b"etag", etag.encode())
    if is_not_modified(_if_none_match(scope), etag):
        return 304, (tag, KEPT), b""
    kind = (b"content-type", picture.media_type.encode())
    length = (b"content-length", str(len(picture.bytes)).encode())
    return 200, (tag, KEPT, kind, length), picture.bytes


def _if_none_match(scope: Scope) -> str | None:
    """The header's value; its lines, if there are several, as one list."""
    lines = [value for name, value in scope["headers"] if name == b"if-none-match"]
    return b",".join(lines).decode("latin-1") if lines else None
