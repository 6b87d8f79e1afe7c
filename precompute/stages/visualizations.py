"""Visualizations: a stage for each technique, which renders the pictures of units and layers.

Each batch is committed in one transaction when it is finished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.techniques import RENDERED, TECHNIQUES, suits
from app.text import many
from app.unit_names import LOGITS
from precompute.missing import RenderBatch, Renders, plan_renders
from precompute.stages.outcome import Outcome
from precompute.stages.stage import Cost, Stage, Store, timed

if TYPE_CHECKING:
    from app.db.writer.writer import Writer
    from precompute.executors.task import Done, Engine
    from precompute.network import Layer
    from precompute.render.render import Picture
    from precompute.render.render_task import RenderTask
    from precompute.render.technique import RenderTechnique
    from precompute.scan.context import StageProgress
    from precompute.work import Work

# WebP at quality 90 of optimised pictures: 10.3 KB on average for 128 × 128 px.
BYTES_PER_PIXEL = 0.63


def plan(name: str, work: Work, store: Store) -> Renders:
    """Pictures of units, or of whole layers, that are missing."""
    from app.db.queries.run_status import stored_visualizations
    from app.db.records import RecipeRecord
    from precompute.render.render import units_in_batch

    technique, request = _technique(name), work.request
    wanted = work.subjects(technique)
    recipes = {layer: work.recipe(technique, layer) for layer in wanted}
    hashes = {
        layer: RecipeRecord.from_body(recipe.body()).sha256 for layer, recipe in recipes.items()
    }
    sizes = {layer: units_in_batch(recipe) for layer, recipe in recipes.items()}
    stored = store.read(stored_visualizations, work.model.slug, name)
    missing = plan_renders(wanted, request.seeds, stored, hashes, sizes, request.force)
    return replace(missing, members=technique.members)


def run(
    name: str,
    work: Work,
    plan: Renders,
    writer: Writer,
    progress: StageProgress,
    executor: Engine,
) -> Outcome:
    """Render the pictures of the plan."""
    progress.begin(name, plan.pictures)
    task, steps = work.render_task(_technique(name)), _StepProgress(progress, plan.pictures)
    rendered, failed = 0, list[str]()
    for done in executor.run(task, plan.batches, steps.add):
        rendered += _store(work, writer, task, done)
        failed += [f"{failure.name}: {failure.reason}" for failure in done.failures]
        steps.set(rendered)
    return Outcome(rendered, failed=tuple(failed))


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
    from app.db.records import RecipeRecord
    from precompute.store_records import visualization_records

    for batch, pictures in done.results:
        recipe = RecipeRecord.from_body(task.recipes[batch.layer].body())
        records = visualization_records(batch, task.technique, recipe, pictures)
        writer.put_visualizations(work.model.slug, records, replace=work.request.force)
    return sum(len(pictures) for _, pictures in done.results)


def cost(name: str, work: Work, plan: Renders) -> Cost:
    """A step of each layer, times all steps; sizes are averages of the encodings."""
    technique = _technique(name)
    batches = Counter(batch.layer for batch in plan.batches)
    recipes = {layer: work.recipe(technique, layer) for layer in batches}
    seconds = sum(
        count * recipes[layer].optimiser.steps * _step_seconds(work, technique, layer)
        for layer, count in batches.items()
    )
    pixels = sum(
        len(batch.units) * plan.members * recipes[batch.layer].parameterisation.size ** 2
        for batch in plan.batches
    )
    sentence = f"{name}: {many(plan.pictures, 'picture')} to render ({plan.stored:,} stored)"
    return Cost(sentence, seconds, pixels * BYTES_PER_PIXEL)


def _step_seconds(work: Work, technique: RenderTechnique, layer: str) -> float:
    """The difference of two short jobs: what is done once for each picture drops out."""
    from precompute.render.render import render

    recipe, units = work.recipe(technique, layer), work.subjects(technique)[layer][:1]

    def job(steps: int) -> Callable[[], object]:
        short = replace(recipe, optimiser=replace(recipe.optimiser, steps=steps))
        return lambda: render(work.network, short, layer, units, 0, work.start(technique))

    timed(job(1))  # the first pass sets up what later ones find ready
    return max(timed(job(3)) - timed(job(1)), 0.0) / 2


def _technique(name: str) -> RenderTechnique:
    from precompute.render.technique import TECHNIQUES

    return TECHNIQUES[name]


def _suits(name: str, layer: Layer) -> bool:
    return suits(name, layer.name == LOGITS)


def _stage(name: str) -> Stage[Renders]:
    return Stage(
        name, partial(_suits, name), partial(plan, name), partial(run, name), partial(cost, name),
        photograph_of=TECHNIQUES[name].photograph_of, order=0,
    )  # fmt: skip


STAGES = tuple(_stage(name) for name in RENDERED)
