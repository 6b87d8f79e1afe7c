"""What a picture of a unit is worth, judged alike whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from precompute.network import Inception
from precompute.render.picture import from_uint8
from precompute.render.seeding import generator
from precompute.render.terms import Channel
from precompute.render.transform import STANDARD, compose, sample

DRAWS = 16
SMALL = 128
FINE = 0.25


@dataclass(frozen=True)
class Judged:
    """The figures of one picture."""

    clean: float
    """The objective (mean of the map after the ReLU) on the picture at the network's input."""
    robust: float
    """Its mean over 16 draws of Lucid's standard transformations, the same for everyone."""
    fine: float
    """The share of the picture's energy, less its mean, above 0.25 cycles per pixel."""
    shrunk: float
    """The objective after the picture was shrunk to 128 px and enlarged again."""


@torch.no_grad()
def judge(network: Inception, layer: str, unit: int, picture: Image.Image) -> Judged:
    """All figures of a picture of any size."""
    pixels = resized(from_uint8([picture]), network.variant.input_size)
    draws = [compose(STANDARD, generator("judge", draw)) for draw in range(DRAWS)]
    seen = torch.cat([sample(pixels, draw) for draw in draws])
    shrunk = resized(resized(pixels, SMALL), network.variant.input_size)
    return Judged(
        value(network, layer, unit, pixels),
        value(network, layer, unit, seen),
        fine_energy(pixels),
        value(network, layer, unit, shrunk),
    )


def value(network: Inception, layer: str, unit: int, pictures: Tensor) -> float:
    """The channel objective's mean over pictures."""
    objective = Channel(layer, unit)
    return float(objective(network(pictures, [layer], pre_relu=True)).mean())


def resized(pictures: Tensor, side: int) -> Tensor:
    """`[n, 3, side, side]`, bilinear, without aliasing."""
    if pictures.shape[-1] == side:
        return pictures
    return F.interpolate(
        pictures, size=(side, side), mode="bilinear", align_corners=False, antialias=True
    )


def fine_energy(pictures: Tensor) -> float:
    """The share of the energy in frequencies above 0.25 cycles per pixel."""
    spectrum = torch.fft.fft2(pictures - pictures.mean((2, 3), keepdim=True)).abs().square()
    frequency = torch.fft.fftfreq(pictures.shape[-1])
    fine = (frequency[:, None].square() + frequency.square()).sqrt() > FINE
    return float((spectrum * fine).sum() / spectrum.sum())
