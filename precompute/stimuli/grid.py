"""The coordinates that every drawing stands on, and how an exact edge becomes pixels.

The origin is the centre of the image, x points right, y points up, and the image's side is 1,
so the same numbers draw the same picture at any size. Angles are degrees, anticlockwise from
the x axis. A field is a float32 array `[size, size]`, 0..1, whose row 0 is the top.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]  # float32 in fact; NumPy's stubs lose the width
Point = tuple[float, float]

CENTRE: Point = (0.0, 0.0)


@lru_cache(maxsize=8)
def axes(size: int) -> tuple[Field, Field]:
    """The x and y of every pixel's centre, two read-only arrays `[size, size]`, in sides."""
    if size < 1:
        raise ValueError(f"an image needs a size of at least 1 px, not {size}")
    line = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5).astype(np.float32)
    x, y = np.meshgrid(line, -line)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def turned(size: int, angle: float, centre: Point = CENTRE) -> tuple[Field, Field]:
    """Coordinates along and across the direction `angle`, counted from `centre`."""
    x, y = axes(size)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along = x * cos + y * sin - (centre[0] * cos + centre[1] * sin)
    across = y * cos - x * sin - (centre[1] * cos - centre[0] * sin)
    return along, across


def polar(size: int, centre: Point = CENTRE) -> tuple[Field, Field]:
    """Distance from `centre` in sides, and the angle around it in radians, -pi..pi."""
    x, y = turned(size, 0.0, centre)
    return np.hypot(x, y), np.arctan2(y, x)


def unit(values: Field) -> Field:
    """The values, cut to 0..1."""
    inside: Field = np.clip(values, 0.0, 1.0)
    return inside


def wave(turns: Field) -> Field:
    """A cosine, 0..1, with a crest at every whole turn."""
    height: Field = 0.5 + 0.5 * np.cos(math.tau * turns)
    return height


def cover(distance: Field, size: int) -> Field:
    """How much of each pixel lies inside a shape, from its signed distance (negative inside).

    The ramp is one pixel wide: what a straight edge covers of a square pixel, nearly.
    """
    return unit(0.5 - distance * size)


def square_wave(turns: Field, period: float, size: int) -> Field:
    """-1..1, positive in the first half of each turn, its edges one pixel wide.

    `turns` counts periods, and `period` is the length of one in sides.
    """
    shifted = turns + 0.25
    to_edge = 0.25 - np.abs(shifted - np.floor(shifted) - 0.5)
    high: Field = np.clip(to_edge * (2.0 * period * size), -1.0, 1.0)
    return high


def sharpen(field: Field, gain: float) -> Field:
    """Steeper flanks around the middle grey: a gain of 1 changes nothing."""
    return unit((field - 0.5) * gain + 0.5)
