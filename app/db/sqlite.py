"""SQLite files: the address, the pragmas and the locks that suit a reader or a writer.

A reader opens the file so that it cannot be changed, also on a disk that cannot be written; a
writer uses the write-ahead log, so that readers go on while it commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from app.db.casefold import fold
from app.db.transactions import begin
from app.errors import DatabaseMissing, DatabaseReadOnly, DatabaseUnusable

# A batch of pictures commits in well under a second; half a minute outlasts any honest writer.
BUSY_SECONDS = 30

# A write-ahead log is written into the file by itself, but begins anew only at a moment when nobody
# reads: with a reader at each moment it would grow for ever. From this size on the writer waits for
# the readers that are there, so long at most; they take milliseconds, unless one makes a backup.
LOG_BYTES = 64_000_000
LOG_SECONDS = 2

# Kibibytes of pages that each connection keeps (negative, as SQLite has it). The system keeps the
# file in memory anyway, and there is a connection for every thread of the web side.
READER_CACHE = -2000


def reader(url: URL, places: int) -> Engine:
    """An engine over an existing file, which it cannot write."""
    path = Path(url.database or "")
    _require_readable(path)
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    if not _opens(address):
        address = _immutable(path, address)
    pragmas = ("PRAGMA query_only=ON", f"PRAGMA cache_size={READER_CACHE}")
    return _engine(url, lambda: _connect(address, *pragmas), places)


def _require_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except PermissionError:
        raise DatabaseUnusable(
            f"The database {path} may not be read by this user: "
            "give it the right to read the file, and to enter its folder."
        ) from None
    except OSError:
        raise DatabaseMissing(
            f"There is no database at {path}: "
            "run `microscope precompute` or `microscope demo` first."
        ) from None


def _opens(address: str) -> bool:
    """Whether SQLite can read the file as it is; in WAL mode it needs to make files beside it."""
    try:
        connection = _connect(address)
        try:
            connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        pass  # not a database: the version check says so in words
    return True


def _immutable(path: Path, address: str) -> str:
    """The address for a finished file on a read-only disk, where no lock can be taken."""
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise DatabaseReadOnly(
            f"The database {path} has unfinished changes in {journal.name} and its folder cannot "
            "be written: copy both files to a folder that can be."
        )
    return f"{address}&immutable=1"


def writer(url: URL) -> Engine:
    """An engine over a file that is made if need be; others go on reading it meanwhile."""
    path = Path(url.database or "")
    require_folder(path)
    address = f"file:{quote(str(path.absolute()))}?mode=rwc"
    # With WAL, NORMAL never corrupts and loses nothing when a process is killed; only a power cut
    # can take the last commits, which the next run makes again.
    # It maps the file into its memory, which a reader does not: with a connection for each thread,
    # what is mapped would count several times as memory of the web side.
    mapped = "PRAGMA mmap_size=268435456"
    pragmas = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", mapped)
    return _engine(url, lambda: _connect(address, *pragmas), 4, _Log(path).begin)


class _Log:
    """The write-ahead log of a file, which is shortened before a transaction where it is long."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}-wal")
        self._limit = LOG_BYTES

    def begin(self, connection: Connection) -> None:
        """As `begin`; the log can be shortened outside of transactions only."""
        if connection.get_execution_options().get("writes", False) and self._size() > self._limit:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout={LOG_SECONDS * 1000}")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            driver.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
            # Where somebody read all the time, it is tried again when there is as much again.
            self._limit = LOG_BYTES + self._size()
        begin(connection)

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:  # there is none yet
            return 0


def require_folder(path: Path) -> None:
    """`DatabaseReadOnly` where a file has no folder to be in."""
    if not path.parent.is_dir():
        raise DatabaseReadOnly(
            f"The database {path} cannot be made, there is no folder {path.parent}: "
            "make the folder, or choose another place with --database."
        )


def _connect(address: str, *pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in ("PRAGMA foreign_keys=ON", *pragmas):
            connection.execute(pragma)
        connection.create_function("folded", 1, fold, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _engine(
    url: URL,
    connect: Callable[[], sqlite3.Connection],
    places: int,
    begin: Callable[[Connection], None] = begin,
) -> Engine:
    # The connection that was used last is used next: its pages and its statements are at hand.
    engine = create_engine(
        url,
        creator=connect,
        poolclass=QueuePool,
        pool_size=places,
        max_overflow=0,
        pool_use_lifo=True,
    )
    event.listen(engine, "begin", begin)
    return engine
