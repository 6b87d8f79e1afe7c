"""Short renderings for the tests, and what they read from stored pictures without the product."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from precompute.network import Inception
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Recipe
from precompute.render.render import Picture
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, recipe_for


def short(
    network: Inception, technique: str, layer: str, steps: int | None = 6, size: int | None = 64
) -> Recipe:
    """A technique's recipe for a layer, with few steps on a small canvas."""
    return recipe_for(
        TECHNIQUES[technique], network.variant, network.layer(layer), steps=steps, size=size
    )


def pixels(data: bytes) -> npt.NDArray[np.float64]:
    """A stored picture decoded by Pillow: `[h, w, 3]`, 0..255."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float64)


def seen(pictures: list[Picture]) -> Tensor:
    """Stored pictures of one size as the network takes them: `[n, 3, h, w]`, 0..1."""
    arrays = np.stack([pixels(picture.bytes).transpose(2, 0, 1) for picture in pictures])
    return torch.from_numpy(arrays / 255).float()


@torch.no_grad()
def maps(network: Inception, layer: str, pictures: Tensor) -> Tensor:
    """`[n, c, h, w]` before the ReLU."""
    found: Tensor = network(pictures, layers=[layer], pre_relu=True)[layer]
    return found


def noise(layer: str, units: list[int], size: int) -> Tensor:
    """What the pictures of these units start from, `[n, 3, size, size]`."""
    fourier = Fourier(size)
    own = [generator(0, layer, unit) for unit in units]
    return fourier.picture(fourier.start(own, torch.device("cpu")))
