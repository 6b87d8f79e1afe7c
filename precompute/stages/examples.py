"""The stages that read images: examples with their statistics, and effects on the outputs.

From the plan to the store; each layer's results are one transaction.
"""

from __future__ import annotations

from functools import partial

from app.db.queries.run_status import stored_effects, stored_scans
from app.db.records import ImageRecord
from app.db.writer.writer import Writer
from app.errors import MicroscopeError
from app.text import many
from precompute import store_records
from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.view import quiet
from precompute.missing import Scans
from precompute.prepare import Work
from precompute.result import Outcome
from precompute.scan.attribution import effects
from precompute.scan.checkpoint import scratch_for
from precompute.scan.interface import Asked, Found, Watch
from precompute.scan.scan import scan
from precompute.stages.records import Evidence, effect_records, effects_recipe, scan_recipe


def gather_examples(
    work: Work, writer: Writer, watch: Watch, engine: Engine | None = None
) -> Outcome:
    """One pass for all units that lack examples or statistics.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    dataset = _dataset(work)
    reading = partial(stored_scans, writer.engine, work.model.slug, dataset.slug)
    stored = writer.patience(reading)
    scans = work.plan_scans(stored)
    left_alone = 0 if work.request.force else scans.stored
    if not scans.units:
        return Outcome(stored=left_alone)
    asked = work.asked(scans.units)
    scratch = scratch_for(work.request.database)
    found, checkpoint = scan(work.network, dataset, asked, scratch, watch, engine)
    _require_some(found.images, dataset, found.skipped)
    with quiet():
        _store(work, writer, watch, asked, found)
    checkpoint.remove()
    return Outcome(0, scans.count, found.skipped, left_alone)


def gather_effects(
    work: Work, writer: Writer, watch: Watch, engine: Engine | None = None
) -> Outcome:
    """The effects of all units that lack them, from one sample of the data set."""
    dataset, slug = work.effects_sample(_dataset(work)), work.model.slug
    reading = partial(stored_effects, writer.engine, slug, dataset.slug)
    stored = {} if work.request.force else writer.patience(reading)
    plan: Scans = work.plan_effects(set(stored))
    if not plan.units:
        return Outcome(stored=plan.stored)
    sums, skipped = effects(work.network, dataset, plan.units, watch, engine)
    _require_some(int(sums.images.sum()), dataset, skipped)
    recipe = effects_recipe(work.view, dataset)
    for layer, units in plan.units.items():
        records = effect_records(layer, units, sums)
        writer.put_effects(slug, dataset.slug, recipe, records)
    return Outcome(0, plan.count, skipped, plan.stored)


def _dataset(work: Work) -> Dataset:
    assert work.dataset is not None  # `Request.check` has seen to it
    return work.dataset


def _require_some(images: int, dataset: Dataset, skipped: tuple[str, ...]) -> None:
    if not images:
        raise MicroscopeError(
            f"Of {many(len(dataset.items), 'image')} in {dataset.slug} none can be read; the "
            f"first: {skipped[0]}."
        )


def _store(work: Work, writer: Writer, watch: Watch, asked: Asked, found: Found) -> None:
    """Each layer in one transaction, with the views that no layer before it has shown."""
    dataset = _dataset(work)
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
