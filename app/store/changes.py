"""Whether anything was committed to the database since, told in microseconds.

SQLite counts the commits of others for each connection: asking for the count reads no page of the
file. PostgreSQL would have to be asked over the network, so there it cannot be told.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, event


class Changes:
    """Watches a database over a connection of its own, from one thread."""

    def __init__(self, engine: Engine) -> None:
        self._connection = _own(engine) if engine.dialect.name == "sqlite" else None

    def version(self) -> int | None:
        """A number that is another after each commit; None where it cannot be told at once."""
        if self._connection is None:
            return None
        try:
            found: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:  # locked, or gone: whoever reads in earnest says so in words
            return None
        return found


def _own(engine: Engine) -> Any:
    """A connection that the pool does without; it is closed with the engine, and never waits."""
    pooled = engine.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()
    connection.execute("PRAGMA busy_timeout=0")
    event.listen(engine, "engine_disposed", lambda _: connection.close())
    return connection
