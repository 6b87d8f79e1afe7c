"""Bringing a database of an older version to this one's schema, with nobody else at it.

A run of the older version that goes on would find its tables changed. Who makes a new database, or
opens one of this schema, needs no lock: two who do so at once wait for each other.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Engine

from app.db.engine import open_for_reading, open_for_writing
from app.db.lock import MIGRATE, held
from app.errors import DatabaseUnusable, StoreError


def renewed(database: str) -> Engine:
    """An engine for writing, over a database that is made, or brought to this version's schema.

    Raises `DatabaseTaken` where its schema is older, and a run or another command is at it; and
    what `open_for_writing` raises.
    """
    if not _is_unusable(database):
        return open_for_writing(database)
    with held(database, MIGRATE):
        return open_for_writing(database)


def _is_unusable(database: str) -> bool:
    """Whether it is of an older version, or of something else."""
    # What else is wrong with it is told by who opens it for writing.
    with suppress(StoreError):
        try:
            open_for_reading(database).dispose()
        except DatabaseUnusable:
            return True
    return False
