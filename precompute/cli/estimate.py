"""Estimates for `--dry-run`: what a request would do, its time, its size on disk.

Times are measured on this machine, on a step of each layer and some batches of images; sizes are
averages of the encodings.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from app.db.engine import open_for_reading
from app.db.queries.run_status import (
    check_dataset,
    check_model,
    stored_effects,
    stored_scans,
    stored_visualizations,
)
from app.errors import DatabaseMissing
from app.techniques import EFFECTS, EXAMPLES
from app.text import duration, many
from precompute import store_records
from precompute.images.dataset import Dataset, Sample
from precompute.images.decode import BATCH
from precompute.missing import Renders, Scans
from precompute.prepare import Work
from precompute.render.render import render
from precompute.render.technique import TECHNIQUES, RenderTechnique
from precompute.request import OF_IMAGES
from precompute.scan.attribution import AT_ONCE, effects
from precompute.scan.context import ScanRequest
from precompute.scan.intervals import EACH, INTERVALS
from precompute.scan.scan import scan

# WebP at quality 90 of optimised pictures: 10.3 KB on average for 128 × 128 px.
BYTES_PER_PIXEL = 0.63
# WebP at quality 85 of 224 px views of photographs, on average.
BYTES_PER_VIEW = 10_000
BYTES_PER_EXAMPLE = 180


@dataclass(frozen=True)
class StageEstimate:
    """What would be rendered of one technique, and its cost."""

    technique: str
    renders: Renders
    seconds: float
    bytes: float


@dataclass(frozen=True)
class Estimate:
    """What would be done, and its cost."""

    work: Work
    stages: tuple[StageEstimate, ...]
    scans: Scans
    scan_seconds: float
    scan_bytes: float
    effects: Scans
    effects_seconds: float

    def sentences(self) -> Iterator[str]:
        """The estimate as lines of text."""
        yield f"{self.work.model.title} as {self.work.model.slug!r}, into {self._place()}:"
        for stage in self.stages:
            yield (
                f"  {stage.technique}: {many(stage.renders.pictures, 'picture')} to render "
                f"({stage.renders.stored:,} stored), about {duration(stage.seconds)};"
            )
        yield from self._of_images()
        seconds = sum(stage.seconds for stage in self.stages)
        seconds += self.scan_seconds + self.effects_seconds
        size = self.scan_bytes + sum(stage.bytes for stage in self.stages)
        yield (
            f"  together about {duration(seconds)} on this machine and {size / 1e6:,.1f} MB on "
            "disk."
        )
        yield "Nothing was done."

    def _of_images(self) -> Iterator[str]:
        dataset, techniques = self.work.dataset, self.work.request.techniques
        if dataset is None:
            return
        if EXAMPLES in techniques:
            yield (
                f"  {many(len(dataset.items), 'image')} of {dataset.slug!r} to scan for "
                f"{many(self.scans.count, 'unit')} ({self.scans.stored:,} stored), "
                f"about {duration(self.scan_seconds)};"
            )
        if EFFECTS in techniques:
            yield (
                f"  effects of {many(self.effects.count, 'unit')} "
                f"({self.effects.stored:,} stored) from "
                f"{len(self.work.effects_sample(dataset).items):,} of its images, "
                f"about {duration(self.effects_seconds)};"
            )

    def _place(self) -> str:
        from app.db.driver_errors import place_of
        from app.db.engine import database_url

        return place_of(database_url(self.work.request.database))


def estimate(work: Work) -> Estimate:
    """Plan the work as it would be done, and time samples of it."""
    techniques = [TECHNIQUES[name] for name in work.request.stages if name not in OF_IMAGES]
    plans, scans, effects_plan = _plans(work, techniques)
    images = len(work.dataset.items) if work.dataset is not None and scans.units else 0
    views = min(images, scans.count * work.request.top)
    examples = scans.count * (2 * min(work.request.top, images) + INTERVALS * EACH)
    stages = [_stage(work, each, plan) for each, plan in zip(techniques, plans, strict=True)]
    return Estimate(
        work, tuple(stages), scans, _scan_seconds(work, scans),
        views * BYTES_PER_VIEW + examples * BYTES_PER_EXAMPLE, effects_plan,
        _effects_seconds(work, effects_plan),
    )  # fmt: skip


def _plans(work: Work, techniques: Sequence[RenderTechnique]) -> tuple[list[Renders], Scans, Scans]:
    """The plan against what the database holds, or against nothing where there is none."""
    slug, scanned, known = work.model.slug, {}, {}
    pictures: dict[str, dict[tuple[str, int | None, int], str]] = {}
    with suppress(DatabaseMissing):
        engine = open_for_reading(work.request.database)
        check_model(engine, work.model)
        if work.dataset is not None:
            check_dataset(engine, store_records.dataset_record(work.dataset))
            scanned = stored_scans(engine, slug, work.dataset.slug)
            known = stored_effects(engine, slug, work.dataset.slug)
        pictures = {
            each.name: stored_visualizations(engine, slug, each.name) for each in techniques
        }
        engine.dispose()
    plans = [work.plan_renders(each, pictures.get(each.name, {})) for each in techniques]
    nothing, techniques_requested = Scans({}, 0), work.request.techniques
    scans = work.plan_scans(scanned) if EXAMPLES in techniques_requested else nothing
    effects_plan = work.plan_effects(known) if EFFECTS in techniques_requested else nothing
    return plans, scans, effects_plan


def _stage(work: Work, technique: RenderTechnique, plan: Renders) -> StageEstimate:
    """A step of each layer, timed as the difference of two short jobs, times all steps."""
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
    return StageEstimate(technique.name, plan, seconds, pixels * BYTES_PER_PIXEL)


def _step_seconds(work: Work, technique: RenderTechnique, layer: str) -> float:
    recipe, units = work.recipe(technique, layer), work.subjects(technique)[layer][:1]

    def job(steps: int) -> Callable[[], object]:
        short = replace(recipe, optimiser=replace(recipe.optimiser, steps=steps))
        return lambda: render(work.network, short, layer, units, 0, work.start(technique))

    _timed(job(1))  # the first pass sets up what later ones find ready
    return max(_timed(job(3)) - _timed(job(1)), 0.0) / 2


def _scan_seconds(work: Work, scans: Scans) -> float:
    if work.dataset is None or not scans.units:
        return 0.0
    request, whole = work.scan_request(scans.units), work.dataset

    def job(batches: int) -> Callable[[], object]:
        sample = Sample(whole, batches * BATCH, "sample")
        return lambda: _scan_sample(work, sample, request)

    job(1)()  # the first pass sets up what later ones find ready
    few, more = _timed(job(1)), _timed(job(5))
    # The work done once per scan takes long compared with a few batches.
    return few + max(more - few, 0.0) / 4 * (ceil(len(whole.items) / BATCH) - 1)


def _scan_sample(work: Work, sample: Dataset, request: ScanRequest) -> object:
    with TemporaryDirectory() as scratch:
        return scan(work.network, sample, request, Path(scratch))


def _effects_seconds(work: Work, plan: Scans) -> float:
    if work.dataset is None or not plan.units:
        return 0.0
    sample = Sample(work.dataset, AT_ONCE, "sample")
    effects(work.network, sample, plan.units)
    seconds = _timed(lambda: effects(work.network, sample, plan.units))
    return seconds * len(work.effects_sample(work.dataset).items) / len(sample.items)


def _timed(job: Callable[[], object]) -> float:
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun
