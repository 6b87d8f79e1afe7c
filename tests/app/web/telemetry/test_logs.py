"""The log of a real `microscope serve` process: lines, fields, and what is never logged."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from app.cli import main
from app.db.engine import open_for_writing
from tests.postgres import running_postgres

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()"]
# A server with a bug in one page.
BROKEN = """
from app.db.queries import catalog
def broken(engine):
    raise RuntimeError("a bug\\nof two lines")
catalog.models = broken
from app.cli.main import main
main()
"""
PASSWORD = "s3cret-word"
TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (DEBUG|INFO|WARNING|ERROR) +\S.*")


@dataclass
class LoggingServer:
    """A server process, and the file of its log."""

    process: subprocess.Popen[str]
    address: str
    file: Path

    def get(self, path: str, **headers: str) -> int:
        """Request a path; return the status."""
        try:
            with urlopen(Request(self.address + path, headers=headers), timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code

    def stop(self) -> str:
        """Stop the server; return its log."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return self.file.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Stop the server; return its lines, each of which is JSON."""
        return [json.loads(line) for line in self.stop().splitlines()]


@contextmanager
def serving(
    folder: Path, database: str, *, command: list[str] = COMMAND, **settings: str
) -> Iterator[LoggingServer]:
    """A server process that answers requests."""
    file = folder / "log"
    known = {name: value for name, value in os.environ.items() if "MICROSCOPE" not in name}
    own = {f"MICROSCOPE_{name.upper()}": value for name, value in settings.items()}
    own |= {"MICROSCOPE_DATABASE": database, "MICROSCOPE_PORT": "0", "PYTHONUNBUFFERED": "1"}
    with file.open("w") as log:
        process = subprocess.Popen(
            [*command, "serve"], stdout=subprocess.PIPE, stderr=log, text=True, env=known | own
        )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split(" on ")[1].split()[0][:-1]
        server = LoggingServer(process, address, file)
        assert server.get("/healthz") == 200
        yield server
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def lines_of(lines: list[dict[str, Any]], request: str) -> list[dict[str, Any]]:
    """The lines about one request."""
    return [line for line in lines if line.get("request_id") == request]


CLIENT = {
    "User-Agent": "my-browser/1",
    "Referer": "https://from.example/",
    "Cookie": "my=cookie",
    "X-Forwarded-For": "203.0.113.9",
}


@pytest.fixture(scope="module")
def text(database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The log at `debug`, as JSON, after some requests."""
    folder = tmp_path_factory.mktemp("log")
    with serving(folder, database, log="json", log_level="debug") as server:
        server.get("/models/toy/mixed3b/2?embed=1", **{"X-Request-ID": "mine-1"})
        for path in QUIET:
            server.get(path)
        server.get("/search?q=my+search", **CLIENT)
        return server.stop()


QUIET = ("/healthz", "/readyz", "/metrics", f"/img/{'0' * 64}.png")


@pytest.fixture(scope="module")
def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_page_is_one_line_of_json_with_all_fields(lines: list[dict[str, Any]]) -> None:
    (line,) = lines_of(lines, "mine-1")
    expected = {
        "level": "INFO",
        "logger": "microscope.access",
        "method": "GET",
        "path": "/models/toy/mixed3b/2",
        "route": "/models/{model}/{layer}/{unit}",
        "status": 200,
    }
    assert line.items() >= expected.items()
    assert line["milliseconds"] >= line["database_milliseconds"] > 0
    assert line["queries"] > 3
    assert line["bytes"] > 1000
    assert line["timestamp"].endswith("+00:00")


def test_uvicorn_logs_in_the_same_format(lines: list[dict[str, Any]]) -> None:
    ours = {"level", "logger", "message", "timestamp"}
    uvicorn = [line for line in lines if line["logger"].startswith("uvicorn")]
    assert any("Shutting down" in line["message"] for line in uvicorn)
    assert all(set(line) == ours for line in uvicorn)


def test_images_and_probes_are_logged_at_debug(lines: list[dict[str, Any]]) -> None:
    levels = {line["path"]: line["level"] for line in lines if "path" in line}
    assert {path: levels[path] for path in QUIET} == dict.fromkeys(QUIET, "DEBUG")
    assert levels["/search"] == "INFO"


def test_searches_and_clients_are_not_logged(text: str) -> None:
    assert "/search" in text
    searches = ("my+search", "my search")
    clients = ("my-browser", "from.example", "cookie", "203.0.113.9", "127.0.0.1")
    assert not [private for private in (*searches, *clients) if private in text]


def test_an_unexpected_error_is_logged_with_its_traceback(database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BROKEN]
    with serving(tmp_path, database, command=command, log="json") as server:
        assert server.get("/models", **{"X-Request-ID": "mine-2"}) == 500
        lines = server.lines()
    error, access = lines_of(lines, "mine-2")
    assert (error["level"], access["status"]) == ("ERROR", 500)
    assert "RuntimeError: a bug\nof two lines" in error["traceback"]


def test_a_path_cannot_forge_a_line_of_text(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, database) as server:
        server.get("/healthz")
        server.get("/models/a%0AERROR%20forged%1B[31m", **{"X-Request-ID": "mine-3"})
        lines = server.stop().splitlines()
    assert all(TEXT.fullmatch(line) for line in lines), lines
    (line,) = (line for line in lines if line.endswith(" [mine-3]"))
    assert not [line for line in lines if "/healthz" in line]
    assert " GET /models/a%0AERROR%20forged%1B%5B31m 404 in " in line


def test_database_errors_are_logged_without_the_password(tmp_path: Path) -> None:
    """On a real PostgreSQL that stops."""
    with running_postgres() as postgres:
        url = postgres.new_schema()
        open_for_writing(url).dispose()
        secret = url.replace("tester@", f"tester:{PASSWORD}@") + f"&password={PASSWORD}"
        with serving(tmp_path, secret, log="json", log_level="debug") as server:
            assert server.get("/models") == 200
            postgres.stop("immediate")
            statuses = [server.get(path) for path in ("/models", f"/img/{'0' * 64}.png", "/readyz")]
            text = server.stop()
    assert statuses == [503, 503, 503]
    errors = [line for line in map(json.loads, text.splitlines()) if line["level"] == "ERROR"]
    assert len(errors) == 3
    assert all("does not answer" in line["message"] for line in errors)
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@127.0.0.1:1/none",
        f"postgresql://me@127.0.0.1:1/none?password={PASSWORD}",
        f"postgresql://me:{PASSWORD}@127.0.0.1:port/none",
        f"mysql://me:{PASSWORD}@127.0.0.1/none",
        f"post gres://me:{PASSWORD}@127.0.0.1/none",
    ],
)
def test_a_server_that_cannot_start_prints_the_reason_without_the_password(
    capsys: pytest.CaptureFixture[str], url: str
) -> None:
    code = main.run(main.app, ["serve", "--port", "0", "--database", url])
    printed = capsys.readouterr()
    assert code in (1, 2)
    assert printed.err.startswith("Error: ")
    assert printed.err.count("\n") == 1
    assert PASSWORD not in printed.err + printed.out


def test_a_server_inside_of_another_program_configures_no_logging(database: str) -> None:
    code = f"""
import logging, urllib.request
from app.web.server import Server
from app.config import Settings
server = Server(Settings(database={database!r}, port=0))
server.start()
urllib.request.urlopen(server.address + "models").read()
server.stop()
assert not logging.getLogger().handlers
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
