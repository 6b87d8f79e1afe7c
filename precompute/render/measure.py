"""What is told beside a picture: measured on the picture as it is stored, decoded again, clean."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from precompute.network import Inception
from precompute.render.objective import Objective
from precompute.render.picture import from_uint8
from precompute.render.terms import centre, unit_maps


@dataclass(frozen=True)
class PictureMeasurement:
    """The numbers of one picture."""

    activation: float
    """The objective's value."""
    maximum: float
    """The largest value of the unit's map before the ReLU; of a whole layer, of all its maps."""
    minimum: float
    """The smallest."""


def decode(data: bytes) -> Image.Image:
    """A stored picture's pixels."""
    return Image.open(io.BytesIO(data)).convert("RGB")


@torch.no_grad()
def measure(
    network: Inception,
    objective: Objective,
    layer: str,
    units: Sequence[int | None],
    pictures: Sequence[Image.Image],
    one_cell: bool = False,
) -> list[PictureMeasurement]:
    """The numbers of pictures of one size: no transformation, no noise, float32.

    Args:
        network: in float32.
        objective: whose value is `activation`.
        layer: the layer whose maps are measured.
        units: each picture's unit; None for the whole layer.
        pictures: RGB, as the network is to see them.
        one_cell: only the centre of the map counts, as only it sees nothing but the picture.
    """
    pixels = from_uint8(pictures).to(network.mean.device)
    activations = network(pixels, sorted(objective.layers | {layer}), pre_relu=True)
    values = objective(activations).tolist()
    maps = _maps(activations[layer], units)
    if one_cell:
        y, x = centre(maps)
        maps = maps[:, y : y + 1, x : x + 1]
    largest, smallest = maps.flatten(1).amax(1).tolist(), maps.flatten(1).amin(1).tolist()
    return [PictureMeasurement(*numbers) for numbers in zip(values, largest, smallest, strict=True)]


def _maps(activations: Tensor, units: Sequence[int | None]) -> Tensor:
    if None in units:
        return activations.flatten(1)[:, :, None]
    return unit_maps(activations, [unit for unit in units if unit is not None])
