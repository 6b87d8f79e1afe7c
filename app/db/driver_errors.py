"""Driver errors in words: what SQLite and PostgreSQL say, as the exceptions of `app.errors`.

Everything that leaves the store is one of ours. An error that is not about the database's place
or state (a wrong query, a broken constraint) is named as what it is.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseGone,
    DatabaseReadOnly,
    DatabaseSlow,
    DatabaseUnusable,
    StoreError,
)

SQLITE_KINDS: dict[str, type[StoreError]] = {
    "FULL": DatabaseFull,
    "READONLY": DatabaseReadOnly,
    "PERM": DatabaseReadOnly,
    "CANTOPEN": DatabaseReadOnly,
    "BUSY": DatabaseBusy,
    "LOCKED": DatabaseBusy,
    "INTERRUPT": DatabaseSlow,
    "NOTADB": DatabaseUnusable,
    "CORRUPT": DatabaseGone,
    "IOERR": DatabaseGone,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
SQLSTATE_KINDS: dict[str, type[StoreError]] = {
    "53100": DatabaseFull,
    "25006": DatabaseReadOnly,
    "42501": DatabaseReadOnly,
    "55P03": DatabaseBusy,
    "40P01": DatabaseBusy,
    "57014": DatabaseSlow,
}
# Bytes: the index of SQLite's log grows by 32 KiB at a time.
LEAST_ROOM = 64 * 2**10

SENTENCES: dict[type[StoreError], str] = {
    DatabaseFull: "There is no space left for the database {place}. "
    "What was stored before is whole; make room and run the same command again.",
    DatabaseReadOnly: "The database {place} cannot be written. "
    "Choose another place with --database, or change the rights of the file and its folder.",
    DatabaseBusy: "The database {place} is held by another writer. "
    "Wait until that one has finished and run the same command again.",
    DatabaseSlow: "A reading of the database {place} took longer than it may. "
    "Give it more time with MICROSCOPE_QUERY_SECONDS, or look what keeps the database busy.",
    DatabaseUnusable: "{place} is not a Microscope database. "
    "Name another file with --database, or move that one away.",
    DatabaseGone: "The database {place} does not answer ({reason}). "
    "Check that it is running and whole, then try again.",
}


def place_of(url: URL) -> str:
    """The database's name for a person: a file's path, or the URL without its passwords."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    hidden = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def masked(text: str) -> str:
    """A text that was meant as a URL, without what may be a password in it."""
    return re.sub(r"(?<=:)(?!//).*(?=@)|(?<=password=)[^&]*", "***", text)


def explained(error: SQLAlchemyError, url: URL) -> StoreError:
    """The exception to raise in place of the driver's.

    Raises `KeyboardInterrupt` where one is beneath it: a driver that is interrupted between sending
    and receiving fails when its connection is put in order.
    """
    if _was_interrupted(error):
        raise KeyboardInterrupt from error
    kind = _kind_of(error, url)
    reason = first_line(error)
    if kind is None:
        return StoreError(f"The database {place_of(url)} refused: {reason}. Nothing was changed.")
    return kind(SENTENCES[kind].format(place=place_of(url), reason=reason))


def _was_interrupted(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _kind_of(error: SQLAlchemyError, url: URL) -> type[StoreError] | None:
    if isinstance(error, PoolTimeout):
        return DatabaseBusy
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        # Extended names, such as SQLITE_READONLY_DBMOVED, begin with the plain one.
        name = getattr(cause, "sqlite_errorname", "SQLITE_ERROR").split("_")[1]
        return DatabaseFull if name == "IOERR" and _is_full(url) else SQLITE_KINDS.get(name)
    state = getattr(cause, "sqlstate", None)
    if state in SQLSTATE_KINDS:
        return SQLSTATE_KINDS[state]
    return DatabaseGone if _is_lost(error, state) else None


def _is_full(url: URL) -> bool:
    """Whether a file's disk has no room for the log's index, which SQLite calls an I/O error."""
    try:
        return shutil.disk_usage(Path(url.database or "").parent).free < LEAST_ROOM
    except OSError:
        return False


def _is_lost(error: SQLAlchemyError, state: str | None) -> bool:
    """Whether the connection is what failed: classes 08 and 57P, or no answer at all."""
    if not isinstance(error, DBAPIError):
        return False
    if state is None:
        return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    return state.startswith(("08", "57P", "28", "3D"))


def first_line(error: Exception) -> str:
    """What the driver said, without what it says on further lines."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(cause).__name__
