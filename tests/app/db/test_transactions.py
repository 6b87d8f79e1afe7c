"""Reading in one transaction: one state of the database, and errors in words, on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import open_for_reading
from app.db.queries import catalog, run_status
from app.db.transactions import QUERY_STATS, QueryStats, reading
from app.db.writer.writer import Writer
from app.errors import NotFound, StoreError


@pytest.fixture
def reader(engine: Engine, store_url: str) -> Iterator[Engine]:
    reader = open_for_reading(store_url)
    yield reader
    reader.dispose()


def test_queries_on_a_connection_see_the_state_of_its_first_read(
    engine: Engine, reader: Engine
) -> None:
    with reading(reader) as connection:
        assert run_status.runs(connection) == ()
        run = Writer(engine).start_run("toy", {}, "0.1.0")
        assert run_status.runs(connection) == ()
        assert [each.id for each in run_status.runs(reader)] == [run]
    assert [each.id for each in run_status.runs(reader)] == [run]


def test_a_connection_that_is_joined_stays_open(reader: Engine) -> None:
    with reading(reader) as connection:
        with reading(connection) as joined:
            assert joined is connection
        assert connection.scalar(text("SELECT 1")) == 1


def test_an_error_on_a_joined_connection_is_explained_once(reader: Engine) -> None:
    with (
        pytest.raises(StoreError) as caught,
        reading(reader) as connection,
        reading(connection) as joined,
    ):
        joined.execute(text("SELECT x FROM nowhere"))
    assert isinstance(caught.value.__cause__, SQLAlchemyError)
    assert "nowhere" in caught.value.message


def test_a_name_that_cannot_be_is_not_found_and_reading_goes_on(filled: Engine) -> None:
    with reading(filled) as connection:
        with pytest.raises(NotFound):
            catalog.layer_head(connection, "toy", "mixed\0")
        assert catalog.layer_head(connection, "toy", "mixed3b").name == "mixed3b"


def test_the_time_of_joined_reads_is_counted_once(filled: Engine) -> None:
    stats = QueryStats()
    token = QUERY_STATS.set(stats)
    with reading(filled) as connection:
        for _ in range(3):
            catalog.layer_names(connection, "toy")
        assert (stats.queries, stats.seconds) == (3, 0.0)
    QUERY_STATS.reset(token)
    assert stats.seconds > 0
