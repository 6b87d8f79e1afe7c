"""What each part of the recipe is worth: one is changed at a time, on the units of `render.py`.

    make bench-recipe

Prints, for each change, relative to the recipe as it is: the geometric means over the units of the
clean and of the robust activation, the least of both, the share of fine energy, and the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path
from statistics import fmean

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.console import echo
from benchmarks.judge import Judged, judge
from benchmarks.render import MODEL, UNITS, Adam
from precompute.executors.devices import find_dtype, fix_threads
from precompute.network import Inception, find, load
from precompute.network.precision import in_dtype
from precompute.render.optimize import visualize
from precompute.render.parameterize import Fourier
from precompute.render.picture import to_uint8
from precompute.render.recipe import Recipe
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, recipe_for
from precompute.render.terms import Channel
from precompute.request import AUTO

SMALL = 128

Make = Callable[[Inception, Recipe, str, tuple[int, ...]], Tensor]


@dataclass(frozen=True)
class Result:
    """All units by one recipe."""

    judged: tuple[Judged, ...]
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="BVLC's weights; default the cache's")
    asked = parser.parse_args()
    fix_threads()
    network = load(MODEL, find(MODEL, asked.weights).path)
    measured(network, plain(steps=lambda usual: 2))  # sets up what later ones find ready
    usual = measured(network, plain())
    echo("| change | clean | robust | least | fine energy | time |")
    echo("|---|---|---|---|---|---|")
    echo(row("the recipe as it is", usual, usual))
    for name, make in changes().items():
        echo(row(name, measured(network, make), usual))


def changes() -> Mapping[str, Make]:
    """The recipe with one thing changed, by the name of the change."""
    return {
        "float32": plain(dtype="float32"),
        "half the steps": plain(steps=lambda usual: usual // 2),
        "twice the steps": plain(steps=lambda usual: usual * 2),
        "spectrum falling with 1/f": plain(decay=1.0),
        "spectrum falling with 1/f^1.2": plain(decay=1.2),
        "spectrum falling with 1/f^1.6": plain(decay=1.6),
        "half the learning rate": plain(learning_rate=0.025),
        "twice the learning rate": plain(learning_rate=0.1),
        "a rate that does not fall": plain(settle=0.0),
        "momentum 0.9": plain(betas=(0.9, 0.99)),
        "Adam as Lucent has it": adam,
        "a canvas of 128 px": plain(size=SMALL),
        "128 px for half of the steps, then 224": grown,
    }


def plain(
    steps: Callable[[int], int] = lambda usual: usual,
    size: int | None = None,
    decay: float | None = None,
    dtype: str | None = None,
    **optimiser: object,
) -> Make:
    """Rendered as usual, with these values in place of the recipe's."""

    def make(network: Inception, recipe: Recipe, layer: str, units: tuple[int, ...]) -> Tensor:
        usual, climber = recipe.parameterisation, recipe.optimiser
        changed = replace(
            recipe,
            parameterisation=Fourier(size or usual.size, decay=decay or usual.decay),
            optimiser=replace(climber, steps=steps(climber.steps), **optimiser),  # type: ignore[arg-type]
            dtype=dtype or recipe.dtype,
        )
        return climbed(network, changed, layer, units)

    return make


def adam(network: Inception, recipe: Recipe, layer: str, units: tuple[int, ...]) -> Tensor:
    """The same number of steps of Adam, at Lucent's rate."""
    changed = replace(recipe, optimiser=Adam(recipe.optimiser.steps))
    return climbed(network, changed, layer, units)


def grown(network: Inception, recipe: Recipe, layer: str, units: tuple[int, ...]) -> Tensor:
    """Half of the steps on a small canvas, whose picture is enlarged for the others."""
    half = replace(recipe.optimiser, steps=recipe.optimiser.steps // 2)
    first = replace(recipe, parameterisation=Fourier(SMALL), optimiser=replace(half, settle=0.0))
    small = climbed(network, first, layer, units)
    side = recipe.parameterisation.size
    large = F.interpolate(small, size=(side, side), mode="bicubic", align_corners=False)
    return climbed(network, replace(recipe, optimiser=half), layer, units, large.clamp(0, 1))


def climbed(
    network: Inception, recipe: Recipe, layer: str, units: tuple[int, ...],
    start: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """A layer's pictures by this recipe."""
    return visualize(
        in_dtype(network, recipe.dtype), Channel(layer, units), recipe.parameterisation,
        recipe.transformations, recipe.optimiser, start=start,
        noise=[generator(0, layer, unit) for unit in units],
    )  # fmt: skip


def measured(network: Inception, make: Make) -> Result:
    """All units made one way, and judged as eight-bit pictures."""
    dtype, judged, seconds = find_dtype(AUTO, torch.device("cpu")), [], 0.0
    for layer, units in UNITS.items():
        usual = recipe_for(TECHNIQUES["channel"], network.variant, network.layer(layer))
        begun = time.perf_counter()
        pictures = make(network, replace(usual, dtype=dtype), layer, units)
        seconds += time.perf_counter() - begun
        for unit, image in zip(units, to_uint8(pictures), strict=True):
            judged.append(judge(network, layer, unit, image))
    return Result(tuple(judged), seconds)


def row(name: str, result: Result, usual: Result) -> str:
    """A change's line of the table."""
    clean = list(ratios(result, usual, lambda judged: judged.clean))
    robust = list(ratios(result, usual, lambda judged: judged.robust))
    fine = fmean(judged.fine for judged in result.judged)
    return (
        f"| {name} | {mean(clean):.2f} | {mean(robust):.2f} | {min(clean + robust):.2f} "
        f"| {fine:.1%} | {result.seconds / usual.seconds:.2f} |"
    )


def ratios(result: Result, usual: Result, figure: Callable[[Judged], float]) -> Iterator[float]:
    """Each unit's figure to what it is by the recipe as it is."""
    pairs = zip(result.judged, usual.judged, strict=True)
    return (figure(one) / max(figure(other), 1e-9) for one, other in pairs)


def mean(values: list[float]) -> float:
    """The geometric mean; a unit that is dead counts as a thousandth."""
    return exp(fmean(log(max(value, 1e-3)) for value in values))


if __name__ == "__main__":
    main()
