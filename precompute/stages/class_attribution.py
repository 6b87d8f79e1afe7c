"""The stage of class attribution: the classes that a unit raises and lowers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial

from app.db.queries.run_status import stored_effects
from app.db.records import EffectRecord, RecipeRecord
from app.db.writer.writer import Writer
from precompute.executors.task import Engine
from precompute.images.dataset import Dataset, require_readable
from precompute.images.view import View
from precompute.prepare import Work
from precompute.scan.attribution import HIGHEST, EffectSums, effects
from precompute.scan.context import StageProgress
from precompute.stages.outcome import Outcome


def run(work: Work, writer: Writer, progress: StageProgress, executor: Engine) -> Outcome:
    """The effects of all units that lack them, from one sample of the data set.

    Raises:
        MicroscopeError: none of the images can be read.
    """
    dataset, slug = work.effects_sample(work.scanned_dataset), work.model.slug
    reading = partial(stored_effects, writer.engine, slug, dataset.slug)
    stored = {} if work.request.force else writer.patience(reading)
    plan = work.plan_effects(set(stored))
    if not plan.units:
        return Outcome(stored=plan.stored)
    sums, skipped = effects(work.network, dataset, plan.units, progress, executor)
    require_readable(int(sums.images.sum()), dataset, skipped)
    recipe = _recipe(work.view, dataset)
    for layer, units in plan.units.items():
        writer.put_effects(slug, dataset.slug, recipe, _records(layer, units, sums))
    return Outcome(0, plan.count, skipped, plan.stored)


def _recipe(view: View, sample: Dataset) -> RecipeRecord:
    """Every number that effects depend on."""
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
    for unit, unit_effects in zip(units, sums.of_units(layer), strict=True):
        if not unit_effects.raised and not unit_effects.lowered:
            yield EffectRecord(layer, unit, 0, 0, 0.0, 0)
        for sign, side in ((1, unit_effects.raised), (-1, unit_effects.lowered)):
            for rank, each in enumerate(side, start=1):
                yield EffectRecord(layer, unit, each.output, sign * rank, each.value, each.images)
