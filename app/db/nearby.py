"""One picture at once, from a file whose pages lie in the system's memory.

Handing a question to a thread, and the answer back, takes longer than SQLite takes to read a
picture. So the event loop reads it itself, which is right only as long as nothing has to be waited
for: where a reading was slow, or failed, whoever asks takes the way through a thread, on which
errors are explained.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from time import perf_counter
from typing import cast

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from app.db.queries.images import SHOWN
from app.db.views import StoredImage

# Seconds. A solid disk takes less than a millisecond for what is not in memory; one that turns, or
# that is at the other end of a network, takes ten or more.
SLOW = 0.01
# When the loop has waited, it goes on for so many times as long: it loses a twentieth at most.
SHARE = 20
# Seconds that it may be behind with that: on a busy machine anything takes long now and then.
CREDIT = 1.0

STATEMENT = SHOWN.format(marks="?")


class NotNow(Exception):  # noqa: N818 - no error: the other way is taken
    """Nothing is to be read here at this moment."""


class Nearby:
    """Reads pictures over a connection of its own, in the thread of the loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: sqlite3.Connection | None = None
        self._owed_until = 0.0
        event.listen(engine, "engine_disposed", self._close)

    def picture(self, sha256: str) -> StoredImage | None:
        """The picture with this hash, if it is stored and not hidden.

        Raises `NotNow`.
        """
        began = perf_counter()
        if self._connection is None or began < self._owed_until - CREDIT:
            raise NotNow
        try:
            # All rows, though there is but one: else the statement would stay open, and hold the
            # state that it saw.
            rows = self._connection.execute(STATEMENT, (sha256,)).fetchall()
        except sqlite3.Error:
            self._close()
            raise NotNow from None
        took = perf_counter() - began
        if took > SLOW:
            self._owed_until = max(self._owed_until, began) + SHARE * took
        return StoredImage(rows[0][1], rows[0][2]) if rows else None

    def open(self) -> None:
        """Take a connection, if there is none: for a thread that has just read, and may wait."""
        if self._connection is None:
            with suppress(sqlite3.Error, SQLAlchemyError):
                self._connection = self._taken()

    def _taken(self) -> sqlite3.Connection:
        """One that is not of the pool, and neither waits for anybody nor is held to a deadline."""
        taken = self._engine.raw_connection()
        connection = cast(sqlite3.Connection, taken.driver_connection)
        taken.detach()
        connection.execute("PRAGMA busy_timeout=0")
        connection.set_progress_handler(None, 0)
        return connection

    def _close(self, *_: object) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def nearby(engine: Engine) -> Nearby | None:
    """What reads from this engine's database, where that is a file."""
    is_file = engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")
    return Nearby(engine) if is_file else None
