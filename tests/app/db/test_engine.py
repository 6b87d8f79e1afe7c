"""Opening databases: what is refused says what to do; readers and writers do not disturb."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app.db import sqlite
from app.db.driver_errors import explained
from app.db.engine import database_url, open_for_reading, open_for_writing
from app.db.queries import catalog
from app.db.records import ImageRecord, ModelRecord, RecipeRecord, VisualizationRecord
from app.db.transactions import reading, writing
from app.db.writer.writer import Writer
from app.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseGone,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseUnusable,
    InputError,
    MicroscopeError,
    StoreError,
)

MakeModel = Callable[..., ModelRecord]


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("microscope.db", "sqlite"),
        ("/data/with space.db", "sqlite"),
        ("sqlite:///microscope.db", "sqlite"),
        ("postgres://user@host/name", "postgresql+psycopg"),
        ("postgresql://user@host/name", "postgresql+psycopg"),
        ("postgresql+psycopg://user@host/name", "postgresql+psycopg"),
    ],
)
def test_a_path_or_a_url_names_a_database(given: str, driver: str) -> None:
    assert database_url(given).drivername == driver


@pytest.mark.parametrize("given", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "x://"])
def test_other_databases_are_refused(given: str) -> None:
    with pytest.raises(InputError) as caught:
        database_url(given)
    assert caught.value.exit_code == 2


def test_a_missing_database_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing) as caught:
        open_for_reading(str(tmp_path / "none.db"))
    assert f"There is no database at {tmp_path / 'none.db'}" in caught.value.message
    assert "microscope precompute" in caught.value.message
    assert not (tmp_path / "none.db").exists()


def test_an_empty_file_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseMissing, match="is empty"):
        open_for_reading(str(tmp_path / "empty.db"))


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_a_file_that_is_no_database_is_refused(
    opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    (tmp_path / "letter.db").write_text("Dear reader, " * 100)
    with pytest.raises(DatabaseUnusable, match=r"letter\.db is not a Microscope database"):
        opened(str(tmp_path / "letter.db"))
    assert (tmp_path / "letter.db").read_text() == "Dear reader, " * 100


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_somebody_elses_database_is_left_alone(
    opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes_of_my_aunt (cake TEXT)")
    other.close()
    with pytest.raises(DatabaseUnusable, match="recipes_of_my_aunt"):
        opened(str(path))


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_a_newer_schema_is_refused(opened: Callable[[str], Engine], store_url: str) -> None:
    engine = open_for_writing(store_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseUnusable, match="newer version"):
        opened(store_url)


def test_an_older_schema_is_named_with_the_command_to_run(store_url: str) -> None:
    engine = open_for_writing(store_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    engine.dispose()
    with pytest.raises(DatabaseUnusable, match="microscope migrate"):
        open_for_reading(store_url)


def test_a_reader_cannot_write(store_url: str) -> None:
    open_for_writing(store_url).dispose()
    engine = open_for_reading(store_url)
    with pytest.raises(DatabaseReadOnly), writing(engine) as connection:
        connection.execute(text("DELETE FROM model"))
    engine.dispose()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseReadOnly, match="no folder"):
        open_for_writing(str(tmp_path / "nowhere" / "new.db"))


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    for opened in (open_for_writing, open_for_reading):
        for place in (str(tmp_path), ""):
            with pytest.raises(InputError, match="name a file with --database"):
                opened(place)


def test_an_error_rolls_everything_back(engine: Engine, make_model: MakeModel) -> None:
    Writer(engine).put_model(make_model())

    def fail_midway() -> None:
        with writing(engine) as connection:
            connection.execute(text("UPDATE model SET title = 'changed'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_midway()
    assert catalog.model(engine, "toy").title == "A toy network"


def test_a_reader_sees_one_state_while_a_writer_commits(
    store_url: str, make_model: MakeModel
) -> None:
    writer = Writer(open_for_writing(store_url))
    engine = open_for_reading(store_url)
    assert not catalog.model_exists(engine, "toy")
    writer.put_model(make_model())
    assert catalog.model_exists(engine, "toy")
    engine.dispose()
    writer.engine.dispose()


def test_a_second_writer_waits_for_the_first(tmp_path: Path, make_model: MakeModel) -> None:
    path = str(tmp_path / "two.db")
    first, second = open_for_writing(path), open_for_writing(path)
    waiting = Thread(target=lambda: Writer(second).put_model(make_model()))
    with writing(first) as connection:
        connection.execute(text("DELETE FROM run"))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(10)
    assert catalog.model_exists(first, "toy")
    first.dispose()
    second.dispose()


def test_a_writer_that_waited_too_long_says_so(
    tmp_path: Path, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    path = str(tmp_path / "two.db")
    first, second = open_for_writing(path), open_for_writing(path)
    with writing(first), pytest.raises(DatabaseBusy, match="another writer"):
        Writer(second).put_model(make_model())
    first.dispose()
    second.dispose()


def test_a_full_disk_is_told_and_what_was_stored_stays(
    tmp_path: Path, make_model: MakeModel
) -> None:
    engine = open_for_writing(str(tmp_path / "small.db"))
    writer = Writer(engine)
    writer.put_model(make_model())
    writer.put_visualizations("toy", [large_picture(0)])
    with reading(engine) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 8}"))
    with pytest.raises(DatabaseFull, match="make room"):
        writer.put_visualizations("toy", [large_picture(unit) for unit in range(1, 24)])
    assert set(catalog.stored_visualizations(engine, "toy", "channel")) == {("mixed3b", 0, 0)}
    engine.dispose()


def large_picture(unit: int) -> VisualizationRecord:
    image = ImageRecord.of(bytes([unit]) * 20_000, "image/webp", 224, 224)
    recipe = RecipeRecord.from_body({})
    return VisualizationRecord("mixed3b", unit, "channel", 0, image, recipe, 1, 1, 1)


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(DatabaseGone) as caught:
        open_for_reading("postgresql://user:secret@127.0.0.1:1/name")
    assert "does not answer" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_broken_file_is_told(database: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    data = bytearray(Path(database).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError):
        catalog.models(open_for_reading(str(path)))


Way = Callable[[Engine], AbstractContextManager[Connection]]


@pytest.mark.parametrize("way", [reading, writing])
def test_an_interrupt_that_the_driver_fails_over_stays_one(way: Way, database: str) -> None:
    engine = open_for_writing(database)
    with pytest.raises(KeyboardInterrupt):
        fail_over_an_interrupt(way, engine)
    engine.dispose()


def fail_over_an_interrupt(way: Way, engine: Engine) -> None:
    """As psycopg does where it puts a connection in order that waits for an answer."""
    with way(engine) as connection:
        try:
            raise KeyboardInterrupt
        finally:
            connection.execute(text("SELECT nonsense"))


def test_an_unknown_driver_error_keeps_its_reason() -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: cake"))
    told = explained(error, database_url("a.db"))
    assert type(told) is StoreError
    assert "no such table: cake" in told.message


AS_ANOTHER_USER = """
import os, sys
from sqlalchemy.dialects import sqlite
from app.errors import MicroscopeError
from app.db import engine, migrations
from app.db.queries import catalog
# Everything is imported by now: the other user may not be allowed to read the interpreter's home.
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    if sys.argv[2] == "write":
        engine.open_for_writing(sys.argv[1])
    print(len(catalog.models(engine.open_for_reading(sys.argv[1]))))
except MicroscopeError as error:
    print(type(error).__name__, error.message)
"""


def as_another_user(path: Path, verb: str) -> str:
    """What happens to a user who may read the file, and may not write it or its folder."""
    command = [sys.executable, "-c", AS_ANOTHER_USER, str(path), verb]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert not answer.stderr
    return answer.stdout.strip()


@pytest.fixture
def read_only(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished database in write-ahead mode, in a folder that only its owner can write."""
    folder = tmp_path_factory.mktemp("shelf")
    for parent in (folder, *folder.parents):
        if parent.owner() == folder.owner() and parent != Path("/"):
            parent.chmod(0o755 if parent == folder else parent.stat().st_mode | 0o055)
    shutil.copy(database, folder / "microscope.db")
    (folder / "microscope.db").chmod(0o444)
    if os.getuid() != 0:
        folder.chmod(0o555)
    return folder / "microscope.db"


def test_a_finished_file_is_served_from_a_disk_that_cannot_be_written(read_only: Path) -> None:
    assert as_another_user(read_only, "read") == "1"
    assert sorted(path.name for path in read_only.parent.iterdir()) == ["microscope.db"]


def test_writing_where_one_may_not_is_told(read_only: Path) -> None:
    for path in (read_only, read_only.with_name("new.db")):
        told = as_another_user(path, "write")
        assert told.startswith("DatabaseReadOnly")
        assert "--database" in told


def test_every_error_has_an_exit_code_and_a_status() -> None:
    def below(kind: type[MicroscopeError]) -> list[type[MicroscopeError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    for kind in below(MicroscopeError):
        assert kind.exit_code in (1, 2)
        assert 400 <= kind.status < 600
