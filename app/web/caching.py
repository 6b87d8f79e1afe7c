"""ETags and cached answers of pages and JSON, by the database's revision.

A page is a function of its address and of the database. So the ETag is a hash of both, known before
anything is rendered: a conditional request is answered 304 without routing or a thread, and answers
of the current revision are kept. The state is read after a request arrives: none is stale.
"""

from __future__ import annotations

import re
from asyncio import Lock, Task, create_task, get_running_loop, shield
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Engine
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.db.queries.run_status import DatabaseState, read_state
from app.errors import StoreError
from app.web.telemetry.request_context import REQUEST, set_route

MAX_BYTES = 64 * 1024 * 1024
# What an answer takes in memory besides its body: key, headers and Python's own objects. Without it
# millions of tiny answers would fit.
ENTRY_BYTES = 2048

# Immutable by address, different each time, or about this moment.
UNCACHED_FOLDERS = ("/img/", "/static/")
UNCACHED = frozenset({"/random", "/healthz", "/readyz", "/metrics", "/favicon.ico"})

NOT_MODIFIED_ROUTE = "not-modified"


# A tag of an If-None-Match list: weak or strong, quoted (RFC 9110, section 8.8.3).
TAG = re.compile(r'\s*(?:W/)?("[^"]*")\s*')


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


def if_none_match(headers: Headers) -> str | None:
    """The header's value; its lines, if there are several, as one list."""
    return ",".join(headers.getlist("if-none-match")).strip() or None


class StateReader:
    """Reads the database's state in a thread of its own; requests that wait share a reading."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "microscope-revision")
        self._reading = Lock()
        self._pending: Task[DatabaseState] | None = None

    async def read(self) -> DatabaseState:
        """The state, by a reading that begins after this call.

        Raises `StoreError` where the database does not answer.
        """
        if self._pending is None:
            self._pending = create_task(self._read())
            self._pending.add_done_callback(_retrieve)
        return await shield(self._pending)

    async def _read(self) -> DatabaseState:
        async with self._reading:
            self._pending = None  # who comes from now on needs a later reading
            loop = get_running_loop()
            return await loop.run_in_executor(self._thread, read_state, self._engine)


def _retrieve(task: Task[DatabaseState]) -> None:
    """Those who wait raise its error; asyncio would log it where all of them have left."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A whole 200 answer, and the route that gave it."""

    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    route: str

    @property
    def size(self) -> int:
        return len(self.body) + ENTRY_BYTES


class PageCache:
    """Pure ASGI middleware, outside of compression.

    Args:
        site: the configured public origin; where empty, that of each request counts.
        now: the clock, UTC.
    """

    def __init__(
        self,
        app: ASGIApp,
        engine: Engine,
        prefix: str = "",
        site: str = "",
        max_bytes: int = MAX_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.app, self.prefix, self.site = app, prefix, site
        self._states, self._now = StateReader(engine), now
        self._answers: OrderedDict[str, CachedAnswer] = OrderedDict()
        self._state, self._bytes, self._max_bytes = "", 0, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_cacheable(scope):
            await self.app(scope, receive, send)
            return
        try:
            state = await self._current_state()
        except StoreError:
            await self.app(scope, receive, send)  # the routes answer 503
            return
        headers = Headers(scope=scope)
        encoding = "gzip" if "gzip" in headers.get("accept-encoding", "") else "identity"
        etag = etag_of(_digest(state, *self._address(scope, headers), encoding))
        tags = if_none_match(headers)
        # `*` is true of any answer: whether there is one is known after routing.
        if tags != "*" and is_not_modified(tags, etag):
            await self._send_not_modified(etag, send)
            return
        answer = self._answers.get(etag) if state == self._state else None
        if answer is None:
            answer = await self._render(_accepting(scope, encoding), receive, send, state, etag)
        if answer is not None:
            await self._send(answer, etag, tags, send)

    def _is_cacheable(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        if any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
            return False
        path = scope["path"].removeprefix(self.prefix)
        return path not in UNCACHED and not path.startswith(UNCACHED_FOLDERS)

    async def _current_state(self) -> str:
        """What every answer depends on besides its address; citations show today's date."""
        state, now = await self._states.read(), self._now()
        return f"{state.token} {state.has_live_run(now)} {now.date()}"

    def _address(self, scope: Scope, headers: Headers) -> tuple[str, ...]:
        origin = self.site or f"{scope['scheme']}://{headers.get('host', '')}"
        query = scope["query_string"].decode("latin-1")
        return origin, self.prefix, scope["path"], query

    async def _render(
        self, scope: Scope, receive: Receive, send: Send, state: str, etag: str
    ) -> CachedAnswer | None:
        """The application's answer, kept where it may be; None where it was sent as it came."""
        collecting = _Collecting(send)
        await self.app(scope, receive, collecting)
        answer = collecting.answer()
        if answer is None:
            return None
        try:
            is_current = await self._current_state() == state
        except StoreError:
            is_current = False
        if not is_current:  # a commit came between: which state was rendered is not known
            await _send_answer(answer.headers, answer.body, send)
            return None
        self._keep(state, etag, answer)
        return answer

    def _keep(self, state: str, etag: str, answer: CachedAnswer) -> None:
        if state != self._state:
            self._answers.clear()
            self._state, self._bytes = state, 0
        if answer.size > self._max_bytes or etag in self._answers:
            return
        self._answers[etag] = answer
        self._bytes += answer.size
        while self._bytes > self._max_bytes:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= oldest.size

    async def _send(self, answer: CachedAnswer, etag: str, tags: str | None, send: Send) -> None:
        if etag in self._answers:
            self._answers.move_to_end(etag)
        set_route(answer.route)
        if is_not_modified(tags, etag):
            await self._send_not_modified(etag, send)
            return
        headers = MutableHeaders(raw=list(answer.headers))
        headers["etag"] = etag
        await _send_answer(headers.raw, answer.body, send)

    async def _send_not_modified(self, etag: str, send: Send) -> None:
        answer = self._answers.get(etag)
        set_route(answer.route if answer else NOT_MODIFIED_ROUTE)
        kept = answer.headers if answer else ()
        headers = [
            (b"etag", etag.encode()),
            (b"vary", b"Accept-Encoding"),
            *((name, value) for name, value in kept if name == b"cache-control"),
        ]
        await _send_answer(headers, b"", send, status=304)


class _Collecting:
    """A `send` that keeps a whole 200 answer, and lets all others through."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_kept(message):
            self._start = message
        elif self._start is not None:
            self._parts.append(message.get("body", b""))
        else:
            await self._send(message)

    def answer(self) -> CachedAnswer | None:
        if self._start is None:
            return None
        context = REQUEST.get()
        body = b"".join(self._parts)
        return CachedAnswer(self._start["headers"], body, context.route if context else "")


def _may_be_kept(start: Message) -> bool:
    cache_control = Headers(raw=list(start["headers"])).get("cache-control", "")
    return bool(start["status"] == 200) and "no-store" not in cache_control


async def _send_answer(
    headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send, status: int = 200
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


def _accepting(scope: Scope, encoding: str) -> Scope:
    """The request with the one encoding that its ETag is about."""
    kept = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
    return {**scope, "headers": [*kept, (b"accept-encoding", encoding.encode())]}


def _digest(*parts: str) -> str:
    """Of the parts with their borders: a path may hold any character, such as a decoded `?`."""
    return sha256(repr((__version__, *parts)).encode()).hexdigest()[:32]
