"""Serves the application: in the foreground for `serve`, in a thread beside other work.

The socket is opened before anything else, so that an address in use is an error in plain words,
and so that the port is known where any free one is wanted.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
from threading import Thread
from time import monotonic, sleep
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from app.config import Settings, as_environment
from app.errors import AddressTaken, MicroscopeError
from app.main import create_app
from app.web.telemetry.logs import configure_logging
from app.web.telemetry.metrics import multiprocess_folder

# How long a stopping server waits for answers that are under way.
GRACE_SECONDS = 10

# How long an idle connection is kept; the proxy's own limit has to be shorter.
KEEP_ALIVE_SECONDS = 5


class Server:
    """The web side at one address."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.socket = open_socket(settings.host, settings.port)
        try:
            # With several workers this one only shows that the database can be served.
            self._app = create_app(settings)
        except BaseException:
            self.socket.close()
            raise
        self._server = uvicorn.Server(uvicorn.Config(self._app, **options(settings)))
        self._thread: Thread | None = None

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the home page."""
        host, port = self.socket.getsockname()[:2]
        name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(
            host, f"[{host}]" if ":" in host else host
        )
        return f"http://{name}:{port}{self.settings.root_path}/"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; after SIGTERM the process ends with 0.

        Requests that are under way are answered first, for at most `GRACE_SECONDS`.
        """
        signal.signal(signal.SIGTERM, _exit)  # uvicorn raises it again when it has stopped
        if self.settings.workers > 1:
            self._run_workers()
        else:
            self._serve()

    def _serve(self) -> None:
        self._server.run(sockets=[self.socket])

    def _run_workers(self) -> None:
        """Worker processes share the socket; they read their settings from the environment."""
        self._app.state.app_state.engine.dispose()
        os.environ |= as_environment(self.settings)
        config = uvicorn.Config(
            "app.web.server:worker_app",
            factory=True,
            workers=self.settings.workers,
            **options(self.settings),
        )
        with multiprocess_folder():
            Multiprocess(config, sockets=[self.socket]).run()

    def start(self) -> None:
        """Serve in a thread of this process; returns as soon as requests are answered."""
        self._thread = Thread(target=self._serve, name="microscope-server", daemon=True)
        self._thread.start()
        deadline = monotonic() + GRACE_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or monotonic() > deadline:
                raise MicroscopeError(f"The server at {self.address} did not start.")
            sleep(0.01)

    def stop(self) -> None:
        """Stop the thread; requests that are under way are answered."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(GRACE_SECONDS + 1)

    def wait(self) -> None:
        """Wait until the server that was started stops."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.5)


def worker_app() -> FastAPI:
    """The application of a worker process."""
    settings = Settings()
    configure_logging(settings.log, settings.log_level)
    return create_app(settings)


def options(settings: Settings) -> dict[str, Any]:
    """uvicorn's options; it takes httptools and uvloop where they are installed."""
    return {
        "log_config": None,  # `app.web.telemetry` formats uvicorn's lines and ours
        "log_level": None,
        "access_log": False,
        "server_header": False,
        "ws": "none",
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
        "limit_concurrency": settings.connections,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; `AddressTaken` where there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
