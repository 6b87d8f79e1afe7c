"""The bytes of pictures by their hashes, a few at a time: what the web side is asked for most.

The driver is spoken to directly, over a connection of the engine's pool: SQLAlchemy takes longer
to run a statement than SQLite takes to answer it, and holds the interpreter all that time, while
the server waits to send the pictures before.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.db.driver_errors import explained
from app.db.views import StoredImage

SHOWN = (
    "SELECT image.sha256, image.media_type, image.bytes FROM image WHERE image.sha256 IN ({marks})"
    " AND NOT EXISTS (SELECT 1 FROM hidden WHERE hidden.sha256 = image.sha256)"
)


def pictures(engine: Engine, hashes: Sequence[str]) -> dict[str, StoredImage]:
    """Those of these pictures that are stored and not hidden, by hash.

    Raises `StoreError` where the database does not answer.
    """
    mark = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    statement = SHOWN.format(marks=", ".join([mark] * len(hashes)))
    try:
        with closing(engine.raw_connection()) as connection:
            found = _rows(connection, statement, hashes)
            return {sha256: StoredImage(kind, data) for sha256, kind, data in found}
    except SQLAlchemyError as error:
        raise explained(error, engine.url) from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise explained(DBAPIError(statement, None, error), engine.url) from error


def _rows(connection: PoolProxiedConnection, statement: str, hashes: Sequence[str]) -> Any:
    """What is found; a connection on which that failed is not used again, for it may be lost."""
    try:
        cursor = connection.cursor()
        cursor.execute(statement, tuple(hashes))
        return cursor.fetchall()
    except BaseException:
        connection.invalidate()
        raise
