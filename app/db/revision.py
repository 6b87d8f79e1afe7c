"""The database's revision: a random token that every writer transaction replaces.

A token rather than a counter: a restored or replaced database never repeats one. With the newest
unfinished run it is all that a rendered page depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from app.db.engine import reading
from app.db.tables import Revision, Run
from app.db.utc_time import utc
from app.db.views import STALE_AFTER


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A revision, and when the newest unfinished run gave its last sign of life."""

    token: str
    heartbeat: datetime | None

    def has_live_run(self, now: datetime) -> bool:
        """Whether the run is alive: pages show that, and it changes without a commit."""
        return self.heartbeat is not None and now - self.heartbeat < STALE_AFTER


def read_state(engine: Engine) -> DatabaseState:
    """The state of the database now, with one statement.

    Raises `StoreError` where the database does not answer.
    """
    heartbeat = select(func.max(Run.heartbeat)).where(Run.state == "running").scalar_subquery()
    with reading(engine) as connection:
        token, newest = connection.execute(select(Revision.token, heartbeat)).one()
    return DatabaseState(token, utc(newest) if newest else None)
