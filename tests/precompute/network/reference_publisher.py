"""A server on this machine that publishes weights as told: whole, in half, not at all, or lying."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 10_000  # more than two of the pieces in which it is read

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Publisher:
    """What the server answers with, what it was asked for, and where."""

    answer: Answer
    asked: list[str] = field(default_factory=list)
    port: int = 0


def whole(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, ("Content-Length", str(len(CONTENT))))
    handler.wfile.write(CONTENT)


def without_length(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(CONTENT)


def half(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, ("Content-Length", str(len(CONTENT))))
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])


def half_in_chunks(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, ("Transfer-Encoding", "chunked"))
    handler.wfile.write(b"%x\r\n" % len(CONTENT) + CONTENT[:1000])


def nothing(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)


def missing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


def another_protocol(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 ready for FTP\r\n")


def silent(handler: BaseHTTPRequestHandler) -> None:
    handler.rfile.read(1)  # until the other side gives up


def begin(handler: BaseHTTPRequestHandler, *headers: tuple[str, str]) -> None:
    handler.send_response(200)
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()


@contextmanager
def serve(publisher: Publisher) -> Iterator[Publisher]:
    """Answers as the publisher says, which may change meanwhile."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(publisher)) as server:
        publisher.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield publisher
        finally:
            server.shutdown()
            thread.join()


def handler_of(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            publisher.asked.append(self.path)
            self.close_connection = True
            publisher.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
