"""Caddy in front of a server, with the configuration that `docker-compose.yml` uses."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.serving import HOST, await_answer

CADDYFILE = Path(__file__).parents[1] / "deploy" / "Caddyfile"


def require_caddy() -> None:
    """Without it CI fails, and elsewhere the test is not run."""
    if shutil.which("caddy") is None:
        message = "Not run: needs Caddy (apt-get install caddy)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@contextmanager
def caddy(folder: Path, web_port: int) -> Iterator[int]:
    """The port of a proxy, without TLS, that leads to a server which answers already."""
    port = free_port()
    environment = os.environ | {
        "SITE_ADDRESS": f"http://:{port}",
        "WEB_ADDRESS": f"{HOST}:{web_port}",
        "CADDY_GLOBAL": f"admin off\nauto_https off\nhttp_port {free_port()}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    command = ["caddy", "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, text=True)
    try:
        await_answer(process, port)
        yield port
    finally:
        process.kill()
        process.wait()
