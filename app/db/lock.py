"""The lock of a run on its database: one precompute at a time, whatever ends the one that has it.

On SQLite a locked file beside the database's, on PostgreSQL an advisory lock of a connection of
its own: both are gone with the process. Commands that need a database to themselves take it too.
Short changes (labels, hidden pictures, lists made anew) need none of it: their transactions queue,
which `engine` sees to.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from app.db.views import RunView
from app.errors import DatabaseFull, DatabaseGone, DatabaseReadOnly, DatabaseTaken, StoreError

# One of the two numbers of PostgreSQL's advisory lock; the other tells schemas apart, so that two
# in one database do not disturb each other. "Micr" in ASCII.
LOCK_CLASS = 0x4D696372

# Who can have it: a run, or a command that would spoil a run, or another of its kind.
RUN = "microscope precompute"
COPY, BACKUP, MIGRATE = "microscope copy", "microscope backup", "microscope migrate"
PRUNE_BROKEN, VACUUM = "microscope prune --broken", "microscope prune --vacuum"
ALONE = (COPY, BACKUP, MIGRATE, PRUNE_BROKEN, VACUUM)

SCHEMA = "hashtext(coalesce(current_schema(), ''))"
TAKE = text(f"SELECT pg_try_advisory_lock({LOCK_CLASS}, {SCHEMA})")
# The server shows both numbers without their sign.
HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND classid::bigint = {LOCK_CLASS} AND objid::bigint = {SCHEMA}::bigint & 4294967295"
)
SAY = text("SELECT set_config('application_name', :command, false)")
SAID = text("SELECT application_name FROM pg_stat_activity WHERE pid = :process")


class Lock(Protocol):
    """A lock on a database."""

    def take(self) -> None:
        """Take it, or raise `DatabaseTaken` at once."""
        ...

    def confirm(self) -> None:
        """See that it is still held, and take it again where it was lost with its connection.

        Raises `DatabaseTaken` where somebody else has it now, `DatabaseGone` where it cannot be
        known.
        """
        ...

    def release(self) -> None:
        """Let others have it."""
        ...


@contextmanager
def held(database: str, command: str = RUN) -> Iterator[Lock]:
    """The lock on a database, for as long as the block runs; `command` is what takes it.

    Raises `DatabaseTaken`, which names who has it; `DatabaseReadOnly`, `DatabaseGone`.
    """
    lock = _lock_on(database_url(database), command)
    lock.take()
    try:
        yield lock
    finally:
        lock.release()


def require_free(database: str) -> None:
    """`DatabaseTaken` where somebody has the database; nothing is made, nothing is kept."""
    url = database_url(database)
    if url.get_backend_name() != "sqlite" or _file_beside(url, "lock").exists():
        with held(database):
            pass


def _lock_on(url: URL, command: str) -> Lock:
    kind = LockedFile if url.get_backend_name() == "sqlite" else LockedSession
    return kind(url, command)


class LockedFile:
    """A file beside an SQLite database, which the system unlocks when the process ends.

    The file itself stays: removing it could let two in. Another names the command that holds it.
    """

    def __init__(self, url: URL, command: str = RUN) -> None:
        self._url, self._command = url, command
        self._lock = FileLock(_file_beside(url, "lock"), timeout=0, thread_local=False)
        self._holder = _file_beside(url, "holder")

    def take(self) -> None:
        require_folder(Path(self._url.database or ""))
        try:
            self._lock.acquire()
            self._holder.write_text(self._command, encoding="utf-8")
        except Timeout:
            raise _taken(self._url, self._held_by()) from None
        except OSError as error:
            self.release()
            kind = DatabaseFull if error.errno == errno.ENOSPC else DatabaseReadOnly
            raise kind(SENTENCES[kind].format(place=place_of(self._url))) from None

    def _held_by(self) -> str:
        """The command that holds it; empty where it has only just begun."""
        with suppress(OSError):
            return self._holder.read_text(encoding="utf-8", errors="replace")
        return ""

    def confirm(self) -> None:
        """Nothing takes a locked file away."""

    def release(self) -> None:
        if self._lock.is_locked:
            self._holder.unlink(missing_ok=True)
            self._lock.release()


class LockedSession:
    """An advisory lock on PostgreSQL, of a connection that does nothing else."""

    def __init__(self, url: URL, command: str = RUN) -> None:
        self._engine, self._command = server_session(url), command
        self._connection: Connection | None = None
        self._process = 0
        """Of the server, for this connection; kept when it is lost, to know its ghost by."""

    def take(self) -> None:
        try:
            connection = self._engine.connect()
            try:
                self._take(connection)
            except BaseException:
                connection.close()
                raise
        except SQLAlchemyError as error:
            raise explained(error, self._engine.url) from error
        self._connection = connection

    def confirm(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT 1"))
                return
        self.release()
        self.take()

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _take(self, connection: Connection) -> None:
        connection.execute(SAY, {"command": self._command})
        if connection.scalar(TAKE):
            self._process = connection.scalar(text("SELECT pg_backend_pid()")) or 0
            return
        holder = connection.scalar(HOLDER) or 0
        if self._process and holder == self._process:
            raise DatabaseGone(
                f"The database {place_of(self._engine.url)} does not know yet that a connection "
                "was cut. Wait a minute, then run the same command again."
            )
        said = connection.scalar(SAID, {"process": holder})  # nothing of another user's
        raise _taken(self._engine.url, said or "")


def _file_beside(url: URL, kind: str) -> Path:
    """Beside the file that is meant, whatever link leads to it."""
    path = Path(url.database or "").resolve()
    return path.with_name(f"{path.name}-{kind}")


def _taken(url: URL, command: str) -> DatabaseTaken:
    """What is none of our commands is not repeated."""
    told = f"`{command}` has the database {place_of(url)} to itself"
    if command not in ALONE:
        who = _who(_running(url))
        told = (
            f"Another run fills the database {place_of(url)}: {who}. `microscope status` shows how "
            "far it is"
        )
    return DatabaseTaken(
        f"{told}. Wait until it has ended, or stop it with Ctrl-C, then run the same command again."
    )


def _running(url: URL) -> RunView | None:
    """The run that has begun last and not ended, if that can be read."""
    with suppress(StoreError):
        engine = open_for_reading(url.render_as_string(hide_password=False))
        try:
            return next((run for run in run_status.runs(engine) if run.state == "running"), None)
        finally:
            engine.dispose()
    return None


def _who(run: RunView | None) -> str:
    if run is None:
        return "it has only just begun"
    silent = max((datetime.now(UTC) - run.heartbeat).total_seconds(), 0)
    return (
        f"run {run.id} of {run.model}, since {run.started:%Y-%m-%d %H:%M} UTC, heard of "
        f"{silent:.0f} s ago (`{run.command}`)"
    )
