"""Reading what is stored and what runs: data sets, runs, and counts for plans and for `status`.

The same manners as `read`: short read-only transactions, dataclasses out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, bindparam, case, func, or_, select

from app.db.queries.counts import picture_counts as picture_counts
from app.db.queries.counts import scan_counts as scan_counts
from app.db.records import DatasetRecord, ModelRecord
from app.db.transactions import Source, reading
from app.db.views import STALE_AFTER, DatasetView, RunView, utc
from app.db.writer.rows import is_new_model, require_same_dataset
from app.evidence.class_attribution import Effect
from app.evidence.examples import Scan
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.tables import Dataset, Layer, Model, Recipe, Revision, Run, Unit

RUN_FIELDS = (
    "id",
    "model",
    "request",
    "version",
    "state",
    "stage",
    "done",
    "total",
    "message",
    "skipped",
    "started",
    "heartbeat",
)
# How many of the latest runs are looked at.
LATEST = 20
DATASET_FIELDS = ("slug", "title", "licence", "fingerprint", "images", "private", "created")


def runs(source: Source, model: str | None = None, limit: int = LATEST) -> tuple[RunView, ...]:
    """The latest runs of this model, or of any; the newest first."""
    given = {"model": model, "count": limit}
    with reading(source) as connection:
        rows = connection.execute(_runs(model is None), given)
        return tuple(run_view(row) for row in rows)


def _runs(is_of_any: bool) -> Select[Any]:
    statement = select(*(getattr(Run, name) for name in RUN_FIELDS)).order_by(Run.id.desc())
    own = statement if is_of_any else statement.where(Run.model == bindparam("model"))
    return own.limit(bindparam("count"))


def live_run(source: Source, model: str | None = None) -> RunView | None:
    """The run that is going on, of this model or of any; None when nothing runs."""
    with reading(source) as connection:
        rows = connection.execute(_unfinished(model is None), {"model": model})
        return next((run for run in map(run_view, rows) if run.is_alive()), None)


def _unfinished(is_of_any: bool) -> Select[Any]:
    """Of all runs those that did not end, as far as is written down: there are few."""
    statement = select(*(getattr(Run, name) for name in RUN_FIELDS)).order_by(Run.id.desc())
    running = statement.where(Run.state == "running")
    return running if is_of_any else running.where(Run.model == bindparam("model"))


def last_runs(source: Source) -> tuple[RunView, ...]:
    """One run of each model, by its name: the one that goes on, else the last."""
    last = select(func.max(Run.id)).group_by(Run.model)
    statement = (
        select(*(getattr(Run, name) for name in RUN_FIELDS))
        .where(or_(Run.id.in_(last), Run.state == "running"))
        .order_by(Run.id)
    )
    with reading(source) as connection:
        found = [run_view(row) for row in connection.execute(statement)]
    # A later one takes the place of an earlier one, but none that of one that lives.
    chosen = {run.model: run for run in sorted(found, key=lambda run: (run.is_alive(), run.id))}
    return tuple(chosen[model] for model in sorted(chosen))


def latest_run(source: Source, model: str) -> RunView | None:
    """The run that last worked on a model; one that was refused before it began did not."""
    return next((run for run in runs(source, model) if run.has_begun), None)


def page_runs(source: Source, model: str) -> tuple[RunView | None, RunView | None]:
    """What `live_run` and `latest_run` answer of a model, by one statement."""
    with reading(source) as connection:
        rows = connection.execute(_unfinished_first(), {"model": model, "count": LATEST})
        found = [run_view(row) for row in rows]
    live = next((run for run in found if run.is_alive()), None)
    begun = [run for run in found if run.has_begun]
    return live, max(begun, key=lambda run: run.id, default=None)


def _unfinished_first() -> Select[Any]:
    is_over = case((Run.state == "running", 0), else_=1)
    statement = select(*(getattr(Run, name) for name in RUN_FIELDS))
    return (
        statement.where(Run.model == bindparam("model"))
        .order_by(is_over, Run.id.desc())
        .limit(bindparam("count"))
    )


def datasets(source: Source) -> tuple[DatasetView, ...]:
    """The data sets that were scanned."""
    statement = select(*(getattr(Dataset, name) for name in DATASET_FIELDS)).order_by(Dataset.id)
    with reading(source) as connection:
        return tuple(_dataset_view(row) for row in connection.execute(statement))


def stored_visualizations(
    source: Source, model: str, technique: str
) -> dict[tuple[str, int | None, int], str]:
    """The hash of the recipe of what is stored, by (layer, unit, seed).

    The unit is None for pictures of a whole layer. Members of one seed are stored together: the
    first one's recipe stands for all.
    """
    statement = (
        select(Layer.name, Unit.index, Visualization.seed, Recipe.sha256)
        .join_from(Visualization, Layer, Layer.id == Visualization.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .join(Recipe, Recipe.id == Visualization.recipe_id)
        .outerjoin(Unit, Unit.id == Visualization.unit_id)
        .where(Model.slug == model, Visualization.technique == technique)
        .order_by(Visualization.member.desc())
    )
    with reading(source) as connection:
        return {(name, unit, seed): sha for name, unit, seed, sha in connection.execute(statement)}


def stored_scans(source: Source, model: str, dataset: str) -> dict[tuple[str, int], int]:
    """How many top examples each scanned unit was asked for, by (layer, unit).

    A scan without statistics, as version 0.1 made them, does not count: it is to be made again.
    """
    same = (Statistics.unit_id == Scan.unit_id, Statistics.dataset_id == Scan.dataset_id)
    statement = (
        select(Layer.name, Unit.index, Scan.top)
        .join_from(Scan, Unit, Unit.id == Scan.unit_id)
        .join(Statistics, and_(*same))
        .join(Layer, Layer.id == Unit.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .join(Dataset, Dataset.id == Scan.dataset_id)
        .where(Model.slug == model, Dataset.slug == dataset)
    )
    with reading(source) as connection:
        return {(name, unit): top for name, unit, top in connection.execute(statement)}


def stored_effects(source: Source, model: str, dataset: str) -> dict[tuple[str, int], str]:
    """The hash of the recipe by which each unit's effects were measured, by (layer, unit)."""
    statement = (
        select(Layer.name, Unit.index, Recipe.sha256)
        .join_from(Effect, Unit, Unit.id == Effect.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .join(Dataset, Dataset.id == Effect.dataset_id)
        .join(Recipe, Recipe.id == Effect.recipe_id)
        .where(Model.slug == model, Dataset.slug == dataset)
        .distinct()
    )
    with reading(source) as connection:
        return {(name, unit): sha for name, unit, sha in connection.execute(statement)}


def check_model(source: Source, record: ModelRecord) -> None:
    """`ModelConflict` where `put_model` would raise it; changes nothing."""
    with reading(source) as connection:
        is_new_model(connection, record)


def check_dataset(source: Source, record: DatasetRecord) -> None:
    """`DatasetConflict` where `put_dataset` would raise it; changes nothing."""
    same = (found for found in datasets(source) if found.slug == record.slug)
    for found in same:
        require_same_dataset(record, found.fingerprint, found.private)


def run_view(row: Row[Any]) -> RunView:
    """A row of `RUN_FIELDS`."""
    fields = {name: getattr(row, name) for name in RUN_FIELDS}
    times = {"started": utc(row.started), "heartbeat": utc(row.heartbeat)}
    return RunView(**fields | times | {"skipped": tuple(row.skipped)})


def _dataset_view(row: Row[Any]) -> DatasetView:
    fields = {name: getattr(row, name) for name in DATASET_FIELDS}
    return DatasetView(**fields | {"created": utc(row.created)})


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
