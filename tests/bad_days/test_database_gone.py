"""PostgreSQL stops and starts again: precompute waits and goes on, pages say so and recover."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import text

from tests.app.conftest import fill_database, visualization
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of
from tests.nursery import PATIENCE_SECONDS, Child, Nursery, wait_until
from tests.postgres import Postgres, free_port
from tests.precompute.content import connected

MODES = ("fast", "immediate")
# The server is stopped after so much is stored: among pictures, examples and effects.
MOMENTS = (("visualization", 8), ("visualization", 16), ("scan", 8))

# Far longer than any takes on a machine that has other work.
SECONDS_A_REQUEST = 240.0
# Of each kind of request, before and while the database is gone.
ANSWERS = 5


@pytest.mark.parametrize("mode", MODES)
def test_precompute_waits_for_its_database_and_goes_on(
    mode: str, nursery: Nursery, postgres: Postgres, undisturbed: Undisturbed
) -> None:
    database = postgres.new_schema()
    child = nursery.start(*WORDS, "--database", database)
    for number, (table, rows) in enumerate(MOMENTS, start=1):
        child.wait_for(partial(has_stored, database, table, rows))
        # It gets no further before the server is down.
        child.signal(signal.SIGSTOP)
        with stopped(postgres, mode):
            child.signal(signal.SIGCONT)
            child.wait_for(partial(is_waiting, child, number))
    assert child.wait() == 0, child.told()
    assert child.told().count("It answers again") == len(MOMENTS)
    assert "at most" in child.told()
    require_same(database, undisturbed)
    (run,) = runs_of(database)
    assert run.state == "finished"


def test_what_is_waited_for_in_vain_ends_in_words_and_can_go_on(
    nursery: Nursery, postgres: Postgres, undisturbed: Undisturbed
) -> None:
    database = postgres.new_schema()
    child = nursery.start(*WORDS, "--database", database, "--patience", "2")
    child.wait_for(partial(has_stored, database, "visualization", 8))
    with stopped(postgres, "fast"):
        assert child.wait() == 1
    assert "for 2 s. What is finished is stored" in child.told().splitlines()[-1]
    assert nursery.run(*WORDS, "--database", database).code == 0
    require_same(database, undisturbed)
    assert [run.state for run in runs_of(database)] == ["finished", "interrupted"]


@pytest.mark.parametrize("mode", MODES)
def test_pages_say_that_the_database_is_gone_and_recover_by_themselves(
    mode: str, postgres: Postgres
) -> None:
    database = postgres.new_schema()
    fill_database(database)
    with serving(database) as address, asked(address) as answers:
        wait_until(lambda: answers.all_say(200))
        with stopped(postgres, mode):
            answers.forget()
            wait_until(lambda: answers.all_say(503))
            with urllib.request.urlopen(f"{address}/healthz", timeout=SECONDS_A_REQUEST) as alive:
                assert alive.status == 200
        answers.forget()
        wait_until(lambda: answers.all_say(200))
    assert set(answers.ever) == {200, 503}, answers.ever
    assert not answers.failures
    assert answers.without_retry == 0


def has_stored(database: str, table: str, rows: int) -> bool:
    """Whether a table has so many rows."""
    with connected(database) as connection:
        if not connection.dialect.has_table(connection, table):
            return False
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0) >= rows


def is_waiting(child: Child, number: int) -> bool:
    """Whether it has said for the so-manieth time that it waits."""
    return child.told().count("It is waited for") >= number


@contextmanager
def stopped(postgres: Postgres, mode: str) -> Iterator[None]:
    """The server is down for as long as the block takes."""
    postgres.stop(mode)
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def serving(database: str) -> Iterator[str]:
    """A server of the pages; the same process at the end as at the beginning.

    Its log goes to a file: a pipe that nobody empties would stop it.
    """
    port = free_port()
    words = ["serve", "--database", database, "--port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli.main import main; main()", *words],
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_until(lambda: process.poll() is not None or answers_at(port))
            yield f"http://127.0.0.1:{port}"
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)
        log.seek(0)
        assert "Traceback" not in log.read()


def answers_at(port: int) -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


@dataclass
class Answers:
    """What was answered to requests that never stop."""

    kinds: int
    now: dict[tuple[str, int], int] = field(default_factory=Counter)
    ever: dict[int, int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    without_retry: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: str, status: int, retry: str | None) -> None:
        with self.lock:
            self.now[path, status] += 1
            self.ever[status] += 1
            self.without_retry += status == 503 and not (retry or "").isdigit()

    def fail(self, path: str, error: Exception) -> None:
        with self.lock:
            self.failures.append(f"{path}: {error!r}")

    def forget(self) -> None:
        """What is asked about from now on is what comes from now on."""
        with self.lock:
            self.now.clear()

    def all_say(self, status: int) -> bool:
        """Whether requests of each kind were answered so, several times."""
        with self.lock:
            assert not self.failures
            enough = [p for (p, s), n in self.now.items() if s == status and n >= ANSWERS]
            return len(enough) == self.kinds


@contextmanager
def asked(address: str) -> Iterator[Answers]:
    """Requests for pages, data and pictures, two of each at a time."""
    picture = visualization("conv2d0", 3).image.sha256
    paths = ("/", "/models/toy/conv2d0/3", "/api/v1/models", f"/img/{picture}.png")
    answers, is_over = Answers(len(paths)), threading.Event()

    def ask(path: str) -> None:
        while not is_over.is_set():
            try:
                with urllib.request.urlopen(address + path, timeout=SECONDS_A_REQUEST) as answer:
                    answer.read()
                    answers.note(path, answer.status, None)
            except urllib.error.HTTPError as error:
                answers.note(path, error.code, error.headers["Retry-After"])
                error.close()
            except OSError as error:
                answers.fail(path, error)
                return

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths * 2]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        for thread in threads:
            thread.join(SECONDS_A_REQUEST)
