"""The lock on a database: one run at a time, or one command that needs the database to itself.

On SQLite it is a locked file beside the database, on PostgreSQL an advisory lock of a connection
of its own. Both end with the process. Short writes (labels, hidden images, refreshed lists) do not
take it: their transactions queue.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.driver_errors import SENTENCES, explained, place_of
from app.db.engine import database_url, open_for_reading
from app.db.postgres import server_session
from app.db.queries import run_status
from app.db.sqlite import require_folder
from app.errors import DatabaseFull, DatabaseGone, DatabaseReadOnly, DatabaseTaken, StoreError

RUN = "microscope precompute"
COPY, BACKUP, MIGRATE = "microscope copy", "microscope backup", "microscope migrate"
PRUNE_BROKEN, VACUUM = "microscope prune --broken", "microscope prune --vacuum"
ALONE = (COPY, BACKUP, MIGRATE, PRUNE_BROKEN, VACUUM)

# PostgreSQL's advisory locks have two numbers: "Micr" in ASCII, and the schema's hash, so that two
# schemas of one database have a lock each. pg_locks shows both as unsigned.
KEY, SCHEMA = 0x4D696372, "hashtext(coalesce(current_schema(), ''))"
NAME_SESSION = text("SELECT set_config('application_name', :command, false)")
ACQUIRE = text(f"SELECT pg_try_advisory_lock({KEY}, {SCHEMA})")
HOLDER = text(
    "SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 2 "
    f"AND classid::bigint = {KEY} AND objid::bigint = {SCHEMA}::bigint & 4294967295"
)


class Lock(Protocol):
    """A lock that is held."""

    def confirm(self) -> None:
        """Acquire it again if it was lost with its connection.

        Raises `DatabaseTaken` if another process has it now, `DatabaseGone` if that is unknown.
        """


@contextmanager
def held(database: str, command: str = RUN) -> Iterator[Lock]:
    """Hold the lock on a database for the duration of the block, in the name of `command`.

    Raises `DatabaseTaken`, which names the holder; `DatabaseReadOnly`, `DatabaseFull`,
    `DatabaseGone`.
    """
    url = database_url(database)
    kind = FileBasedLock if url.get_backend_name() == "sqlite" else SessionLock
    lock = kind(url, command)
    lock.acquire()
    try:
        yield lock
    finally:
        lock.release()


def require_free(database: str) -> None:
    """Raise `DatabaseTaken` if the database is locked; creates no file."""
    url = database_url(database)
    if url.get_backend_name() != "sqlite" or _beside(url, "lock").exists():
        with held(database):
            pass


class FileBasedLock:
    """A locked file beside an SQLite database, and a file that names the holder's command.

    The locked file is never removed: that could let two processes in.
    """

    def __init__(self, url: URL, command: str = RUN) -> None:
        self._url, self._command = url, command
        self._lock = FileLock(_beside(url, "lock"), timeout=0, thread_local=False)
        self._holder = _beside(url, "holder")

    def acquire(self) -> None:
        require_folder(Path(self._url.database or ""))
        try:
            self._lock.acquire()
            self._holder.write_text(self._command, encoding="utf-8")
        except Timeout:
            raise _taken(self._url, self._holder_name()) from None
        except OSError as error:
            self.release()
            kind = DatabaseFull if error.errno == errno.ENOSPC else DatabaseReadOnly
            raise kind(SENTENCES[kind].format(place=place_of(self._url))) from None

    def confirm(self) -> None:
        """A locked file cannot be lost."""

    def release(self) -> None:
        if self._lock.is_locked:
            self._holder.unlink(missing_ok=True)
            self._lock.release()

    def _holder_name(self) -> str:
        with suppress(OSError):
            return self._holder.read_text(encoding="utf-8", errors="replace")
        return ""


class SessionLock:
    """An advisory lock on PostgreSQL, held by a connection that does nothing else."""

    def __init__(self, url: URL, command: str = RUN) -> None:
        self._engine, self._command = server_session(url), command
        self._connection: Connection | None = None
        self._pid = 0  # the server process of the connection, also after it was lost

    def acquire(self) -> None:
        try:
            self._connection = self._engine.connect()
            self._acquire(self._connection)
        except BaseException as error:
            self.release()
            if isinstance(error, SQLAlchemyError):
                raise explained(error, self._engine.url) from error
            raise

    def confirm(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT 1"))
                return
        self.release()
        self.acquire()

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _acquire(self, connection: Connection) -> None:
        connection.execute(NAME_SESSION, {"command": self._command})
        if connection.scalar(ACQUIRE):
            self._pid = connection.scalar(text("SELECT pg_backend_pid()")) or 0
            return
        pid, name = connection.execute(HOLDER).one_or_none() or (0, None)
        if self._pid and pid == self._pid:
            raise DatabaseGone(
                f"The database {place_of(self._engine.url)} does not know yet that a connection "
                "was cut. Wait a minute, then run the same command again."
            )
        raise _taken(self._engine.url, name or "")  # no name is visible of other users' sessions


def _beside(url: URL, suffix: str) -> Path:
    """A path beside the database file itself, not beside a link to it."""
    path = Path(url.database or "").resolve()
    return path.with_name(f"{path.name}-{suffix}")


def _taken(url: URL, command: str) -> DatabaseTaken:
    """Names the holder; text that is not one of our commands is not repeated."""
    if command in ALONE:
        holder = f"`{command}` has the database {place_of(url)} to itself"
    else:
        holder = (
            f"Another run fills the database {place_of(url)}: {_current_run(url)}. "
            "`microscope status` shows how far it is"
        )
    return DatabaseTaken(
        f"{holder}. Wait until it has ended, or stop it with Ctrl-C, then run the same command "
        "again."
    )


def _current_run(url: URL) -> str:
    """Describes the newest unfinished run, if there is one that can be read."""
    with suppress(StoreError, StopIteration), ExitStack() as stack:
        engine = open_for_reading(url.render_as_string(hide_password=False))
        stack.callback(engine.dispose)
        run = next(run for run in run_status.runs(engine) if run.state == "running")
        return (
            f"run {run.id} of {run.model}, since {run.started:%Y-%m-%d %H:%M} UTC, heard of "
            f"{run.silence(datetime.now(UTC)):.0f} s ago (`{run.command}`)"
        )
    return "it has only just begun"
