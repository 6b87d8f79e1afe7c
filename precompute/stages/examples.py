"""Dataset examples, with statistics and similar units: one scan of the data set.

Each layer's results are stored in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.techniques import EXAMPLES
from app.text import many
from precompute.missing import Scans, Wanted, plan_scans
from precompute.stages.outcome import Outcome
from precompute.stages.stage import Cost, Stage, Store, every_layer, timed

if TYPE_CHECKING:
    from app.db.records import ImageRecord
    from app.db.writer.writer import Writer
    from precompute.executors.task import Engine
    from precompute.images.dataset import Dataset
    from precompute.scan.context import ScanRequest, StageProgress
    from precompute.scan.scan import ScanResult
    from precompute.work import Work

# WebP at quality 85 of 224 px views of photographs, on average.
BYTES_PER_VIEW = 10_000
BYTES_PER_EXAMPLE = 180


def plan(work: Work, store: Store) -> Scans:
    """Units that lack examples or statistics, or have fewer examples than are wanted."""
    from app.db.queries.run_status import stored_scans

    stored = store.read(stored_scans, work.model.slug, work.scanned_dataset.slug)
    return plan_scans(work.units, work.request.top, stored, work.request.force)


def run(
    work: Work, plan: Scans, writer: Writer, progress: StageProgress, executor: Engine
) -> Outcome:
    """Scan for the units of the plan.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    from precompute.images.dataset import require_readable
    from precompute.images.view import quiet
    from precompute.scan.checkpoint import scratch_for
    from precompute.scan.scan import scan

    dataset, scratch = work.scanned_dataset, scratch_for(work.request.database)
    request = _scan_request(work, plan.units)
    result, checkpoint = scan(work.network, dataset, request, scratch, progress, executor)
    require_readable(result.images, dataset, result.skipped)
    with quiet():
        _store(work, writer, progress, request, result)
    checkpoint.remove()
    return Outcome(scanned=plan.count, skipped=result.skipped)


def _scan_request(work: Work, units: Wanted) -> ScanRequest:
    from precompute.scan.context import ScanRequest

    return ScanRequest(units, work.request.top, work.dtype, weights=work.model.weights_sha256)


def _store(
    work: Work, writer: Writer, progress: StageProgress, request: ScanRequest, result: ScanResult
) -> None:
    """Store each layer in one transaction, with the views that no earlier layer stored."""
    from precompute.scan_records import LayerRecords, scan_recipe

    slug, dataset = work.model.slug, work.scanned_dataset
    recipe, stored_views, stored_units = scan_recipe(work.view, request), set[int](), 0
    total = sum(len(layer.units) for layer in result.layers.values())
    progress.begin("storing examples", total)
    for name, layer in result.layers.items():
        records = LayerRecords(work.network, dataset, result, name)
        images = records.images(request.top) - stored_views
        writer.put_examples(
            slug, dataset.slug, recipe, records.examples(request.top), records.scans(request.top),
            _views(work, images), records.statistics(), records.neighbours(),
        )  # fmt: skip
        stored_views |= images
        stored_units += len(layer.units)
        progress.update(stored_units)


def _views(work: Work, images: set[int]) -> dict[str, ImageRecord]:
    """The views of these images by path; none of a private data set."""
    from precompute.store_records import view_record

    dataset = work.scanned_dataset
    if dataset.private:
        return {}
    records = ((i, view_record(dataset, i, work.view)) for i in sorted(images))
    return {dataset.items[i].path: record for i, record in records if record is not None}


def cost(work: Work, plan: Scans) -> Cost:
    """A scan of a few batches, extended to all; sizes are averages."""
    from precompute.scan.intervals import EACH, INTERVALS

    dataset, top = work.scanned_dataset, work.request.top
    images = len(dataset.items)
    views = min(images, plan.count * top)
    examples = plan.count * (2 * min(top, images) + INTERVALS * EACH)
    return Cost(
        f"{many(images, 'image')} of {dataset.slug!r} to scan for {many(plan.count, 'unit')} "
        f"({plan.stored:,} stored)",
        _seconds(work, plan) if plan.units else 0.0,
        views * BYTES_PER_VIEW + examples * BYTES_PER_EXAMPLE,
    )


def _seconds(work: Work, plan: Scans) -> float:
    from precompute.images.dataset import Sample
    from precompute.images.decode import BATCH

    request, whole = _scan_request(work, plan.units), work.scanned_dataset

    def job(batches: int) -> Callable[[], object]:
        sample = Sample(whole, batches * BATCH, "sample")
        return lambda: _scan_sample(work, sample, request)

    job(1)()  # the first pass sets up what later ones find ready
    few, more = timed(job(1)), timed(job(5))
    # The work done once per scan takes long compared with a few batches.
    return few + max(more - few, 0.0) / 4 * (ceil(len(whole.items) / BATCH) - 1)


def _scan_sample(work: Work, sample: Dataset, request: ScanRequest) -> object:
    from precompute.scan.scan import scan

    with TemporaryDirectory() as scratch:
        return scan(work.network, sample, request, Path(scratch))


STAGES = (Stage(EXAMPLES, every_layer, plan, run, cost, needs_dataset=True, order=10),)
