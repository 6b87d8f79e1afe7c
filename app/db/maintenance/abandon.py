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
    columns = [getattr(Run, name) for name in RUN_FIELDS]
    model = connection.scalar(select(Run.model).where(Run.id == number))
    if model is None:
        raise NotFound(f"There is no run {number} here; `microscope status` shows the latest.")
    rows = connection.execute(select(*columns).where(Run.model == model).order_by(Run.id.desc()))
    runs = [run_view(row) for row in rows]
    (named,) = (run for run in runs if run.id == number)
    return next(run for run in runs if run.request == named.request)


def _require_ended(run: RunView) -> None:
    if run.is_alive():
        raise InputError(
            f"Run {run.id} of {run.model} goes on: stop it first, with Ctrl-C where it was started."
        )
