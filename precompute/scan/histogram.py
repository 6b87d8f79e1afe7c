"""A histogram that needs no range beforehand, and that merges: bins by a number's own digits.

A bin holds the numbers of one sign that agree in their exponent and first four binary digits, so
that it is at most a sixteenth as wide as what it holds; numbers within 2^-8 of zero share one bin.
For a plot the bins are poured into equal ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.float64]

DIGITS = 4
"""Binary digits behind the first: sixteen bins an octave."""
SMALLEST, LARGEST = -8, 14
"""Powers of two: what is nearer to zero is taken for zero, what is farther away for the last bin.
Activations before the ReLU lie between hundredths (torchvision) and thousands (BVLC)."""
OCTAVE = 2**DIGITS
SIDE = (LARGEST - SMALLEST) * OCTAVE
BINS = 2 * SIDE + 1

# A float32 has 23 binary digits behind the first, and its exponent counts from -127.
_SHIFT = 23 - DIGITS
_BASE = (127 + SMALLEST) * OCTAVE


def _edges() -> Array:
    """The `BINS + 1` borders of the bins, ascending."""
    steps = 1 + np.arange(OCTAVE) / OCTAVE
    powers = 2.0 ** np.arange(SMALLEST, LARGEST)
    magnitudes = np.append((powers[:, None] * steps).ravel(), 2.0**LARGEST)
    return np.concatenate([-magnitudes[::-1], magnitudes])


EDGES = _edges()


def bins(values: Tensor) -> Tensor:
    """Each number's bin, 0 to `BINS` - 1, int32; of the same shape."""
    digits = values.float().contiguous().view(torch.int32)
    magnitude = ((digits & 0x7FFFFFFF) >> _SHIFT).sub_(_BASE - 1).clamp_(0, SIDE)
    return torch.where(digits < 0, -magnitude, magnitude).add_(SIDE)


def tally(values: Tensor) -> Tensor:
    """`[n, units]` → `[units, BINS]`, int32: how many numbers of each unit fall into each bin."""
    units = values.shape[1]
    rows = torch.arange(units, device=values.device, dtype=torch.int32) * BINS
    counts = torch.bincount((bins(values) + rows).flatten(), minlength=units * BINS)
    return counts.view(units, BINS).int()


def poured(counts: Array, low: float, high: float, into: int) -> Array:
    """The counts of `BINS` bins as those of equal bins between the least and the largest number.

    What is in a bin is spread evenly over the part of it between `low` and `high`.
    """
    places, total = _cumulative(counts, low, high)
    poured: Array = np.diff(np.interp(np.linspace(low, high, into + 1), places, total))
    return poured


def quantiles(counts: Array, low: float, high: float, shares: Array) -> Array:
    """The numbers below which these shares of all lie, as near as the bins tell."""
    places, total = _cumulative(counts, low, high)
    found: Array = np.interp(shares * total[-1], total, places)
    return found


def _cumulative(counts: Array, low: float, high: float) -> tuple[Array, Array]:
    """Places, ascending, and how many numbers lie below each."""
    used = np.flatnonzero(counts)
    if not len(used):
        return np.array([low, high]), np.zeros(2)
    first, last = used[0], used[-1]
    # The outermost bins hold all that lies beyond them too.
    edges = np.concatenate([[-np.inf], EDGES[1:-1], [np.inf]])
    places = np.clip(edges[first : last + 2], low, high)
    return places, np.concatenate([[0.0], np.cumsum(counts[first : last + 1])])
