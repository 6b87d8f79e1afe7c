"""Backups while a writer writes: one state, whole, and as good as the original once restored."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text

from app import tables
from app.cli import main
from app.db.check.report import check
from app.db.copy import table_parts
from app.db.copy.transfer import copy_database
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance import backup as module
from app.db.maintenance.backup import back_up
from app.db.transactions import reading
from app.db.writer.writer import Writer
from app.errors import DatabaseFull, DatabaseTaken, InputError, StoreError
from app.evidence.visualizations import Visualization
from tests.app.conftest import draw_picture, made_up_model, visualization
from tests.app.curated import fill_small
from tests.app.db.conftest import ENGINES, NewStore
from tests.postgres import Postgres
from tests.precompute.content import content

# What a half-finished state of a scan that was made up lacks anyway.
UNFINISHED = {"statistics", "examples", "sheets", "tour", "run-died", "missing"}


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, new_store: NewStore) -> str:
    url = new_store(request.param)
    fill(url)
    return url


def fill(url: str) -> None:
    engine = open_for_writing(url)
    fill_small(engine, made_up_model, draw_picture)
    engine.dispose()


@contextmanager
def writing_on(url: str) -> Iterator[Callable[[int], None]]:
    """A writer that replaces one picture of two units after another, in one commit each time;
    what it yields waits for so many more commits."""
    engine = open_for_writing(url)
    done, end, failed = count(1), threading.Event(), list[BaseException]()
    progress = threading.Condition()
    commits = [0]

    def write() -> None:
        try:
            while not end.is_set():
                number = next(done)
                pair = [
                    visualization("conv2d0", unit, image=draw_picture(number + 20_000 * unit, 64),
                                  activation=float(number))
                    for unit in (0, 1)
                ]  # fmt: skip
                Writer(engine).put_visualizations("toy", pair, replace=True)
                with progress:
                    commits[0] = number
                    progress.notify_all()
        except BaseException as error:
            failed.append(error)
            with progress:
                progress.notify_all()

    def wait(more: int) -> None:
        with progress:
            until = commits[0] + more
            assert progress.wait_for(lambda: commits[0] >= until or failed, timeout=60)
        assert not failed

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait(2)
        yield wait
        wait(2)
    finally:
        end.set()
        writer.join(60)
        engine.dispose()
    assert not failed


def state_of(url: str) -> float:
    """The number of the commit that a backup holds: both pictures are of the same one."""
    engine = open_for_reading(url)
    kinds = {fault.kind for fault in check(engine, silent).faults}
    assert kinds <= UNFINISHED
    table = Visualization
    with reading(engine) as connection:
        units = select(tables.Unit.id).join(tables.Layer).where(tables.Layer.name == "conv2d0")
        where = (table.unit_id.in_(units), table.activation != 1.0)
        (state,) = set(connection.scalars(select(table.activation).where(*where)))
        assert len(connection.scalars(select(table.id).where(*where)).all()) == 2
    engine.dispose()
    return float(state)


def test_a_backup_is_one_state_while_a_writer_writes(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 3)
    monkeypatch.setattr(table_parts, "PART_ROWS", 5)
    with writing_on(url) as wait:

        def told(what: str, done: int, total: int) -> None:
            if done and len(seen) < 3:
                seen.append(what)
                wait(2)  # the writer surely writes between the backup's parts

        seen: list[str] = []
        back_up(url, tmp_path / "kept.db", told)
    assert seen
    assert state_of(str(tmp_path / "kept.db")) >= 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept.db"]


def test_a_backup_is_restored_by_a_copy(url: str, tmp_path: Path, new_store: NewStore) -> None:
    kept = tmp_path / "kept.db"
    back_up(url, kept, silent)
    assert content(kept) == content(url)
    restored = new_store("postgresql" if "://" in url else "sqlite")
    copy_database(str(kept), restored, silent)
    assert content(restored) == content(url)


def test_a_backup_needs_no_file_beside_it(url: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    size = back_up(url, kept, silent)
    assert size == kept.stat().st_size
    connection = sqlite3.connect(f"file:{kept}?mode=ro&immutable=1", uri=True)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def test_a_backup_is_never_written_over_another(url: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    kept.write_bytes(b"precious")
    with pytest.raises(InputError, match="no backup is written over another"):
        back_up(url, kept, silent)
    assert kept.read_bytes() == b"precious"
    with pytest.raises(InputError, match="there is no folder"):
        back_up(url, tmp_path / "nowhere" / "kept.db", silent)


def test_another_backup_of_the_same_name_is_refused_and_disturbs_nothing(
    url: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.db"
    refused = list[object]()

    def told(what: str, done: int, total: int) -> None:
        if done and not refused:
            with pytest.raises(DatabaseTaken, match="`microscope backup` has") as raised:
                back_up(url, kept, silent)
            refused.append(raised)

    back_up(url, kept, told)
    assert refused
    assert content(kept) == content(url)
    assert list(tmp_path.iterdir()) == [kept]


def test_a_backup_that_fails_leaves_nothing(url: str, tmp_path: Path) -> None:
    def told(what: str, done: int, total: int) -> None:
        raise StoreError("stopped")

    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "kept.db.partial").write_bytes(b"what an earlier one left")
    with pytest.raises(StoreError, match="stopped"):
        back_up(url, folder / "kept.db", told)
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(str(tmp_path / "store.db"))
    connect = sqlite3.connect

    def narrow(path: object, *given: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, *given, **named)  # type: ignore[call-overload]
        if "partial" in str(path):
            connection.execute("PRAGMA max_page_count = 4")
        return connection

    monkeypatch.setattr(sqlite3, "connect", narrow)
    with pytest.raises(DatabaseFull, match="no space left for the backup"):
        back_up(str(tmp_path / "store.db"), tmp_path / "kept.db", silent)
    assert not (tmp_path / "kept.db").exists()


def test_the_command_says_what_it_made(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(tmp_path / "kept.db")
    assert main.run(main.app, ["backup", "--to", kept, "--database", url]) == 0
    assert f"{kept} holds all of it: " in capsys.readouterr().out
    assert main.run(main.app, ["backup", "--to", kept, "--database", url]) == 2


def test_postgresqls_own_dump_is_one_state_and_is_restored(
    postgres: Postgres, tmp_path: Path
) -> None:
    """The commands of docs/operations.md, into a database of another name."""
    original, restored = new_database(postgres, "kept"), new_database(postgres, "restored")
    fill(original)
    dump = tmp_path / "microscope.dump"
    with writing_on(original) as wait:
        wait(1)
        dumping = subprocess.Popen(
            [program(postgres, "pg_dump"), "--format=custom", f"--file={dump}", original]
        )
        wait(3)
        assert dumping.wait(60) == 0
    subprocess.run(
        [program(postgres, "pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={restored}",
         dump], check=True,
    )  # fmt: skip
    assert state_of(restored) >= 1
    engine = open_for_writing(restored)
    Writer(engine).start_run("toy", {}, "0.1.0")
    engine.dispose()


def program(postgres: Postgres, name: str) -> str:
    """Debian puts those that clients use on the path."""
    return shutil.which(name) or str(postgres.home / name)


def new_database(postgres: Postgres, name: str) -> str:
    """An empty database, which is what `pg_dump` dumps and `pg_restore` fills."""
    url = make_url(postgres.url).set(drivername="postgresql+psycopg")
    administrator: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administrator.dispose()
    return str(make_url(postgres.url).set(database=name).render_as_string(hide_password=False))
