"""The range: images drawn evenly over how much they excite a unit, so that weak ones are seen too.

Ten equal intervals lie between 0 and the largest maximum of all images, two between the smallest
and 0 (after Neuronpedia's and the curve detectors' examples by interval). Of each the images with
the lowest hashes of (seed, path) are drawn: fair, and the same however the images are ordered and
the work is split.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

ABOVE, BELOW = 10, 2
INTERVALS = BELOW + ABOVE
EACH = 6
"""Images drawn from an interval."""


Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Range:
    """A unit's intervals, ascending, and who was drawn."""

    edges: npt.NDArray[np.float32]
    """`[INTERVALS + 1]`; an interval of no width holds nothing."""
    images: Numbers
    """`[INTERVALS]`: how many images lie in each."""
    drawn: tuple[Numbers, ...]
    """Of each interval at most `EACH` images' numbers."""


def by_hash(paths: Sequence[str], seed: int) -> Numbers:
    """The images' numbers in the order in which they are drawn, `[images]`."""
    hashes = [hashlib.sha256(f"{seed}\x00{path}".encode()).digest() for path in paths]
    return np.array(sorted(range(len(paths)), key=hashes.__getitem__), dtype=np.int64)


def ranges(maxima: Tensor, order: Numbers) -> list[Range]:
    """The range of each unit.

    Args:
        maxima: `[images, units]`: each image's largest activation, before the ReLU.
        order: the numbers of the readable images in the order in which they are drawn.
    """
    return [_range(values, order) for values in np.ascontiguousarray(maxima.numpy()[order].T)]


def edges(smallest: float, largest: float) -> npt.NDArray[np.float32]:
    """The borders between a unit's intervals, ascending."""
    low, high = min(smallest, 0.0), max(largest, 0.0)
    below = np.linspace(low, 0.0, BELOW + 1)
    above = np.linspace(0.0, high, ABOVE + 1)
    return np.concatenate([below, above[1:]]).astype(np.float32)


def _range(values: npt.NDArray[np.float32], order: Numbers) -> Range:
    borders = edges(float(values.min()), float(values.max()))
    # low < value <= high; the lowest interval that has a width also holds its lower border.
    place = np.searchsorted(borders, values) - 1
    place[values == borders[0]] = np.searchsorted(borders, borders[0], side="right") - 1
    place = place.clip(0, INTERVALS - 1)
    drawn = (order[np.flatnonzero(place == number)[:EACH]] for number in range(INTERVALS))
    return Range(borders, np.bincount(place, minlength=INTERVALS), tuple(drawn))
