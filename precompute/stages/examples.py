"""The stage of dataset examples, with statistics and similar units: one scan of the data set.

Each layer's results are stored in one transaction.
"""

from __future__ import annotations

from functools import partial

from app.db.queries.run_status import stored_scans
from app.db.records import ImageRecord
from app.db.writer.writer import Writer
from app.errors import MicroscopeError
from app.text import many
from precompute import store_records
from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.view import quiet
from precompute.prepare import Work
from precompute.result import Outcome
from precompute.scan.checkpoint import scratch_for
from precompute.scan.interface import Asked, Found, Watch
from precompute.scan.scan import scan
from precompute.stages.records import Evidence, scan_recipe


def gather_examples(
    work: Work, writer: Writer, watch: Watch, engine: Engine | None = None
) -> Outcome:
    """One pass for all units that lack examples or statistics.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    dataset = dataset_of(work)
    reading = partial(stored_scans, writer.engine, work.model.slug, dataset.slug)
    stored = writer.patience(reading)
    scans = work.plan_scans(stored)
    left_alone = 0 if work.request.force else scans.stored
    if not scans.units:
        return Outcome(stored=left_alone)
    asked = work.asked(scans.units)
    scratch = scratch_for(work.request.database)
    found, checkpoint = scan(work.network, dataset, asked, scratch, watch, engine)
    require_some(found.images, dataset, found.skipped)
    with quiet():
        _store(work, writer, watch, asked, found)
    checkpoint.remove()
    return Outcome(0, scans.count, found.skipped, left_alone)


def dataset_of(work: Work) -> Dataset:
    assert work.dataset is not None  # `Request.check` has seen to it
    return work.dataset


def require_some(images: int, dataset: Dataset, skipped: tuple[str, ...]) -> None:
    if not images:
        raise MicroscopeError(
            f"Of {many(len(dataset.items), 'image')} in {dataset.slug} none can be read; the "
            f"first: {skipped[0]}."
        )


def _store(work: Work, writer: Writer, watch: Watch, asked: Asked, found: Found) -> None:
    """Each layer in one transaction, with the views that no layer before it has shown."""
    dataset = dataset_of(work)
    recipe, kept, stored = scan_recipe(work.view, asked), set[int](), 0
    watch.begin("storing examples", sum(len(each.units) for each in found.layers.values()))
    for layer, here in found.layers.items():
        evidence = Evidence(work.network, dataset, found, layer)
        shown = evidence.shown(asked.top) - kept
        writer.put_examples(
            work.model.slug, dataset.slug, recipe, evidence.examples(asked.top),
            evidence.scans(asked.top), _views(work, dataset, shown),
            evidence.statistics(), evidence.neighbours(),
        )  # fmt: skip
        kept |= shown
        stored += len(here.units)
        watch.reach(stored)


def _views(work: Work, dataset: Dataset, shown: set[int]) -> dict[str, ImageRecord]:
    """The pictures of these images; none of a private data set."""
    if dataset.private:
        return {}
    records = ((i, store_records.view_record(dataset, i, work.view)) for i in sorted(shown))
    return {dataset.items[i].path: record for i, record in records if record is not None}
