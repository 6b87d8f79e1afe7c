"""A limit on how long a reader's question may keep the database: for the web side.

PostgreSQL has such a limit for each statement; SQLite is asked now and then whether to go on, and
is held to it for a whole reading. Whoever exports or counts is not held to anything.
"""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event

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
