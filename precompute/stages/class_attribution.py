"""The stage of class attribution: which classes a unit supports and opposes."""

from __future__ import annotations

from functools import partial

from app.db.queries.run_status import stored_effects
from app.db.writer.writer import Writer
from precompute.executors.task import Engine
from precompute.missing import Scans
from precompute.prepare import Work
from precompute.result import Outcome
from precompute.scan.attribution import effects
from precompute.scan.interface import Watch
from precompute.stages.examples import dataset_of, require_some
from precompute.stages.records import effect_records, effects_recipe


def gather_effects(
    work: Work, writer: Writer, watch: Watch, engine: Engine | None = None
) -> Outcome:
    """The effects of all units that lack them, from one sample of the data set."""
    dataset, slug = work.effects_sample(dataset_of(work)), work.model.slug
    reading = partial(stored_effects, writer.engine, slug, dataset.slug)
    stored = {} if work.request.force else writer.patience(reading)
    plan: Scans = work.plan_effects(set(stored))
    if not plan.units:
        return Outcome(stored=plan.stored)
    sums, skipped = effects(work.network, dataset, plan.units, watch, engine)
    require_some(int(sums.images.sum()), dataset, skipped)
    recipe = effects_recipe(work.view, dataset)
    for layer, units in plan.units.items():
        records = effect_records(layer, units, sums)
        writer.put_effects(slug, dataset.slug, recipe, records)
    return Outcome(0, plan.count, skipped, plan.stored)
