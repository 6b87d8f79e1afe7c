"""nginx in front of a server, as tests need it: Debian's program, a short configuration."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.serving import Serving, await_answer

# Daemons stand where only an administrator's shell looks.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"

SETTINGS = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_header_timeout 10s; client_body_timeout 10s; send_timeout 10s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{target};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
    }}
  }}
}}
"""


def program() -> str | None:
    return shutil.which("nginx", path=PATH)


def require_nginx() -> None:
    """Without it CI fails, and elsewhere the test is not run."""
    if program() is None:
        message = "nginx is not installed: the tests through a proxy were not run"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@contextmanager
def nginx(folder: Path, server: Serving) -> Iterator[int]:
    """The port of a proxy that leads to a server."""
    port, settings = free_port(), folder / "nginx.conf"
    text = SETTINGS.format(folder=folder, port=port, target=server.port)
    settings.write_text(text, encoding="utf-8")
    command = [str(program()), "-p", str(folder), "-c", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True)
    try:
        await_answer(process, port)
        yield port
    finally:
        process.kill()
        process.wait()
