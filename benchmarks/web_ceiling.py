"""The least that the explorer's server can do: the same pictures from memory, and nothing else.

    python -m benchmarks.web_ceiling DATABASE PORT

A bare ASGI application under uvicorn with the explorer's settings, whose answers are of the same
bytes with the same headers. `benchmarks.web_load` compares.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from app.web.caching import etag_of
from app.web.image_routes import IMMUTABLE
from app.web.middleware import SECURITY
from app.web.server import OPTIONS
from benchmarks.web_times import image_paths

Headers = list[tuple[bytes, bytes]]


class Ceiling:
    """Answers from a table."""

    def __init__(self, database: Path) -> None:
        statement = "SELECT media_type, bytes FROM image WHERE sha256 = ?"
        self.answers: dict[str, tuple[Headers, bytes]] = {}
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            for path in image_paths(database):
                sha256 = path.rpartition("/")[2].partition(".")[0]
                media_type, data = connection.execute(statement, (sha256,)).fetchone()
                self.answers[path] = headers(sha256, media_type, len(data)), data

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            found, body = self.answers.get(scope["path"], ([], b""))
            await send({"type": "http.response.start", "status": 200, "headers": found})
            await send({"type": "http.response.body", "body": body})


def headers(sha256: str, media_type: str, length: int) -> Headers:
    """Those of the explorer's answer."""
    named = {
        "content-type": media_type,
        "content-length": str(length),
        "etag": etag_of(sha256),
        "cache-control": IMMUTABLE,
        **SECURITY,
        "server-timing": "app;dur=0.1",
    }
    return [(name.lower().encode(), value.encode()) for name, value in named.items()]


def main() -> None:
    database, port = sys.argv[1:]
    uvicorn.run(Ceiling(Path(database)), port=int(port), lifespan="off", **OPTIONS)


if __name__ == "__main__":
    main()
