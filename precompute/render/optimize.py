"""Gradient ascent: a batch of units of one layer in, encoded and measured pictures out.

A pure function of (weights, recipe, layer, units, seed). It writes nothing and keeps nothing.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from precompute.network import Inception
from precompute.render.objective import Channel, unit_maps
from precompute.render.picture import encode, from_uint8, to_uint8
from precompute.render.randomness import generator
from precompute.render.recipe import Recipe
from precompute.render.transform import compose, sample


@dataclass(frozen=True)
class Picture:
    """A unit's picture as it is stored, and what was measured on it, decoded again."""

    unit: int
    bytes: bytes
    media_type: str
    size: int
    activation: float
    """The objective's value."""
    maximum: float
    """The largest value of the unit's map, before the ReLU."""
    seconds: float
    """The batch's time, shared evenly among its units."""


def render(
    network: Inception,
    recipe: Recipe,
    layer: str,
    units: Sequence[int],
    seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> list[Picture]:
    """Renders units of one layer.

    Args:
        network: frozen, in the recipe's dtype; its device is used.
        recipe: every number of the rendering.
        layer: a layer's name, `logits` included.
        units: indices in the layer, any number of them; they are rendered `recipe.batch` at a
            time, and a unit's picture does not depend on the others.
        seed: of the noise that the pictures start from.
        tick: called after every step of every batch.
    """
    cuts = range(0, len(units), recipe.batch)
    batches = (units[cut : cut + recipe.batch] for cut in cuts)
    return [p for batch in batches for p in _batch(network, recipe, layer, batch, seed, tick)]


def _batch(
    network: Inception,
    recipe: Recipe,
    layer: str,
    units: Sequence[int],
    seed: int,
    tick: Callable[[], None],
) -> Iterator[Picture]:
    begun = time.perf_counter()
    # A short batch is padded with its first unit: shapes decide rounding, so there is only one.
    padded = [*units, *[units[0]] * (recipe.batch - len(units))]
    pictures = _ascend(network, recipe, layer, padded, seed, tick)
    encoded = [encode(pixels, recipe.encoding) for pixels in to_uint8(pictures)]
    activations, maxima = _measure(network, layer, padded, encoded)
    seconds = (time.perf_counter() - begun) / len(units)
    for i, unit in enumerate(units):
        yield Picture(
            unit, encoded[i], recipe.encoding.media_type, recipe.parameterisation.size,
            activations[i], maxima[i], seconds,
        )  # fmt: skip


def _ascend(
    network: Inception,
    recipe: Recipe,
    layer: str,
    units: Sequence[int],
    seed: int,
    tick: Callable[[], None],
) -> Tensor:
    """`[n, 3, size, size]`, RGB in 0..1, after the recipe's steps."""
    device = network.mean.device
    objective, index = Channel(layer), torch.tensor(units, device=device)
    noise = [generator(seed, layer, unit) for unit in units]
    spectrum = recipe.parameterisation.start(noise, device).requires_grad_(True)
    optimiser = _adam(recipe, spectrum)
    for step in range(recipe.optimiser.steps):
        optimiser.zero_grad()
        position = compose(recipe.transformations, generator(recipe.transformation_seed, step))
        seen = sample(recipe.parameterisation.picture(spectrum), position)
        activations = network(seen, layers=[layer], pre_relu=True)[layer]
        climbed = objective.ascent(unit_maps(activations, index)).sum()
        torch.autograd.backward(-climbed)
        optimiser.step()
        tick()
    with torch.no_grad():
        return recipe.parameterisation.picture(spectrum)


def _adam(recipe: Recipe, spectrum: Tensor) -> torch.optim.Adam:
    settings = recipe.optimiser
    return torch.optim.Adam(
        [spectrum], lr=settings.learning_rate, betas=settings.betas, eps=settings.epsilon
    )


@torch.no_grad()
def _measure(
    network: Inception, layer: str, units: Sequence[int], encoded: Sequence[bytes]
) -> tuple[list[float], list[float]]:
    """Objective's value and map's maximum of the stored pictures: no transformation, no noise."""
    pixels = [Image.open(io.BytesIO(data)).convert("RGB") for data in encoded]
    pictures = from_uint8(pixels).to(network.mean.device, network.mean.dtype)
    activations = network(pictures, layers=[layer], pre_relu=True)[layer]
    maps = unit_maps(activations, torch.tensor(units, device=pictures.device)).float()
    return Channel(layer).value(maps).tolist(), maps.amax((1, 2)).tolist()
