"""Noticing commits: SQLite tells of each at once, PostgreSQL of none."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.store.changes import Changes
from app.store.engine import CONNECTIONS, open_for_reading, open_for_writing
from app.store.write import Writer


@pytest.fixture
def path(tmp_path: Path) -> str:
    made = str(tmp_path / "changing.db")
    open_for_writing(made).dispose()
    return made


def test_every_commit_of_another_is_noticed_and_nothing_else(path: str) -> None:
    reader, writer = open_for_reading(path), open_for_writing(path)
    changes, seen = Changes(reader), []
    for _ in range(3):
        seen.append(changes.version())
        assert changes.version() == seen[-1]
        Writer(writer).start_run("toy", "a test", "0")
    assert None not in seen
    assert len(set(seen)) == 3
    reader.dispose()
    writer.dispose()


def test_a_change_that_is_not_committed_is_none(path: str) -> None:
    reader, writer = open_for_reading(path), open_for_writing(path)
    changes = Changes(reader)
    before = changes.version()
    with writer.connect() as connection:
        connection.exec_driver_sql("DELETE FROM hidden")
        connection.rollback()
    assert changes.version() == before
    reader.dispose()
    writer.dispose()


def test_watching_takes_no_place_from_readers(path: str) -> None:
    engine = open_for_reading(path)
    Changes(engine)
    held = [engine.connect() for _ in range(CONNECTIONS)]
    for connection in held:
        connection.close()
    engine.dispose()


def test_a_database_that_is_closed_cannot_tell(path: str) -> None:
    engine = open_for_reading(path)
    changes = Changes(engine)
    engine.dispose()
    assert changes.version() is None


def test_only_sqlite_can_tell(filled: Engine) -> None:
    assert (Changes(filled).version() is None) == (filled.dialect.name == "postgresql")
