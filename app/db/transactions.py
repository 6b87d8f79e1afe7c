"""Transactions: reading one state of the database, writing, deadlines, and query statistics."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from secrets import token_hex
from time import monotonic, perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, event, text, update
from sqlalchemy.exc import DataError, SQLAlchemyError

from app.db.driver_errors import explained
from app.errors import NotFound
from app.tables import Revision

VERSION = "SELECT version_num FROM alembic_version"


def begin(connection: Connection) -> None:
    """On SQLite: take the write lock at once where it will be needed.

    A transaction that begins by reading cannot wait for the lock later: SQLite refuses it
    immediately when another connection has written since.
    """
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


Source = Engine | Connection
"""What reads take: an engine, or a connection whose transaction they join."""


@contextmanager
def reading(source: Source) -> Iterator[Connection]:
    """One transaction, which sees one state of the database; a connection's own is joined.

    Raises `StoreError` and `NotFound` in place of what the driver raises.
    """
    if isinstance(source, Connection):
        with _explaining(source.engine):
            yield source
        return
    began = perf_counter()
    try:
        with _explaining(source), source.connect() as connection:
            yield connection
    finally:
        record_query_time(perf_counter() - began)


@contextmanager
def _explaining(engine: Engine) -> Iterator[None]:
    """Raise our exceptions in place of the driver's."""
    try:
        yield
    except DataError:
        # PostgreSQL refuses to look for a name that it could not store, such as one with a NUL.
        raise NotFound("There is nothing of that name here.") from None
    except SQLAlchemyError as error:
        raise explained(error, engine.url) from error


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of the database for as long as it is read, whatever others commit meanwhile."""
    if engine.dialect.name == "postgresql":
        # Otherwise each statement would see the newest state.
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as connection:
        connection.execute(text(VERSION))  # the first read is what fixes the state
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, which gives the database a new revision (`app.db.queries.run_status`)."""
    with transaction(engine) as connection:
        yield connection
        connection.execute(update(Revision).values(token=token_hex(8)))


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: everything inside is stored, or nothing."""
    try:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise explained(error, engine.url) from error


# Steps of SQLite's machine between two looks at the clock: about a millisecond.
STEPS = 20_000
KEY = "microscope_deadline"


class Deadline:
    """When the reading on one connection must be over, by the monotonic clock."""

    def __init__(self) -> None:
        self.until = float("inf")

    def is_over(self) -> bool:
        return monotonic() > self.until


def hold_to(engine: Engine, seconds: float) -> None:
    """Readings of this engine that take longer end with `DatabaseSlow`."""
    if engine.dialect.name == "sqlite":
        _hold_sqlite(engine, seconds)
    else:
        _hold_postgres(engine, seconds)
    engine.dispose()  # what is connected already knows of no limit


def _hold_sqlite(engine: Engine, seconds: float) -> None:
    def connected(connection: sqlite3.Connection, record: Any) -> None:
        deadline = record.info[KEY] = Deadline()
        connection.set_progress_handler(deadline.is_over, STEPS)

    def begun(connection: Connection) -> None:
        connection.info[KEY].until = monotonic() + seconds

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _hold_postgres(engine: Engine, seconds: float) -> None:
    def connected(connection: Any, record: Any) -> None:
        connection.execute(f"SET statement_timeout = {max(round(seconds * 1000), 1)}")
        connection.commit()  # else it would be forgotten with the transaction

    event.listen(engine, "connect", connected)


@dataclass(slots=True)
class QueryStats:
    """Totals of one piece of work.

    Attributes:
        seconds: from the request for a connection until it is returned. SQLite works while rows are
            fetched, so the time of a statement alone would say little.
    """

    queries: int = 0
    seconds: float = 0.0


QUERY_STATS: ContextVar[QueryStats | None] = ContextVar("microscope_query_stats", default=None)


def record_query_time(seconds: float, queries: int = 0) -> None:
    """Add to the statistics of the current work, if it is measured."""
    stats = QUERY_STATS.get()
    if stats is not None:
        stats.seconds += seconds
        stats.queries += queries


def count_queries(engine: Engine) -> None:
    """Count every statement of this engine."""
    event.listen(engine, "before_cursor_execute", _count)


def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if statement != "BEGIN":  # sent to SQLite alone
        record_query_time(0.0, queries=1)


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of an engine's pool."""

    in_use: int
    idle: int
    limit: int


def pool_state(engine: Engine) -> PoolState:
    """The open connections, and the most there can be."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return PoolState(0, 0, 0)
    return PoolState(pool.checkedout(), pool.checkedin(), pool.size())
