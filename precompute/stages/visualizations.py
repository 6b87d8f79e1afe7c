"""The stage of a rendering technique: the pictures of all units that lack them.

Each batch is committed in one transaction when it is finished.
"""

from __future__ import annotations

from functools import partial

from app.db.queries.run_status import stored_visualizations
from app.db.records import RecipeRecord
from app.db.writer.writer import Writer
from precompute import store_records
from precompute.executors.task import Done, Engine
from precompute.missing import RenderBatch
from precompute.prepare import Work
from precompute.render.render import Picture
from precompute.render.render_task import RenderTask
from precompute.render.technique import RenderTechnique
from precompute.scan.context import StageProgress
from precompute.stages.outcome import Outcome


def run(
    work: Work,
    writer: Writer,
    progress: StageProgress,
    executor: Engine,
    technique: RenderTechnique,
) -> Outcome:
    """Render what is missing."""
    reading = partial(stored_visualizations, writer.engine, work.model.slug, technique.name)
    plan = work.plan_renders(technique, writer.patience(reading))
    if plan.batches:
        progress.begin(technique.name, plan.pictures)
    task, steps = work.render_task(technique), _StepProgress(progress, plan.pictures)
    rendered, failed = 0, list[str]()
    for done in executor.run(task, plan.batches, steps.add):
        rendered += _store(work, writer, task, done)
        failed += [f"{failure.name}: {failure.reason}" for failure in done.failures]
        steps.set(rendered)
    left_alone = (0, 0) if work.request.force else (plan.stored, plan.other_recipe)
    return Outcome(rendered, 0, (), *left_alone, tuple(failed))


class _StepProgress:
    """Counts pictures in fractions, as the steps of an optimization finish."""

    def __init__(self, progress: StageProgress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0.0

    def add(self, share: float) -> None:
        self._done += share
        self._progress.update(min(self._done, self._total - 1))

    def set(self, pictures: int) -> None:
        """The fractions add up to whole pictures only nearly."""
        self._done = float(pictures)
        self._progress.update(self._done)


def _store(
    work: Work, writer: Writer, task: RenderTask, done: Done[RenderBatch, list[Picture]]
) -> int:
    """Store the pictures of a batch; returns their number."""
    for batch, pictures in done.results:
        recipe = RecipeRecord.from_body(task.recipes[batch.layer].body())
        records = store_records.visualization_records(batch, task.technique, recipe, pictures)
        writer.put_visualizations(work.model.slug, records, replace=work.request.force)
    return sum(len(pictures) for _, pictures in done.results)
