"""Metrics of several worker processes: a scrape sums over all of them, whichever answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from time import monotonic, sleep

from tests.app.web.telemetry.scrape import Scrape
from tests.serving import HOST, PATIENCE, Serving, serving

MODEL = "/models/{model}"

# A worker of its own: it requests a page, then a path that blocks or a scrape, which it prints.
WORKER = """
import sys
from fastapi.testclient import TestClient
from app.config import Settings
from app.main import create_app

def block(request):
    print("blocked", flush=True)
    sys.stdin.read()

app = create_app(Settings(database=sys.argv[1]))
app.add_route("/block", block)
with TestClient(app) as client:
    client.get("/models/toy")
    print(client.get(sys.argv[2]).text)
"""


@contextmanager
def two_workers(database: str, folder: Path) -> Iterator[Serving]:
    """A server with two workers, whose temporary folders are in this one."""
    with serving(database, environment=os.environ | {"TMPDIR": str(folder)}, workers=2) as server:
        try:
            yield server
        finally:
            server.process.terminate()
            server.process.wait(PATIENCE)


def get(server: Serving, path: str) -> tuple[HTTPResponse, str]:
    """A response, over a new connection: any worker may accept it."""
    connection = HTTPConnection(HOST, server.port, timeout=PATIENCE)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def request_models(server: Serving, enough: Callable[[set[str]], bool]) -> tuple[int, set[str]]:
    """Request a page until enough workers have answered: the number of requests, the workers."""
    workers: set[str] = set()
    deadline, requests = monotonic() + PATIENCE, 0
    while not enough(workers):
        assert monotonic() < deadline
        response, _ = get(server, "/models/toy")
        assert response.status == 200
        requests += 1
        # An id begins with a prefix of its process.
        workers.add(str(response.headers["x-request-id"]).partition("-")[0])
    return requests, workers


def await_scrape(server: Serving, expected: int) -> Scrape:
    """A scrape after this number of pages, itself the one request in flight.

    A worker counts a request just after its response was sent, so that another may answer before.
    """
    deadline = monotonic() + PATIENCE
    while True:
        result = Scrape(get(server, "/metrics")[1])
        found = result.requests(MODEL), result.value("microscope_requests_in_flight")
        if found == (expected, 1):
            return result
        assert found[0] <= expected
        assert monotonic() < deadline, found
        sleep(0.05)


def kill_worker(server: Serving) -> None:
    """Kill one worker, and wait until it is dead."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    command_lines = {pid: Path(f"/proc/{pid}/cmdline") for pid in children}
    # multiprocessing starts a resource tracker too.
    worker = next(pid for pid, file in command_lines.items() if b"spawn_main" in file.read_bytes())
    os.kill(int(worker), signal.SIGKILL)
    with suppress(FileNotFoundError):
        while command_lines[worker].read_bytes():  # that of a zombie is empty
            sleep(0.01)


def test_a_scrape_sums_over_all_workers(database: str, tmp_path: Path) -> None:
    with two_workers(database, tmp_path) as server:
        requests, _ = request_models(server, lambda workers: len(workers) == 2)
        for _ in range(6):
            result = await_scrape(server, requests)
            assert result.value("microscope_request_seconds_count", route=MODEL) == requests
            assert result.value("microscope_database_up") == 1
        assert list(tmp_path.glob("microscope-metrics-*"))
    assert not list(tmp_path.glob("microscope-metrics-*"))


def test_a_worker_that_is_killed_stays_in_the_counts(database: str, tmp_path: Path) -> None:
    with two_workers(database, tmp_path) as server:
        before, workers = request_models(server, lambda workers: len(workers) == 2)
        await_scrape(server, before)
        kill_worker(server)
        after, _ = request_models(server, lambda found: len(found | workers) == 3)
        await_scrape(server, before + after)


def test_requests_in_flight_are_those_of_the_workers_that_live(
    database: str, tmp_path: Path
) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", WORKER, database]

    def scrape() -> Scrape:
        output = subprocess.check_output([*command, "/metrics"], env=environment, text=True)
        return Scrape(output)

    with subprocess.Popen(
        [*command, "/block"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"blocked\n"
        during = scrape()
        worker.kill()
    after = scrape()
    assert during.value("microscope_requests_in_flight") == 2
    assert after.value("microscope_requests_in_flight") == 1
    assert (during.requests(MODEL), after.requests(MODEL)) == (2, 3)
