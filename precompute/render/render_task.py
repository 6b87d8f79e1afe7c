"""Rendering as a task: what a technique's batches have in common, as a value that travels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor

from precompute.executors.task import Workplace
from precompute.missing import RenderBatch
from precompute.render.recipe import Recipe
from precompute.render.render import Picture, render


@dataclass(frozen=True)
class RenderTask:
    """A technique's pictures."""

    technique: str
    recipes: Mapping[str, Recipe]
    """By layer."""
    photograph: Tensor | None = None
    """`[1, 3, size, size]`, RGB in 0..1, where the technique starts from one."""

    threads = None
    in_order = False

    def __call__(self, place: Workplace, batch: RenderBatch) -> list[Picture]:
        """The batch's pictures; of each step, the share of them that it was is told."""
        recipe = self.recipes[batch.layer]
        share = len(batch.units) * recipe.members / recipe.optimiser.steps
        return render(
            place.network, recipe, batch.layer, batch.units, batch.seed, self.photograph,
            tick=partial(place.tick, share),
        )  # fmt: skip

    def parts(self, batch: RenderBatch) -> list[RenderBatch]:
        """Unit by unit; short batches are padded, so a unit's bytes stay the same."""
        return [replace(batch, units=(unit,)) for unit in batch.units]

    def name(self, batch: RenderBatch) -> str:
        """As `channel mixed4c:13`; seeds other than the first are named."""
        units = ",".join(str(unit) for unit in batch.units if unit is not None)
        place = f"{batch.layer}:{units}" if units else batch.layer
        seed = f" seed {batch.seed}" if batch.seed else ""
        return f"{self.technique} {place}{seed}"
