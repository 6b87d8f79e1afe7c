"""PostgreSQL: how connections are opened, for a reader, a writer, or a lock.

A server that vanished is given up soon, a reader can change nothing, and writers wait for one
another as they do on SQLite.
"""

from __future__ import annotations

import logging

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from app.db.driver_errors import first_line
from app.db.sqlite import BUSY_SECONDS

# A writer needs one connection for what it does, and a few for what it looks up meanwhile.
WRITERS = 4

# Apart from what other pools of the same process log.
POOLS = "microscope"

# The first number is "Micw" in ASCII: another lock than that of a run (`lock`).
QUEUE = (
    f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), "
    "pg_advisory_xact_lock(1298752375, hashtext(coalesce(current_schema(), '')))"
)


def reader(url: URL, places: int) -> Engine:
    """An engine whose transactions can only read."""
    options = "-c default_transaction_read_only=on"
    # Otherwise each statement of a transaction would see the newest state.
    return _engine(url, places, options, isolation_level="REPEATABLE READ")


def writer(url: URL) -> Engine:
    """An engine that writes, one transaction at a time to a schema."""
    engine = _engine(url, WRITERS, "")
    event.listen(engine, "begin", _queue)
    return engine


def _engine(url: URL, places: int, options: str, **more: str) -> Engine:
    engine = create_engine(
        url,
        connect_args=_connecting(url, options),
        pool_size=places,
        max_overflow=0,
        pool_pre_ping=True,
        pool_logging_name=POOLS,
        **more,
    )
    _tell_in_a_line(engine)
    return engine


def server_session(url: URL) -> Engine:
    """Connections to PostgreSQL that each live on their own, outside of transactions; the server
    notices within half a minute when a machine that holds one is gone."""
    watched = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    engine = create_engine(
        url,
        connect_args=_connecting(url, watched),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        pool_logging_name=POOLS,
    )
    _tell_in_a_line(engine)
    return engine


def _connecting(url: URL, options: str) -> dict[str, str | int]:
    """What a connection is opened with: seconds, but for the last, which is in milliseconds.

    A server that vanished without a word is given up after half a minute, not after the hours that
    the system would wait.
    """
    return {
        "options": f"{url.query.get('options', '')} {options}".strip(),
        "connect_timeout": 5,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }


def _queue(connection: Connection) -> None:
    """Let those who write to a schema wait for one another, as SQLite does.

    Two that change the same rows at a time could stop each other, or refer to what the other
    removes.
    """
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(QUEUE)


def _tell_in_a_line(engine: Engine) -> None:
    """Let its pool say in a line what it says with a traceback: that a connection was lost.

    Where the database was stopped that is no fault of the program: whoever asks next gets a new
    connection, or is told in words that the database does not answer (`faults`).
    """
    if isinstance(engine.pool.logger, logging.Logger):
        engine.pool.logger.addFilter(_in_a_line)


def _in_a_line(record: logging.LogRecord) -> bool:
    from psycopg import Error  # slow to import, and SQLite needs none

    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, Error):
        record.msg, record.args = "A connection to the database was lost: %s", (first_line(error),)
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True
