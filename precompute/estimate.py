"""What a request would do, how long it would take and what it would weigh: for `--dry-run`.

Times are measured here and now, on a step of each layer and a batch of images; sizes are those of
the encodings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil

from app.errors import DatabaseMissing
from app.store.engine import open_for_reading
from app.store.ledger import check_dataset, check_model, stored_scans, stored_visualizations
from app.store.records import RecipeRecord
from precompute import publish
from precompute.examples.dataset import Sample
from precompute.examples.scan import BATCH, scan
from precompute.plan import Renders, Scans, plan_renders, plan_scans
from precompute.progress import duration
from precompute.render.optimize import render
from precompute.render.recipe import Adam
from precompute.work import Work

# WebP at quality 90 of optimised pictures: 10.3 KB on average for 128 × 128 px.
BYTES_PER_PIXEL = 0.63
# WebP at quality 85 of 224 px views of photographs, on average.
BYTES_PER_VIEW = 10_000
BYTES_PER_EXAMPLE = 60


@dataclass(frozen=True)
class Estimate:
    """What would be done."""

    work: Work
    renders: Renders
    scans: Scans
    render_seconds: float
    scan_seconds: float
    bytes: int

    def sentences(self) -> Iterator[str]:
        """The estimate as a person reads it."""
        yield f"{self.work.model.title} as {self.work.model.slug!r}, into {self._place()}:"
        yield (
            f"  {self.renders.pictures:,} pictures to render ({self.renders.stored:,} stored), "
            f"about {duration(self.render_seconds)};"
        )
        if self.work.dataset is not None:
            yield (
                f"  {len(self.work.dataset.items):,} images of {self.work.dataset.slug!r} to scan "
                f"for {self.scans.count:,} units ({self.scans.stored:,} stored), "
                f"about {duration(self.scan_seconds)};"
            )
        total = duration(self.render_seconds + self.scan_seconds)
        yield f"  together about {total} on this machine and {self.bytes / 1e6:,.1f} MB on disk."
        yield "Nothing was done."

    def _place(self) -> str:
        from app.store.engine import database_url
        from app.store.faults import place_of

        return place_of(database_url(self.work.request.database))


def estimate(work: Work) -> Estimate:
    """Plans the work as it would be done, and times samples of it."""
    renders, scans = _plans(work)
    images = len(work.dataset.items) if work.dataset is not None and scans.units else 0
    pixels = renders.pictures * work.recipe.parameterisation.size**2
    views = min(images, scans.count * work.request.top)
    examples = scans.count * min(work.request.top, images)
    size = pixels * BYTES_PER_PIXEL + views * BYTES_PER_VIEW + examples * BYTES_PER_EXAMPLE
    return Estimate(
        work, renders, scans, _render_seconds(work, renders), _scan_seconds(work, scans), int(size)
    )


def _plans(work: Work) -> tuple[Renders, Scans]:
    """The plan against what the database holds, or against nothing where there is none."""
    request, slug = work.request, work.model.slug
    pictures, scanned = {}, {}
    try:
        engine = open_for_reading(request.database)
    except DatabaseMissing:
        pass
    else:
        check_model(engine, work.model)
        if work.dataset is not None:
            check_dataset(engine, publish.dataset_record(work.dataset))
        pictures = stored_visualizations(engine, slug, "channel")
        scanned = stored_scans(engine, slug, work.dataset.slug) if work.dataset else {}
        engine.dispose()
    recipe = RecipeRecord.from_body(work.recipe.body())
    asked = request.techniques
    renders = plan_renders(
        work.units if "channel" in asked else {},
        request.seeds, pictures, recipe.sha256, work.recipe.batch, request.force,
    )  # fmt: skip
    scans = plan_scans(
        work.units if "examples" in asked else {}, request.top, scanned, request.force
    )
    return renders, scans


def _render_seconds(work: Work, renders: Renders) -> float:
    """A step of each layer, timed as the difference of two short jobs, times all steps."""
    batches = dict.fromkeys(work.units, 0)
    for batch in renders.batches:
        batches[batch.layer] += 1
    steps = work.recipe.optimiser.steps
    return sum(
        count * steps * _step_seconds(work, layer) for layer, count in batches.items() if count
    )


def _step_seconds(work: Work, layer: str) -> float:
    def job(steps: int) -> Callable[[], object]:
        recipe = replace(work.recipe, optimiser=Adam(steps))
        return lambda: render(work.network, recipe, layer, work.units[layer][:1])

    _timed(job(1))  # the first pass sets up what later ones find ready
    return max(_timed(job(3)) - _timed(job(1)), 0.0) / 2


def _scan_seconds(work: Work, scans: Scans) -> float:
    if work.dataset is None or not scans.units:
        return 0.0
    sample = Sample(work.dataset, BATCH, "sample")
    scan(work.network, sample, scans.units, work.request.top)
    seconds = _timed(lambda: scan(work.network, sample, scans.units, work.request.top))
    return seconds * ceil(len(work.dataset.items) / BATCH)


def _timed(job: Callable[[], object]) -> float:
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun
