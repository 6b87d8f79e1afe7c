"""The disk is full: a clear stop, nothing stored is lost, and on it goes when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.db.engine import database_url
from app.errors import StoreError
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of
from tests.nursery import Child, Nursery
from tests.postgres import Postgres, lower_user, running_postgres
from tests.precompute.content import content, intact

Resize = Callable[[int], None]

# Kibibytes: the disk is as large as this first, and grows by as much while it is too small.
SMALL, STEP, LARGE = 200, 300, 20_000
# Room for PostgreSQL's empty tables and some pictures.
TABLES = 1_300
# Too little for the first file of a scan, and for its last.
CHECKPOINTS = (4, 16)
NO_ROOM = "There is no space left for the database"
NO_ROOM_FOR_A_SCAN = "The scan cannot keep what it needs until it ends"


@pytest.fixture
def small_disk() -> Iterator[tuple[Path, Resize]]:
    """A folder on a disk of its own, and what gives that another size, in KiB."""
    folder = Path(tempfile.mkdtemp(prefix="microscope-disk-"))
    folder.chmod(0o755)  # PostgreSQL comes here as another user
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}k", "tmpfs", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        message = f"a small disk cannot be mounted: {done.stderr.strip()}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    def resize(size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}k", folder], check=True)

    try:
        yield folder, resize
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def test_a_disk_that_grows_too_slowly_stops_every_run_in_words_and_loses_nothing(
    small_disk: tuple[Path, Resize], nursery: Nursery, undisturbed: Undisturbed
) -> None:
    folder, resize = small_disk
    database, size, before = folder / "microscope.db", SMALL, 0
    told: list[str] = []
    while (child := nursery.run(*WORDS, "--database", database)).code != 0:
        told.append(require_clear_stop(child))
        before = require_kept(database, before)
        size += STEP
        assert size < LARGE
        resize(size)
    require_same(database, undisturbed)
    assert {NO_ROOM} <= set(told), told
    assert not list(folder.glob("*-scan"))


@pytest.mark.parametrize("size", CHECKPOINTS)
def test_a_scan_whose_checkpoint_finds_no_room_goes_on_when_there_is_some(
    size: int, small_disk: tuple[Path, Resize], nursery: Nursery, undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder, resize = small_disk
    database = tmp_path / "microscope.db"
    (tmp_path / "microscope.db-scan").symlink_to(folder)
    resize(size)
    child = nursery.run(*WORDS, "--database", database)
    assert require_clear_stop(child) == NO_ROOM_FOR_A_SCAN
    require_kept(database, 16)
    resize(LARGE)
    assert nursery.run(*WORDS, "--database", database).code == 0
    require_same(database, undisturbed)


def test_a_server_without_room_stops_the_run_in_words_and_loses_nothing(
    small_disk: tuple[Path, Resize], nursery: Nursery, undisturbed: Undisturbed
) -> None:
    folder, resize = small_disk
    resize(TABLES)
    with running_postgres() as server:
        place = tablespace(server, folder)
        database = f"{server.new_schema()}%20-cdefault_tablespace%3D{place}"
        child = nursery.run(*WORDS, "--database", database)
        assert require_clear_stop(child) == NO_ROOM
        assert runs_of(database)[0].state == "failed"
        resize(LARGE)
        assert nursery.run(*WORDS, "--database", database).code == 0
        require_same(database, undisturbed)


def require_clear_stop(child: Child) -> str:
    """That a run said why it ended, in one sentence, the last; which of the two it was."""
    last = child.told().splitlines()[-1]
    assert child.code == 1, child.told()
    assert "Traceback" not in child.told()
    kinds = [kind for kind in (NO_ROOM, NO_ROOM_FOR_A_SCAN) if f"Error: {kind}" in last]
    assert kinds, child.told()
    return kinds[0]


def require_kept(database: Path, before: int) -> int:
    """That what was stored is there and whole; how many pictures are stored."""
    with suppress(StoreError):  # there was no room for a single table
        latest, *_ = runs_of(database)
        assert not list(intact(database))
        # Where not even that fits, the next run notes it: it holds the lock, so none goes on.
        if latest.state == "failed":
            assert "no space left" in latest.message or "make room" in latest.message
        else:
            assert latest.state == "running"
        now = len(content(database)["visualization"])
        assert now >= before
        return now
    assert before == 0
    return 0


def tablespace(server: Postgres, folder: Path) -> str:
    """A place for tables on another disk than the rest of the server's, whose log has to go on."""
    home = folder / "tables"
    home.mkdir()
    if user := lower_user():
        shutil.chown(home, user)
    administrator = create_engine(database_url(server.url), isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE TABLESPACE small LOCATION '{home}'"))
    administrator.dispose()
    return "small"
