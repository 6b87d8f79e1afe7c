"""Asking the application in this process, as a server would: one request, one whole answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Scope

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SiteResponse:
    """What the application answered."""

    status: int
    headers: Headers
    body: bytes

    @property
    def media_type(self) -> str:
        """What the body is, without its encoding."""
        return self.headers.get("content-type", "").partition(";")[0].strip()


async def ask(
    app: ASGIApp, path: str, query: str = "", headers: Mapping[str, str] | None = None
) -> SiteResponse:
    """GET a path, which is quoted, with its prefix."""
    started: list[Message] = []
    parts: list[bytes] = []
    request: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]
    disconnected = asyncio.Event()

    async def receive() -> Message:
        if request:
            return request.pop()
        await disconnected.wait()  # this client never leaves
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    await app(_scope(path, query, headers or {}), receive, send)
    return SiteResponse(started[0]["status"], Headers(raw=started[0]["headers"]), b"".join(parts))


def completed(work: Coroutine[Any, Any, Result]) -> Result:
    """Do asynchronous work to its end, also where a loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _scope(path: str, query: str, headers: Mapping[str, str]) -> Scope:
    sent = {"host": "copy.invalid", "accept": "text/html, */*;q=0.1"} | dict(headers)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": None,
        "server": ("copy.invalid", 443),
    }
