"""A backup: one SQLite file that holds what a database held at one moment, whoever writes to it.

Of a file it is SQLite's own online backup, page for page; of PostgreSQL it is a copy. It gets its
name when it is whole: what bears the name can be relied on.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from app.db.copy.transfer import copy_into
from app.db.engine import open_for_reading
from app.db.lock import BACKUP, held
from app.db.transactions import snapshot
from app.errors import DatabaseFull, DatabaseReadOnly, InputError, StoreError

Told = Callable[[str, int, int], None]

# Pages between two words to the person: 8 MB.
STEP = 2000


def back_up(database: str, to: Path, told: Told) -> int:
    """Make the backup `to`; its bytes.

    Raises `InputError` where there is something of that name, `DatabaseTaken` where another backup
    is being made under it, `DatabaseFull`, `DatabaseReadOnly` where it cannot be made, and what
    opening a database raises.
    """
    _require_free(to)
    with _under_another_name(to) as partial:
        engine = open_for_reading(database)
        try:
            _fill(engine, partial, told)
        finally:
            engine.dispose()
        _make_one_file(partial, to)
    return to.stat().st_size


def _require_free(to: Path) -> None:
    if to.exists():
        raise InputError(
            f"There is a file {to} already, and no backup is written over another: "
            "choose another name, such as one with the date."
        )
    if not to.parent.is_dir():
        raise InputError(f"The backup {to} cannot be made: there is no folder {to.parent}.")


@contextmanager
def _under_another_name(to: Path) -> Iterator[Path]:
    """Where a backup is made, by one at a time; it is removed if it does not become one."""
    partial = to.with_name(f"{to.name}.partial")
    with _alone(partial):
        _require_free(to)  # another may have become one meanwhile
        _remove(partial, "", "-wal", "-shm")
        try:
            yield partial
            partial.replace(to)
        finally:
            with contextlib.suppress(OSError):
                # What is locked goes too: who has opened it looks whether it is there still.
                _remove(partial, "", "-wal", "-shm", "-lock")


@contextmanager
def _alone(partial: Path) -> Iterator[None]:
    """With a lock, since another backup of this name would remove what this one makes."""
    with ExitStack() as stack:
        try:
            stack.enter_context(held(str(partial), BACKUP))
        except DatabaseReadOnly:
            raise _unwritable(partial) from None
        except DatabaseFull:
            raise _full(partial) from None
        yield


def _remove(path: Path, *ends: str) -> None:
    for end in ends:
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)


def _fill(engine: Engine, partial: Path, told: Told) -> None:
    if engine.dialect.name != "sqlite":
        copy_into(engine, str(partial), told)
        return
    # The open transaction keeps the state; else each commit would begin the backup anew.
    with snapshot(engine) as connection, _told_in_words(partial):
        _copy_pages(connection, partial, told)


def _copy_pages(connection: Connection, partial: Path, told: Told) -> None:
    driver: Any = connection.connection.driver_connection
    with closing(sqlite3.connect(partial)) as target:
        driver.backup(
            target,
            pages=STEP,
            progress=lambda _, left, total: told("pages", total - left, total),
            sleep=0,
        )


def _make_one_file(partial: Path, to: Path) -> None:
    """Without a write-ahead log beside it, whole, and on the disk."""
    with _told_in_words(to), closing(sqlite3.connect(partial)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"The backup is not whole ({found}): run `microscope check` first.")
    with partial.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _told_in_words(place: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith("SQLITE_FULL"):
            raise _full(place) from error
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
            raise _unwritable(place) from error
        raise StoreError(f"The backup {place} could not be made ({error}).") from error


def _full(place: Path) -> DatabaseFull:
    return DatabaseFull(f"There is no space left for the backup {place}.")


def _unwritable(place: Path) -> DatabaseReadOnly:
    return DatabaseReadOnly(f"The backup {place} cannot be written: choose another folder.")
