"""Requests that are given up: what a run was asked for, and nobody wants any more.

The run stays on record, with the state `abandoned`: `check` does not miss what it was asked for,
and names its command no more. Running the command again is a new request.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, select, update

from app.db.queries.run_status import RUN_FIELDS, run_view
from app.db.run_request import ABANDONED
from app.db.transactions import writing
from app.db.views import RunView
from app.errors import InputError, NotFound
from app.tables import Run


def abandon(engine: Engine, numbers: Sequence[int]) -> tuple[RunView, ...]:
    """Give up what these runs were asked for: all of them, or none; the runs as they were.

    Of runs with the same command the last one counts, whichever was named. Raises `NotFound` where
    there is no such run, `InputError` where one goes on.
    """
    with writing(engine) as connection:
        found = tuple(_last_like(connection, number) for number in numbers)
        for run in found:
            _require_ended(run)
        own = Run.id.in_([run.id for run in found])
        connection.execute(update(Run).where(own).values(state=ABANDONED))
    return found


def _last_like(connection: Connection, number: int) -> RunView:
    """The last run of the same model and command."""
    named = connection.execute(select(Run.model, Run.command).where(Run.id == number)).one_or_none()
    if named is None:
        raise NotFound(f"There is no run {number} here; `microscope status` shows the latest.")
    columns = (getattr(Run, name) for name in RUN_FIELDS)
    same = (Run.model == named.model, Run.command == named.command)
    statement = select(*columns).where(*same).order_by(Run.id.desc()).limit(1)
    return run_view(connection.execute(statement).one())


def _require_ended(run: RunView) -> None:
    if run.is_alive():
        raise InputError(
            f"Run {run.id} of {run.model} goes on: stop it first, with Ctrl-C where it was started."
        )
