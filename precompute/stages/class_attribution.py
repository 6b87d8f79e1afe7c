"""Class attribution: the classes that a unit raises and lowers, from a sample of the data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.techniques import EFFECTS
from app.text import many
from precompute.missing import Scans, plan_scans
from precompute.stages.outcome import Outcome
from precompute.stages.stage import Cost, Stage, Store, has_map, timed

if TYPE_CHECKING:
    from app.db.records import EffectRecord, RecipeRecord
    from app.db.writer.writer import Writer
    from precompute.executors.task import Engine
    from precompute.images.dataset import Dataset
    from precompute.images.view import View
    from precompute.scan.attribution import EffectSums
    from precompute.scan.context import StageProgress
    from precompute.work import Work


def plan(work: Work, store: Store) -> Scans:
    """Units of layers with a map that lack effects."""
    from app.db.queries.run_status import stored_effects

    stored = store.read(stored_effects, work.model.slug, work.scanned_dataset.slug)
    wanted = work.suited_units(has_map)
    return plan_scans(wanted, 1, dict.fromkeys(stored, 1), work.request.force)


def run(
    work: Work, plan: Scans, writer: Writer, progress: StageProgress, executor: Engine
) -> Outcome:
    """Measure the effects of the units of the plan.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    from precompute.images.dataset import require_readable
    from precompute.scan.attribution import effects

    dataset = _sample(work.scanned_dataset)
    sums, skipped = effects(work.network, dataset, plan.units, progress, executor)
    require_readable(int(sums.images.sum()), dataset, skipped)
    recipe = _recipe(work.view, dataset)
    for layer, units in plan.units.items():
        records = _records(layer, units, sums)
        writer.put_effects(work.model.slug, dataset.slug, recipe, records)
    return Outcome(scanned=plan.count, skipped=skipped)


def _sample(dataset: Dataset) -> Dataset:
    """The images whose gradients are taken: a fair sample, or all where there are fewer."""
    from precompute.images.dataset import Sample
    from precompute.scan.attribution import IMAGES

    return dataset if len(dataset.items) <= IMAGES else Sample(dataset, IMAGES, dataset.slug)


def _recipe(view: View, sample: Dataset) -> RecipeRecord:
    """Every number that effects depend on."""
    from app.db.records import RecipeRecord
    from precompute.scan.attribution import HIGHEST

    return RecipeRecord.from_body(
        {
            "technique": "effects",
            "view": asdict(view),
            "measure": "mean gradient of the logit times activation, summed over the map",
            "images": len(sample.items),
            "highest_logits": HIGHEST,
        }
    )


def _records(layer: str, units: Sequence[int], sums: EffectSums) -> Iterator[EffectRecord]:
    """The logits that each unit raises, rank from 1, and lowers, rank from -1 down.

    A unit without any effect has one record of rank 0, which marks it as done.
    """
    from app.db.records import EffectRecord

    for unit, unit_effects in zip(units, sums.of_units(layer), strict=True):
        if not unit_effects.raised and not unit_effects.lowered:
            yield EffectRecord(layer, unit, 0, 0, 0.0, 0)
        for sign, side in ((1, unit_effects.raised), (-1, unit_effects.lowered)):
            for rank, each in enumerate(side, start=1):
                yield EffectRecord(layer, unit, each.output, sign * rank, each.value, each.images)


def cost(work: Work, plan: Scans) -> Cost:
    """The gradients of a batch, times all."""
    images = len(_sample(work.scanned_dataset).items)
    return Cost(
        f"effects of {many(plan.count, 'unit')} ({plan.stored:,} stored) from {images:,} of its "
        "images",
        _seconds_per_image(work, plan) * images if plan.units else 0.0,
    )


def _seconds_per_image(work: Work, plan: Scans) -> float:
    from precompute.images.dataset import Sample
    from precompute.scan.attribution import AT_ONCE, effects

    batch = Sample(work.scanned_dataset, AT_ONCE, "sample")
    effects(work.network, batch, plan.units)  # sets up what later passes find ready
    return timed(lambda: effects(work.network, batch, plan.units)) / len(batch.items)


STAGES = (Stage(EFFECTS, has_map, plan, run, cost, needs_dataset=True, order=20),)
