"""Reading needs no right to write: a role that may only read, a file that nobody may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.db.engine import open_for_reading
from tests import lower
from tests.app.conftest import fill_database
from tests.app.db.conftest import NewStore
from tests.postgres import Postgres
from tests.serving import Serving, get, serving

READER = "microscope_reader"
# A part of it: what is left out is read in the same ways.
COPY = ("export", "--layers", "logits")
PATHS = ("/", "/models/toy/mixed3b", "/models/toy/mixed3b/2", "/search?q=tabby", "/about")


@pytest.fixture
def folder() -> Iterator[Path]:
    with lower.own_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def read_only(new_store: NewStore, postgres: Postgres) -> str:
    """A filled database of PostgreSQL's, as a role that may do nothing but SELECT."""
    url = new_store("postgresql")
    fill_database(url)
    schema = url.rpartition("%3D")[2]
    owner = create_engine(postgres.url.replace("postgresql:", "postgresql+psycopg:"))
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {READER} LOGIN"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {READER}"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}"))
    owner.dispose()
    return url.replace("//tester@", f"//{READER}@")


@pytest.fixture
def finished(folder: Path, database: str) -> Iterator[Path]:
    """A filled file in a folder, neither of which the user who reads it may change."""
    path = folder / "closed" / "microscope.db"
    path.parent.mkdir()
    path.write_bytes(Path(database).read_bytes())
    lower.give(path)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    yield path
    path.parent.chmod(0o755)


def assert_serves(server: Serving) -> None:
    for path in PATHS:
        assert server.ask(get(path, close=True)).startswith(b"HTTP/1.1 200"), path


def test_a_role_that_may_only_read_cannot_write(read_only: str) -> None:
    engine = create_engine(read_only.replace("postgresql:", "postgresql+psycopg:"))
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("DELETE FROM highlight"))
    engine.dispose()


def test_such_a_role_is_enough_to_serve(read_only: str, folder: Path) -> None:
    with serving(read_only, lower.command(), lower.environment(folder)) as server:
        assert_serves(server)


def test_such_a_role_is_enough_for_status_and_export(read_only: str, folder: Path) -> None:
    code, told = lower.run(folder, "status", "--database", read_only)
    assert (code, "A toy network" in told) == (0, True), told
    code, told = lower.run(folder, *COPY, "--database", read_only, "--out", folder / "copy")
    assert code == 0, told
    assert (folder / "copy" / "index.html").exists()


def test_such_a_role_is_told_that_it_cannot_hide(read_only: str, folder: Path) -> None:
    code, told = lower.run(folder, "refresh", "--database", read_only)
    assert code == 1
    assert "cannot be written" in told
    assert "Traceback" not in told


def test_a_file_that_may_not_be_written_is_served(finished: Path, folder: Path) -> None:
    with serving(str(finished), lower.command(), lower.environment(folder)) as server:
        assert_serves(server)
    assert [each.name for each in finished.parent.iterdir()] == ["microscope.db"]


def test_of_a_file_that_may_not_be_written_there_are_status_and_copies(
    finished: Path, folder: Path
) -> None:
    code, told = lower.run(folder, "status", "--database", finished)
    assert (code, "A toy network" in told) == (0, True), told
    code, told = lower.run(folder, *COPY, "--database", finished, "--out", folder / "copy")
    assert code == 0, told


@pytest.mark.parametrize("command", ["migrate", "refresh"])
def test_a_file_that_may_not_be_written_is_not_written(
    finished: Path, folder: Path, command: str
) -> None:
    before = finished.read_bytes()
    code, told = lower.run(folder, command, "--database", finished)
    assert finished.read_bytes() == before
    assert (code, "cannot be written" in told) == (1, True), told


@pytest.mark.parametrize(("command", "is_folder"), [("serve", False), ("status", True)])
def test_a_file_that_may_not_be_read_is_named_with_what_to_do(
    finished: Path, folder: Path, command: str, is_folder: bool
) -> None:
    (finished.parent if is_folder else finished).chmod(0o000)
    code, told = lower.run(folder, command, "--database", finished)
    assert code in (1, 2)
    assert told.startswith(f"Error: The database {finished} may not be read")
    assert len(told.splitlines()) == 1


def test_the_engine_for_reading_cannot_write(database: str) -> None:
    engine = open_for_reading(database)
    with pytest.raises(Exception, match="readonly"), engine.begin() as connection:
        connection.execute(text("DELETE FROM highlight"))
    engine.dispose()
