"""One client's connection, held to `limits`: uvicorn's own, which has none, with them laid over it.

Whatever arrives is answered or cut, and a stopping server loses no request that it was sent. It
knows nothing of pages; `listener` asks every second which connections are overdue.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Transport
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app import limits
from app.attended import Attended
from app.farewell import close_unless_unread
from app.joined import Joined
from app.limits import HOST, Refused, refusal


class Connection(HttpToolsProtocol):
    """A connection; `most` is how many there may be at once."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
        *,
        most: int,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.most = most
        self.began: float | None = self.loop.time()
        """When the request that is under way began to be awaited; None where none is."""
        self.taken = self.began
        """When all that was written had been taken."""
        self.cut: float | None = None
        """When the client was told that nothing more is read; None for most, always."""
        self.unread_head = self.head_size = self.body_size = self.hosts = 0
        self.is_in_head = False
        self.is_leaving = False
        self.status = 400
        """What is answered if the parser gives up."""
        self.attended: Attended | None = None
        self.answering: RequestResponseCycle | None = None
        """The request that is being answered; those behind it wait in `pipeline`."""

    @property
    def is_answering(self) -> bool:
        return self.answering is not None and not self.answering.response_complete

    # What the transport reports.

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(Transport, Joined(transport, self.loop)))
        if len(self.connections) > 2 * self.most:
            self.transport.abort()
        elif len(self.connections) > self.most:
            self.refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.attended is not None and self.is_answering:
            self.attended.give_up()

    def data_received(self, data: bytes) -> None:
        if self.cut is not None:
            return
        if self.began is None:
            self.began = self.loop.time()
        self.unread_head += len(data)
        super().data_received(data)
        # A head that has come to its end was weighed exactly, field by field.
        if self.is_in_head and self.unread_head > limits.ADDRESS + limits.HEAD:
            self.refuse(431)

    # What the parser finds; `Refused` makes it give up.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.is_in_head, self.status = True, 400
        self.body_size = self.head_size = self.hosts = 0
        if self.began is None:
            self.began = self.loop.time()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > limits.ADDRESS:
            self._give_up(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self.head_size += len(name) + len(value) + 4  # a colon, a space, the line's end
        if name.lower() == b"host":
            self._read_host(value)
        if len(self.headers) > limits.FIELDS or self.head_size > limits.HEAD:
            self._give_up(431)

    def _read_host(self, value: bytes) -> None:
        """One, and one that can stand in an address (RFC 9112, 3.2)."""
        self.hosts += 1
        if self.hosts > 1 or not HOST.fullmatch(value):
            self._give_up(400)

    def on_headers_complete(self) -> None:
        if not self.hosts and self.parser.get_http_version() == "1.1":
            self._give_up(400)
        if len(self.pipeline) >= limits.AHEAD:
            self._give_up(503)
        super().on_headers_complete()
        self.is_in_head, self.unread_head = False, 0
        # The parser reads nothing after a request that would change the protocol.
        if self.is_leaving or self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self.body_size += len(body)
        if self.body_size > limits.BODY:
            self._give_up(413)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.began, self.unread_head = None, 0

    def _give_up(self, status: int) -> None:
        self.status = status
        raise Refused(status)

    # What uvicorn does about it.

    def send_400_response(self, msg: str) -> None:
        self.refuse(self.status)

    def _unsupported_upgrade_warning(self) -> None:
        """The request is answered as any other; that is no news."""

    def on_response_complete(self) -> None:
        # It could only be written since nearly all that came before had been taken.
        self.taken = self.loop.time()
        super().on_response_complete()
        if self.is_leaving and not self.transport.is_closing():
            self.loop.call_later(limits.LAST_CALL, self._leave)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.answering = cycle
        if self.attended is None:
            self.attended = Attended(app, self._abandon)
        super()._start_asgi_task(cycle, cast(Any, self.attended))

    def refuse(self, status: int) -> None:
        """Answer with a refusal, where nothing else is being answered, and read no more."""
        if self.cut is not None:
            return
        self.cut = self.loop.time()
        self._unset_keepalive_if_required()
        if self.is_answering and (self.is_in_head or self._has_begun_to_answer()):
            last = self.pipeline[0][0] if self.pipeline else self.answering
            assert last is not None
            last.keep_alive = False  # what was asked before is answered, and then all is over
            return
        is_told = not self._has_answered_it()
        self._forget()
        self._say_farewell(refusal(status) if is_told else b"")

    def _abandon(self) -> None:
        self._forget()
        self.transport.abort()

    def _has_begun_to_answer(self) -> bool:
        return self.answering is not None and self.answering.response_started

    def _has_answered_it(self) -> bool:
        """Whether the request whose body is not understood has its answer already."""
        return not self.is_in_head and self.cycle is not None and self.cycle.response_complete

    def _forget(self) -> None:
        """Whatever is made of the request that is refused is not sent."""
        if self.answering is not None and self.is_answering:
            self.answering.disconnected = True
            self.answering.message_event.set()

    def _say_farewell(self, answer: bytes) -> None:
        self.flow.resume_reading()
        if answer:
            self.transport.write(answer)
        self.transport.write_eof()

    # What becomes of it with time.

    def hold_to_time(self, now: float) -> None:
        """Refuse or cut the client where it is overdue."""
        if not self.transport.get_write_buffer_size():
            self.taken = now
        if now - self.taken > limits.TAKING or self._has_lingered(now):
            self.transport.abort()
        elif self.cut is None and self.began is not None and now - self.began > limits.ARRIVAL:
            self._end_waiting()

    def _has_lingered(self, now: float) -> bool:
        return self.cut is not None and not self.is_answering and now - self.cut > limits.LINGER

    def _end_waiting(self) -> None:
        """Of a client that sent nothing at all, nothing was asked."""
        if self.unread_head or self.is_in_head or self.cycle is not None:
            self.refuse(408)
        elif not self.is_answering:
            self.transport.close()

    # The end.

    def shutdown(self) -> None:
        """Let the client bring one more request; what is under way is answered.

        Where the answer has begun, nothing in it says that it is the last: then it is not.
        """
        self.is_leaving = True
        if self.is_answering and not self.cycle.response_started:
            self.cycle.keep_alive = False
        self.loop.call_later(limits.LAST_CALL, self._leave)

    def _leave(self) -> None:
        """Close, unless a request is under way, on its way, or arrived and not yet read."""
        is_coming = self.unread_head > 0 or self.is_in_head
        if self.cut is not None and not self.is_answering:
            self.transport.abort()
        elif not (self.transport.is_closing() or self.is_answering or is_coming):
            if self.transport.get_write_buffer_size():
                self.loop.call_later(limits.LAST_CALL, self._leave)
            else:
                close_unless_unread(self.transport)
