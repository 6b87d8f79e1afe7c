"""Pictures by the hash of their bytes: `/img/{sha256}.{ext}`.

The address is the content, so a browser may keep an answer for ever and a strong ETag is free.
Plain ASGI, since most requests are for pictures; `site` calls it. Whether something must be sent
again is decided by small functions that need no server.
"""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from app.answers import SAID, failure, told
from app.cors import METHODS
from app.errors import MicroscopeError, NotFound
from app.fetcher import Fetcher
from app.store.views import Picture
from app.urls import extension_of
from app.wiring import House

IMMUTABLE = "public, max-age=31536000, immutable"

FOLDER = "/img/"
# What their requests are counted under.
PICTURES = FOLDER + "{sha256}.{extension}"
ADDRESS = re.compile(FOLDER + r"([0-9a-f]{64})\.([a-z]+)")

# A tag of an If-None-Match list: weak or strong, quoted (RFC 9110, section 8.8.3).
TAG = re.compile(r'\s*(?:W/)?("[^"]*")\s*')

RawHeaders = list[tuple[bytes, bytes]]


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


def is_picture(scope: Scope, prefix: str) -> bool:
    """Whether an HTTP request is for what is below `/img/`, and not only about it (OPTIONS)."""
    path: str = scope["path"].removeprefix(prefix)
    return path.startswith(FOLDER) and scope["method"] != "OPTIONS"


class Images:
    """Answers what is asked for below `/img/`."""

    def __init__(self, house: House) -> None:
        self.prefix = house.urls.prefix
        self.fetcher = Fetcher(house.engine, house.telemetry.fetched)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            sha256, picture = await self._find(scope)
        except MicroscopeError as error:
            await told(Request(scope), error)(scope, receive, send)
        except HTTPException as error:
            answer = failure(Request(scope), error.status_code, *SAID[error.status_code])
            answer.headers.update(error.headers or {})
            await answer(scope, receive, send)
        else:
            await _answer(send, _if_none_match(scope), sha256, picture)

    async def _find(self, scope: Scope) -> tuple[str, Picture]:
        """The picture that is asked for, with its hash."""
        if scope["method"] != "GET":
            raise HTTPException(405, headers={"Allow": METHODS})
        address = ADDRESS.fullmatch(scope["path"].removeprefix(self.prefix))
        picture = await self.fetcher.fetch(address[1]) if address else None
        if address is None or picture is None or address[2] != extension_of(picture.media_type):
            raise NotFound("There is no picture at this address.")
        return address[1], picture


async def _answer(send: Send, if_none_match: str | None, sha256: str, picture: Picture) -> None:
    """The picture, or that the client has it."""
    etag = etag_of(sha256)
    headers = [(b"etag", etag.encode()), (b"cache-control", IMMUTABLE.encode())]
    if is_not_modified(if_none_match, etag):
        await _send(send, 304, headers, b"")
        return
    headers.append((b"content-type", picture.media_type.encode()))
    headers.append((b"content-length", str(len(picture.bytes)).encode()))
    await _send(send, 200, headers, picture.bytes)


def _if_none_match(scope: Scope) -> str | None:
    """The header's value; its lines, if there are several, as one list."""
    lines = [value for name, value in scope["headers"] if name == b"if-none-match"]
    return b",".join(lines).decode("latin-1") if lines else None


async def _send(send: Send, status: int, headers: RawHeaders, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
