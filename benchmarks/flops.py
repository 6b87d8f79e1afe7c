"""Operations that a picture and an image take, counted, for docs/scaling.md: no clock is read.

PyTorch's own counter counts what convolutions and matrix products must compute, a multiplication
and an addition as two. Everything else (sampling, normalisation, the optimiser) is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from app.unit_names import LOGITS
from benchmarks.console import echo
from precompute.network import Inception, Layer, find_variant
from precompute.render.optimize import visualize
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, recipe_for

MICROSCOPE_STEPS, MICROSCOPE_PICTURES = 4096, 4
"""OpenAI Microscope's production: 4,096 steps on 224 px; channel and neuron, two repeats each."""


@dataclass(frozen=True)
class Cost:
    """Operations for a layer."""

    layer: Layer
    steps: int
    step: int
    """Of a picture's step on the recipe's canvas."""
    full_step: int
    """Of a picture's step on the network's input."""

    @property
    def recipe(self) -> int:
        """All channels, by the recipe."""
        return self.layer.channels * self.steps * self.step

    @property
    def microscope(self) -> int:
        """All channels, at Microscope's settings."""
        return self.layer.channels * MICROSCOPE_STEPS * MICROSCOPE_PICTURES * self.full_step


def main() -> None:
    """Counts, and prints tables."""
    network = Inception(find_variant("inceptionv1")).requires_grad_(False).eval()
    costs = [cost(network, layer) for layer in network.layers if layer.name != LOGITS]
    for each in costs:
        steps = f"{each.steps} | {each.step / 1e9:.2f} | {each.full_step / 1e9:.2f}"
        whole = f"{each.recipe / 1e15:.2f} | {each.microscope / 1e15:.0f}"
        echo(f"| {each.layer.name} | {each.layer.channels} | {steps} | {whole} |")
    echo(f"recipe, all channels: {sum(each.recipe for each in costs) / 1e15:.1f} PFLOP")
    echo(f"Microscope's settings: {sum(each.microscope for each in costs) / 1e15:,.0f} PFLOP")
    names = [layer.name for layer in network.layers]
    image = torch.zeros(1, 3, network.variant.input_size, network.variant.input_size)
    seen = counted(lambda: network(image, names, pre_relu=True))
    echo(f"an image seen once: {seen / 1e9:.2f} GFLOP")


def cost(network: Inception, layer: Layer) -> Cost:
    """Counted as the difference of two steps and one."""
    technique, size = TECHNIQUES["channel"], network.variant.input_size
    recipe = recipe_for(technique, network.variant, layer)

    def step(side: int) -> int:
        counts = [counted(job(side, steps)) for steps in (1, 2)]
        return counts[1] - counts[0]

    def job(side: int, steps: int) -> Callable[[], object]:
        return lambda: visualize(
            network, technique.climbs(layer.name, (0,)),
            replace(recipe.parameterisation, size=side), recipe.transformations,
            replace(recipe.optimiser, steps=steps), noise=[generator(0)],
        )  # fmt: skip

    own = recipe.parameterisation.size
    return Cost(layer, recipe.optimiser.steps, step(own), step(size))


def counted(job: Callable[[], object]) -> int:
    """Operations of a job."""
    with FlopCounterMode(display=False) as counter:
        job()
    return int(counter.get_total_flops())


if __name__ == "__main__":
    main()
