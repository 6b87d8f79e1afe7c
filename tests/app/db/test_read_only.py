"""SQLite files that cannot be written, and the log of those that are: on real read-only mounts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from app.db import sqlite
from app.db.engine import open_for_reading, open_for_writing
from app.db.queries import catalog
from app.db.records import ImageRecord
from app.db.statements import add_images
from app.db.transactions import reading, snapshot, writing
from app.db.writer.writer import Writer
from tests.app.conftest import made_up_model
from tests.precompute.content import intact

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()"]
# Serves the file as `microscope serve` does, and asks for a page and a picture.
SERVING = """
import sys
from fastapi.testclient import TestClient
from app.main import create_app
from app.config import Settings
with TestClient(create_app(Settings(database=sys.argv[1]))) as client:
    units = client.get("/api/v1/models/toy/layers/conv2d0/units").json()["units"]
    print(client.get("/models/toy/conv2d0/3").status_code, len(units))
    print(client.get(units[0]["image"]).status_code)
"""
# The mount is private to the namespace, and goes with it.
READ_ONLY = """
mount -t tmpfs none "$1" && cp -a "$2"/. "$1" && mount -o remount,ro "$1" || exit 99
if touch "$1/new" 2>/dev/null; then exit 98; fi
shift 2
exec "$@"
"""


Disk = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    """Makes a command run where a folder's content lies on a disk that cannot be written."""
    mount = tmp_path_factory.mktemp("disk")

    def prefix(content: Path) -> list[str]:
        return ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(mount), str(content)]

    empty = tmp_path_factory.mktemp("empty")
    can = subprocess.run([*prefix(empty), "true"], capture_output=True, check=False)
    if can.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"No read-only disk can be mounted: {can.stderr.decode()}")
    if can.returncode:
        pytest.skip("Not run: mounting a disk needs rights that this user does not have.")

    def run(content: Path, *command: str) -> subprocess.CompletedProcess[str]:
        words = [word.replace("DISK", str(mount)) for word in command]
        return subprocess.run(
            [*prefix(content), *words], capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def shelf(database: str, tmp_path: Path) -> Path:
    """A folder with a finished file in it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    shutil.copy(database, folder / "microscope.db")
    with closing(sqlite3.connect(folder / "microscope.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    return folder


def test_a_finished_file_is_served_and_looked_over_on_a_read_only_disk(
    disk: Disk, shelf: Path, tmp_path: Path
) -> None:
    served = disk(shelf, sys.executable, "-c", SERVING, "DISK/microscope.db")
    assert served.stdout.split() == ["200", "16", "200"], served.stderr
    for command in (["status"], ["check", "--quick"]):
        done = disk(shelf, *COMMAND, *command, "--database", "DISK/microscope.db")
        assert "toy" in done.stdout, done.stderr
    kept = str(tmp_path / "kept.db")
    done = disk(shelf, *COMMAND, "backup", "--to", kept, "--database", "DISK/microscope.db")
    assert done.returncode == 0, done.stderr
    assert not list(intact(kept))


def test_an_empty_log_beside_the_file_does_not_matter(disk: Disk, shelf: Path) -> None:
    (shelf / "microscope.db-wal").touch()
    served = disk(shelf, sys.executable, "-c", SERVING, "DISK/microscope.db")
    assert served.stdout.split() == ["200", "16", "200"], served.stderr


@pytest.fixture
def interrupted(shelf: Path, tmp_path: Path) -> Path:
    """A folder as a writer leaves it that is killed: with a log that holds its last commit."""
    engine = open_for_writing(str(shelf / "microscope.db"))
    Writer(engine).put_model(made_up_model("late", "ef" * 32))
    folder = tmp_path / "interrupted"
    shutil.copytree(shelf, folder)
    engine.dispose()
    assert (folder / "microscope.db-wal").stat().st_size
    return folder


def test_what_only_the_log_holds_is_never_left_out_in_silence(
    disk: Disk, interrupted: Path
) -> None:
    """With the index of the log beside it SQLite reads all of it, without it is told to."""
    code = (
        "import sys; from app.db import engine; from app.db.queries import catalog; "
        "print([m.slug for m in catalog.models(engine.open_for_reading(sys.argv[1]))])"
    )
    done = disk(interrupted, sys.executable, "-c", code, "DISK/microscope.db")
    assert done.stdout.strip() == "['toy', 'late']", done.stderr
    (interrupted / "microscope.db-shm").unlink()
    done = disk(interrupted, *COMMAND, "status", "--database", "DISK/microscope.db")
    assert done.returncode == 1
    assert "unfinished changes in microscope.db-wal" in done.stderr
    assert "copy both files to a folder that can be" in done.stderr
    engine = open_for_reading(str(interrupted / "microscope.db"))
    assert [model.slug for model in catalog.models(engine)] == ["toy", "late"]
    engine.dispose()


@pytest.mark.parametrize("command", ["refresh", "hide"])
def test_commands_that_write_say_that_they_cannot(disk: Disk, shelf: Path, command: str) -> None:
    more = ["0" * 64] if command == "hide" else []
    with closing(sqlite3.connect(shelf / "microscope.db")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    done = disk(shelf, *COMMAND, command, *more, "--database", "DISK/microscope.db")
    assert done.returncode == 1, done.stdout
    assert "cannot be written" in done.stderr


def test_the_log_stays_short_though_somebody_reads_at_each_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without care it would grow for as long as readers follow each other without a pause."""
    limit = 1_000_000
    monkeypatch.setattr(sqlite, "LOG_BYTES", limit)
    path = tmp_path / "read.db"
    writer, end = open_for_writing(str(path)), Event()
    reader = open_for_reading(str(path))
    gate = [Event(), Event()]

    def read_on(own: int) -> None:
        """Two readers, each of which ends only when the other has begun."""
        while not end.is_set():
            with reading(reader) as connection:
                connection.execute(text("SELECT count(*) FROM image"))
                gate[own].set()
                gate[1 - own].wait(1)
                gate[1 - own].clear()

    largest = 0
    with ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(read_on, own) for own in (0, 1)]
        try:
            for number in range(100):
                with writing(writer) as connection:
                    data = number.to_bytes(2, "big") * 50_000
                    add_images(connection, [ImageRecord.of(data, "image/png", 1, 1)])
                largest = max(largest, path.with_name("read.db-wal").stat().st_size)
        finally:
            end.set()
        assert [each.result() for each in busy] == [None, None]
    writer.dispose()
    reader.dispose()
    # A reader may be slow, and then it is tried again a limit later.
    assert largest < 5 * limit < path.stat().st_size


def test_a_long_reader_keeps_a_writer_for_seconds_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 100_000)
    monkeypatch.setattr(sqlite, "LOG_SECONDS", 1)
    path = tmp_path / "backup.db"
    writer = open_for_writing(str(path))
    reader = open_for_reading(str(path))
    tried: list[int] = []
    with snapshot(reader) as connection:
        for number in range(12):
            with writing(writer) as other:
                limit = path.with_name("backup.db-wal").stat().st_size
                tried.append(limit)
                data = bytes([number]) * 50_000
                add_images(other, [ImageRecord.of(data, "image/png", 1, 1)])
        assert connection.scalar(text("SELECT count(*) FROM image")) == 0
    with reading(reader) as connection:
        assert connection.scalar(text("SELECT count(*) FROM image")) == 12
    assert tried == sorted(tried), "nothing that the reader needs was taken away"
    writer.dispose()
    reader.dispose()
