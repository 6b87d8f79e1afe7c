"""PostgreSQL: how connections are opened, for a reader, a writer, or a lock.

A server that vanished is given up soon, a reader can change nothing, and writers wait for one
another as they do on SQLite.
"""

from __future__ import annotations

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from app.store.sqlite import BUSY_SECONDS

# A writer needs one connection for what it does, and a few for what it looks up meanwhile.
WRITERS = 4

# The first number is "Micw" in ASCII: another lock than that of a run (`lock`).
QUEUE = (
    f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), "
    "pg_advisory_xact_lock(1298752375, hashtext(coalesce(current_schema(), '')))"
)


def reader(url: URL, places: int) -> Engine:
    """An engine whose transactions can only read."""
    return _engine(url, places, "-c default_transaction_read_only=on")


def writer(url: URL) -> Engine:
    """An engine that writes, one transaction at a time to a schema."""
    engine = _engine(url, WRITERS, "")
    event.listen(engine, "begin", _queue)
    return engine


def _engine(url: URL, places: int, options: str) -> Engine:
    return create_engine(
        url,
        connect_args=_connecting(url, options),
        pool_size=places,
        max_overflow=0,
        pool_pre_ping=True,
    )


def server_session(url: URL) -> Engine:
    """Connections to PostgreSQL that each live on their own, outside of transactions; the server
    notices within half a minute when a machine that holds one is gone."""
    watched = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    return create_engine(
        url,
        connect_args=_connecting(url, watched),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )


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
