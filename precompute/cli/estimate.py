"""Estimates for `--dry-run`: what a request would do, its time, its size on disk.

Times are measured on this machine, on samples of the work; sizes are averages of the encodings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.db.driver_errors import place_of
from app.db.engine import database_url, open_for_reading
from app.db.queries.run_status import check_dataset, check_model
from app.db.retry import once
from app.errors import DatabaseMissing
from app.text import duration
from precompute import store_records
from precompute.stages.registry import requested_stages
from precompute.stages.stage import Cost, Store
from precompute.work import Work


@dataclass(frozen=True)
class Estimate:
    """What would be done, and the cost of each stage."""

    work: Work
    costs: tuple[Cost, ...]

    def sentences(self) -> Iterator[str]:
        """The estimate as lines of text."""
        place = place_of(database_url(self.work.request.database))
        yield f"{self.work.model.title} as {self.work.model.slug!r}, into {place}:"
        for cost in self.costs:
            yield f"  {cost.sentence}, about {duration(cost.seconds)};"
        seconds = sum(cost.seconds for cost in self.costs)
        size = sum(cost.bytes for cost in self.costs)
        yield (
            f"  together about {duration(seconds)} on this machine and {size / 1e6:,.1f} MB on "
            "disk."
        )
        yield "Nothing was done."


def estimate(work: Work) -> Estimate:
    """Plan the work as it would be done, and time samples of it."""
    stages = sorted(requested_stages(work.request), key=lambda stage: stage.order)
    with _store(work) as store:
        plans = [(stage, stage.plan(work, store)) for stage in stages]
    return Estimate(work, tuple(stage.cost(work, plan) for stage, plan in plans))


@contextmanager
def _store(work: Work) -> Iterator[Store]:
    """The database, which would not refuse the model and the data set; or nothing stored."""
    try:
        engine = open_for_reading(work.request.database)
    except DatabaseMissing:
        yield Store(None, once)
        return
    try:
        check_model(engine, work.model)
        if work.dataset is not None:
            check_dataset(engine, store_records.dataset_record(work.dataset))
        yield Store(engine, once)
    finally:
        engine.dispose()
