"""A connection that its server ends: one line in the log, no traceback, and the next one works."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event, text

from app.db.engine import database_url, open_for_reading, open_for_writing

NewStore = Callable[[str], str]


@pytest.fixture
def url(new_store: NewStore) -> str:
    """A database that holds nothing yet, on a server."""
    made = new_store("postgresql")
    open_for_writing(made).dispose()
    return made


def end(connection: PoolProxiedConnection, url: str) -> None:
    """Another session ends this one, as a server does that is stopped."""
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    ((number,),) = cursor.fetchall()
    other = create_engine(database_url(url))
    with other.connect() as session:
        assert session.scalar(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": number})
    other.dispose()


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_what_breaks_while_nobody_asks_is_told_in_a_line(
    url: str, opened: Callable[[str], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine = opened(url)
    with closing(engine.raw_connection()) as used:
        end(used, url)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("A connection to the database was lost: ")
    assert len(record.getMessage().splitlines()) == 1
    assert "Traceback" not in caplog.text
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_fault_of_the_program_keeps_its_traceback(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_for_reading(url)

    @event.listens_for(engine, "reset")
    def stumble(*_: object) -> None:
        raise LookupError("a fault of ours")

    with engine.connect():
        pass
    engine.dispose()
    assert "Traceback" in caplog.text
    assert "a fault of ours" in caplog.text
