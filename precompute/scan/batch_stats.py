"""What one batch of images says about a layer's units: a pure function of the layer's maps."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from precompute.render.seeding import generator
from precompute.scan.histogram import tally

Array = npt.NDArray[Any]

POSITIONS = 16
"""Cells of each map whose values go into the histogram: 16,000 for a thousand images."""
CELLS = 28 * 28
"""In the fast mode, of larger maps so many cells are summed up; extremes are always of all."""


@dataclass(frozen=True)
class Seen:
    """A layer's units over the `n` images of a batch, before the ReLU unless said otherwise."""

    largest: Tensor
    """`[n, units]` float32: each image's largest cell."""
    smallest: Tensor
    mean: Tensor
    """`[n, units]` float32: the mean of the map after the ReLU; of logits, the logit."""
    sums: Tensor
    """`[3, units]` float64: of the counted cells, of their squares, of their cubes."""
    positive: Tensor
    """`[units]` int64: how many of them are above zero."""
    tally: Tensor
    """`[units, BINS]` of sampled cells."""
    cells: int
    """All images' cells together."""
    counted: int
    """How many of them the sums are of."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent without the empty bins, which are nine in ten: all of a network take 19 MB."""
        counted = self.tally.numpy().ravel()
        places = np.flatnonzero(counted).astype(np.int32)  # several times faster than PyTorch's
        counts = counted[places].astype(np.int16)
        rest = {each.name: getattr(self, each.name) for each in fields(self)}
        return _unpacked, (rest | {"tally": tuple(self.tally.shape)}, places, counts)


def _unpacked(rest: dict[str, Any], places: Array, counts: Array) -> Seen:
    tally = np.zeros(rest["tally"], np.int32)
    tally.ravel()[places] = counts
    return Seen(**rest | {"tally": torch.from_numpy(tally)})


@dataclass(frozen=True)
class Sampling:
    """Which cells of a batch's maps are counted: the same for all its images."""

    name: str
    """Of the layer and batch: what the draw depends on."""
    all_cells: bool
    """Whether the sums are of all cells, however large the map."""

    def drawn(self, cells: int, wanted: int) -> Tensor | None:
        """The places of `wanted` cells; None for all of them."""
        if cells <= wanted:
            return None
        return torch.randperm(cells, generator=generator("cells", self.name))[:wanted]


def see(maps: Tensor, sampling: Sampling) -> Seen:
    """What `[n, units, h, w]`, or `[n, units]` for a layer without a map, says of its units."""
    cells = maps.flatten(2).mT if maps.ndim == 4 else maps[:, None]
    number = cells.shape[1]
    counted = _chosen(cells, None if sampling.all_cells else sampling.drawn(number, CELLS))
    sums, positive, mean = _sums(counted, rectified=maps.ndim == 4)
    sampled = _chosen(cells, sampling.drawn(number, POSITIONS)).flatten(0, 1)
    return Seen(
        cells.amax(1).float().cpu(), cells.amin(1).float().cpu(), mean.cpu(), sums.cpu(),
        positive.cpu(), tally(sampled).cpu(), len(maps) * number, len(maps) * counted.shape[1],
    )  # fmt: skip


def _chosen(cells: Tensor, places: Tensor | None) -> Tensor:
    return cells if places is None else cells[:, places.to(cells.device)]


def _sums(cells: Tensor, rectified: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Sums of powers, how many are above zero, and each image's mean after the ReLU.

    One image at a time, in float32: it then stays in the processor's cache.
    """
    n, number, units = cells.shape
    powers = cells.new_zeros((3, units), dtype=torch.float64)
    positive = cells.new_zeros(units, dtype=torch.int64)
    means = cells.new_empty((n, units), dtype=torch.float32)
    for image, mean in zip(cells, means, strict=True):
        x = image.float()
        square = x * x
        powers += torch.stack([x.sum(0), square.sum(0), (square * x).sum(0)])
        positive += (x > 0).sum(0)
        mean.copy_((x.clamp_min(0) if rectified else x).sum(0) / number)
    return powers, positive, means
