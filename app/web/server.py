"""Serving the application: in the foreground for `serve`, in a thread beside other work.

The socket is opened here before anything else, so that an address in use is told at once and in
words, and so that the true port is known where any free one was asked for.
"""

from __future__ import annotations

import errno
import gc
import signal
import socket
from threading import Thread, current_thread, main_thread
from time import monotonic, sleep
from types import FrameType
from typing import Any

from app.config import Settings
from app.errors import AddressTaken, MicroscopeError
from app.forwarded import Tls, trusting
from app.limits import allow_files
from app.listener import Listener
from app.main import create_app

# How long a stopping server waits for answers that are under way.
GRACE_SECONDS = 10

# uvicorn finds httptools and uvloop by itself: with its own parser and loop, which are of Python, a
# picture takes four times as long to send.
OPTIONS: dict[str, Any] = {
    "log_config": None,  # `app.telemetry` writes its lines, as it does ours, where anybody does
    "log_level": None,
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": GRACE_SECONDS,
}


class Server:
    """The web side at one address."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.socket = open_socket(settings.host, settings.port)
        try:
            app = create_app(settings)
        except BaseException:
            self.socket.close()
            raise
        told = Tls(app, settings.hsts_seconds) if settings.hsts_seconds else app
        trusted = trusting(told, settings.trusted_proxies)
        self._server = Listener(trusted, settings.connections, **OPTIONS)
        self._thread: Thread | None = None

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the home page."""
        host, port = self.socket.getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(
            host, f"[{host}]" if ":" in host else host
        )
        return f"http://{shown}:{port}{self.settings.root_path}/"

    def run(self) -> None:
        """Serve until interrupted, or told to stop: then the process ends with 0.

        What was asked is answered first, for at most `GRACE_SECONDS`.
        """
        if current_thread() is main_thread():
            signal.signal(signal.SIGTERM, _stopped)  # uvicorn passes it on when all is done
        allow_files(self.settings.connections)
        # What was imported stays: the garbage collector need not go through it again and again.
        gc.freeze()
        self._server.run(sockets=[self.socket])

    def start(self) -> None:
        """Serve in a thread; returns as soon as requests are answered."""
        self._thread = Thread(target=self.run, name="microscope-server", daemon=True)
        self._thread.start()
        deadline = monotonic() + GRACE_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or monotonic() > deadline:
                raise MicroscopeError(f"The server at {self.address} did not start.")
            sleep(0.01)

    def stop(self) -> None:
        """Stop the thread; answers that are under way are finished."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(GRACE_SECONDS + 1)

    def wait(self) -> None:
        """Wait until the server that was started stops."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.5)


def _stopped(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; `AddressTaken` where there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Head and body of an answer are two writes: without this the second waits, on a connection that
    # is kept, for the client's acknowledgement of the first, which takes 40 ms. What is accepted
    # here inherits it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise AddressTaken(_why_not(host, port, error)) from None
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Another program listens on {host}:{port}: stop it, or choose another port, "
            f"such as --port {port % 65535 + 1}."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}: choose one above 1023 with --port."
    return (
        f"{host}:{port} is not an address of this machine ({error.strerror or error}): "
        "choose one with --host, such as 127.0.0.1."
    )
