"""The stage of dataset examples, with statistics and similar units: one scan of the data set.

Each layer's results are stored in one transaction.
"""

from __future__ import annotations

from functools import partial

from app.db.queries.run_status import stored_scans
from app.db.records import ImageRecord
from app.db.writer.writer import Writer
from precompute import store_records
from precompute.executors.task import Engine
from precompute.images.dataset import require_readable
from precompute.images.view import quiet
from precompute.prepare import Work
from precompute.scan.checkpoint import scratch_for
from precompute.scan.context import ScanRequest, StageProgress
from precompute.scan.scan import ScanResult, scan
from precompute.stages.outcome import Outcome
from precompute.stages.records import LayerRecords, scan_recipe


def run(work: Work, writer: Writer, progress: StageProgress, executor: Engine) -> Outcome:
    """Scan for all units that lack examples or statistics.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    dataset = work.scanned_dataset
    reading = partial(stored_scans, writer.engine, work.model.slug, dataset.slug)
    plan = work.plan_scans(writer.patience(reading))
    left_alone = 0 if work.request.force else plan.stored
    if not plan.units:
        return Outcome(stored=left_alone)
    request, scratch = work.scan_request(plan.units), scratch_for(work.request.database)
    result, checkpoint = scan(work.network, dataset, request, scratch, progress, executor)
    require_readable(result.images, dataset, result.skipped)
    with quiet():
        _store(work, writer, progress, request, result)
    checkpoint.remove()
    return Outcome(0, plan.count, result.skipped, left_alone)


def _store(
    work: Work, writer: Writer, progress: StageProgress, request: ScanRequest, result: ScanResult
) -> None:
    """Store each layer in one transaction, with the views that no earlier layer stored."""
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
    dataset = work.scanned_dataset
    if dataset.private:
        return {}
    records = ((i, store_records.view_record(dataset, i, work.view)) for i in sorted(images))
    return {dataset.items[i].path: record for i, record in records if record is not None}
