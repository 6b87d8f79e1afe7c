"""A copy that is killed at random moments while its source is written to ends equal to it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import sleep

import pytest

from app.cli import main
from app.db.engine import open_for_reading, open_for_writing
from app.db.queries import catalog
from app.db.writer.writer import Writer
from app.errors import DatabaseMissing, DatabaseUnusable
from tests.app.conftest import draw_picture, fill_database, visualization
from tests.postgres import running_postgres
from tests.precompute.content import content, intact

# Parts are small, so that there are many, and after each a dot is said.
IN_PARTS = """
import sys
from app.db.copy import table_parts, transfer
table_parts.PART_ROWS, table_parts.PART_BYTES = 5, 2000
def told(*given):
    table_parts.add_part(*given)
    print(end=".", flush=True)
transfer.add_part = told
from app.cli.main import main
main()
"""
KILLS = 8
# The first copy has more than a hundred parts. A later one copies at least the 60 that follow the
# images again, since the writer adds images meanwhile: it must not end before it is killed.
PARTS, PART_SECONDS = 40, 0.02


@contextmanager
def written_to(url: str) -> Iterator[None]:
    """A writer that replaces pictures and notes runs, as fast as it can."""
    engine, end, failed = open_for_writing(url), threading.Event(), list[BaseException]()

    def write() -> None:
        writer = Writer(engine)
        try:
            for number in count(1):
                if end.wait(0.02):
                    return
                picture = draw_picture(30_000 + number)
                record = visualization("mixed3b", number % 24, image=picture)
                writer.put_visualizations("toy", [record], replace=True)
                run = writer.start_run("toy", {}, "0.1.0")
                writer.end_run(run, "finished")
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        engine.dispose()
    assert not failed


def kill_after(command: list[str], parts: int, seconds: float) -> int:
    """Starts a copy and kills it so long after it has copied so many parts; its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-c", IN_PARTS, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.read(parts) == b"." * parts
    sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_a_copy_killed_at_random_moments_ends_equal(kinds: tuple[str, str], tmp_path: Path) -> None:
    chance = random.Random(17)
    with running_postgres() as server:
        places = {"sqlite": str(tmp_path / "store.db"), "postgresql": server.new_schema()}
        source, target = (places[kind] for kind in kinds)
        fill_database(source)
        command = ["copy", "--from", source, "--to", target]
        for _ in range(KILLS):
            with written_to(source):
                parts, seconds = chance.randrange(PARTS), chance.uniform(0, PART_SECONDS)
                assert kill_after(command, parts, seconds) == -signal.SIGKILL
            assert_is_none_yet(target)
        assert main.run(main.app, command) == 0
        assert content(target) == content(source)
        assert not list(intact(target))


def assert_is_none_yet(target: str) -> None:
    """Nobody takes it for a database: it is not there, empty, or called an unfinished copy."""
    try:
        engine = open_for_reading(target)
    except DatabaseMissing:
        return
    except DatabaseUnusable as error:
        is_called_unfinished = "unfinished copy" in error.message
        assert is_called_unfinished
        return
    assert catalog.models(engine) == ()
    engine.dispose()
