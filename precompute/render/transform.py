"""Transformations: what is done to a picture before the network sees it, anew at every step.

A picture that excites a unit only in one exact position is noise; one that goes on exciting it
while it is moved, scaled and turned is a feature (Olah et al. 2017, "Transformation robustness").
The transformations of a step are composed into one affine map and the picture is sampled once, so
that a step costs one interpolation and the network always sees the canvas's size. Outside the
canvas lies grey, as Lucid's padding has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

GREY = 0.5

# From a cell's position in what the network sees to its position in the picture, both in pixels
# from the centre, x to the right and y down: [[a, b, dx], [c, d, dy], [0, 0, 1]], float64.
Affine = Tensor


class Transformation(Protocol):
    """A random affine map."""

    def draw(self, generator: torch.Generator) -> Affine:
        """The map of one step, `[3, 3]`."""
        ...


@dataclass(frozen=True)
class Jitter:
    """Moves the window by whole pixels, `pixels / 2` at most each way."""

    pixels: int

    def draw(self, generator: torch.Generator) -> Affine:
        offset = torch.randint(0, self.pixels + 1, (2,), generator=generator).double()
        return affine(shift=offset - self.pixels / 2)


@dataclass(frozen=True)
class Scale:
    """Enlarges the picture about its centre by one of `factors`."""

    factors: tuple[float, ...]

    def draw(self, generator: torch.Generator) -> Affine:
        return affine(zoom=1 / _choose(self.factors, generator))


@dataclass(frozen=True)
class Rotate:
    """Turns the picture about its centre by one of `degrees`, anticlockwise."""

    degrees: tuple[float, ...]

    def draw(self, generator: torch.Generator) -> Affine:
        return affine(turn=math.radians(_choose(self.degrees, generator)))


# Lucid's standard transformations (optvis/transform.py). Its padding of 12 grey pixels is the grey
# that lies outside the canvas here; 0 degrees is drawn six times as often as any other angle.
STANDARD: tuple[Transformation, ...] = (
    Jitter(8),
    Scale(tuple(round(1 + (i - 5) / 50, 2) for i in range(11))),
    Rotate((*range(-10, 11), 0, 0, 0, 0, 0)),
    Jitter(4),
)

# For layers that see little of the picture: what is standard for an object destroys an edge.
JITTER: tuple[Transformation, ...] = (Jitter(8),)
SLIGHT: tuple[Transformation, ...] = (
    Jitter(8),
    Scale((0.95, 0.975, 1.0, 1.025, 1.05)),
    Rotate((*range(-5, 6), 0, 0)),
    Jitter(4),
)


def affine(zoom: float = 1.0, turn: float = 0.0, shift: Tensor | None = None) -> Affine:
    """`[3, 3]`: from what is seen to the picture: turned by `turn` radians, zoomed, then moved."""
    cos, sin = math.cos(turn) * zoom, math.sin(turn) * zoom
    dx, dy = shift.tolist() if shift is not None else (0.0, 0.0)
    return torch.tensor([[cos, -sin, dx], [sin, cos, dy], [0.0, 0.0, 1.0]], dtype=torch.float64)


def compose(transformations: Sequence[Transformation], generator: torch.Generator) -> Affine:
    """One step's map. What is done to the picture first is applied last to a position."""
    total = affine()
    for transformation in transformations:
        total = total @ transformation.draw(generator)
    return total


def sample(pictures: Tensor, position: Affine) -> Tensor:
    """The pictures seen through one map: `[n, 3, size, size]` both, bilinear, grey outside.

    Args:
        pictures: square, RGB in 0..1.
        position: the map, the same for the whole batch.
    """
    size = pictures.shape[-1]
    # grid_sample counts in half-widths, in which turning and zooming look the same.
    theta = position[:2].clone()
    theta[:, 2] *= 2 / size
    grid = F.affine_grid(theta[None].float(), [1, 3, size, size], align_corners=False)
    grid = grid.to(pictures.device, pictures.dtype).expand(len(pictures), -1, -1, -1)
    return F.grid_sample(pictures - GREY, grid, align_corners=False) + GREY


def _choose(values: Sequence[float], generator: torch.Generator) -> float:
    return values[int(torch.randint(0, len(values), (1,), generator=generator))]
