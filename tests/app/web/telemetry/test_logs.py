"""The log of a real `microscope serve`: its lines, their fields, and what is never in them."""

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
# A page that fails by a bug that is put there: the process is real, so is its log.
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
class Logged:
    """A server, and the file of its log."""

    process: subprocess.Popen[str]
    address: str
    file: Path

    def get(self, path: str, **headers: str) -> int:
        """Asks for a path; the status."""
        try:
            with urlopen(Request(self.address + path, headers=headers), timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code

    def stop(self) -> str:
        """Ends it in order; all that it logged."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return self.file.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """As `stop`, where the log is JSON: its lines, none of which is anything else."""
        return [json.loads(line) for line in self.stop().splitlines()]


@contextmanager
def serving(
    folder: Path, database: str, *, command: list[str] = COMMAND, **settings: str
) -> Iterator[Logged]:
    """A server as a process; answers as soon as this is entered."""
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
        served = Logged(process, process.stdout.readline().split(" on ")[1].split()[0][:-1], file)
        await_answer(served)
        yield served
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def await_answer(served: Logged) -> None:
    """The socket listens before the server answers: the first request waits for it."""
    assert served.get("/healthz") == 200


def of(lines: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    """The lines about one request."""
    return [line for line in lines if line.get("request_id") == number]


READER = {
    "User-Agent": "my-browser/1",
    "Referer": "https://from.example/",
    "Cookie": "my=cookie",
    "X-Forwarded-For": "203.0.113.9",
}


@pytest.fixture(scope="module")
def text(database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a server at `debug` wrote, as JSON, about a reader and some probes."""
    folder = tmp_path_factory.mktemp("log")
    with serving(folder, database, log="json", log_level="debug") as served:
        served.get("/models/toy/mixed3b/2?embed=1", **{"X-Request-ID": "mine-1"})
        for path in QUIET:
            served.get(path)
        served.get("/search?q=my+search", **READER)
        return served.stop()


QUIET = ("/healthz", "/readyz", "/metrics", f"/img/{'0' * 64}.png")


@pytest.fixture(scope="module")
def lines(text: str) -> list[dict[str, Any]]:
    """Its lines: none is anything but a JSON object."""
    return [json.loads(line) for line in text.splitlines()]


def test_a_page_is_one_line_of_json_with_all_that_is_known(lines: list[dict[str, Any]]) -> None:
    (line,) = of(lines, "mine-1")
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


def test_uvicorn_speaks_in_the_same_form(lines: list[dict[str, Any]]) -> None:
    ours = {"level", "logger", "message", "timestamp"}
    told = [line for line in lines if line["logger"].startswith("uvicorn")]
    assert any("Shutting down" in line["message"] for line in told)
    assert all(set(line) == ours for line in told)


def test_pictures_and_probes_have_their_lines_at_debug(lines: list[dict[str, Any]]) -> None:
    levels = {line["path"]: line["level"] for line in lines if "path" in line}
    assert {path: levels[path] for path in QUIET} == dict.fromkeys(QUIET, "DEBUG")
    assert levels["/search"] == "INFO"


def test_what_readers_search_for_and_who_they_are_is_not_logged(text: str) -> None:
    assert "/search" in text
    searched = ("my+search", "my search")
    who = ("my-browser", "from.example", "cookie", "203.0.113.9", "127.0.0.1")
    assert not [secret for secret in (*searched, *who) if secret in text]


def test_a_bug_is_told_with_its_traceback_under_its_request(database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BROKEN]
    with serving(tmp_path, database, command=command, log="json") as served:
        assert served.get("/models", **{"X-Request-ID": "mine-2"}) == 500
        lines = served.lines()
    fault, access = of(lines, "mine-2")
    assert (fault["level"], access["status"]) == ("ERROR", 500)
    assert "RuntimeError: a bug\nof two lines" in fault["traceback"]


def test_text_is_a_line_for_each_request_whatever_is_asked(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, database) as served:
        served.get("/healthz")
        served.get("/models/a%0AERROR%20forged%1B[31m", **{"X-Request-ID": "mine-3"})
        lines = served.stop().splitlines()
    assert all(TEXT.fullmatch(line) for line in lines), lines
    (own,) = (line for line in lines if line.endswith(" [mine-3]"))
    assert not [line for line in lines if "/healthz" in line]
    assert " GET /models/a%0AERROR%20forged%1B%5B31m 404 in " in own


def test_a_database_that_fails_is_a_sentence_and_no_password(tmp_path: Path) -> None:
    """On a real PostgreSQL that asks for the password and then goes away."""
    with running_postgres() as server:
        url = server.new_schema()
        open_for_writing(url).dispose()
        secret = url.replace("tester@", f"tester:{PASSWORD}@") + f"&password={PASSWORD}"
        with serving(tmp_path, secret, log="json", log_level="debug") as served:
            assert served.get("/models") == 200
            server.stop("immediate")
            statuses = [served.get(path) for path in ("/models", f"/img/{'0' * 64}.png", "/readyz")]
            text = served.stop()
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
def test_a_server_that_cannot_start_says_why_without_a_password(
    capsys: pytest.CaptureFixture[str], url: str
) -> None:
    code = main.run(main.app, ["serve", "--port", "0", "--database", url])
    printed = capsys.readouterr()
    assert code in (1, 2)
    assert printed.err.startswith("Error: ")
    assert printed.err.count("\n") == 1
    assert PASSWORD not in printed.err + printed.out


def test_a_server_beside_other_work_leaves_the_log_to_it(database: str) -> None:
    """As in a notebook: nothing is set up, so nothing but warnings is heard."""
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
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
