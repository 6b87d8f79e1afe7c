"""The statistics of a layer's units over one batch of images: a pure function of its maps."""

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
"""Cells sampled from each map for the histogram: 16,000 for a thousand images."""
CELLS = 28 * 28
"""Cells sampled from each map for the sums, unless in float32; extremes are over all cells."""


@dataclass(frozen=True)
class BatchStats:
    """A layer's units over the `n` images of a batch, before the ReLU unless said otherwise."""

    largest: Tensor
    """`[n, units]` float32: each image's largest cell."""
    smallest: Tensor
    mean: Tensor
    """`[n, units]` float32: the mean of the map after the ReLU; of logits, the logit."""
    sums: Tensor
    """`[3, units]` float64: sums over the counted cells of the value, its square, its cube."""
    positive: Tensor
    """`[units]` int64: how many of these cells are above zero."""
    tally: Tensor
    """`[units, BINS]`: histogram of sampled cells."""
    cells: int
    """Cells of all images."""
    counted: int
    """Cells in the sums."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the empty bins, nine in ten: those of a whole network take 19 MB."""
        counted = self.tally.numpy().ravel()
        places = np.flatnonzero(counted).astype(np.int32)  # several times faster than PyTorch's
        counts = counted[places].astype(np.int16)
        rest = {each.name: getattr(self, each.name) for each in fields(self)}
        return _unpacked, (rest | {"tally": tuple(self.tally.shape)}, places, counts)


def _unpacked(rest: dict[str, Any], places: Array, counts: Array) -> BatchStats:
    tally = np.zeros(rest["tally"], np.int32)
    tally.ravel()[places] = counts
    return BatchStats(**rest | {"tally": torch.from_numpy(tally)})


@dataclass(frozen=True)
class Sampling:
    """Which cells of a batch's maps are counted: the same ones for all its images."""

    name: str
    """Of the layer and the batch: the seed of the draw."""
    all_cells: bool
    """Whether the sums are over all cells, however large the map."""

    def draw(self, cells: int, count: int) -> Tensor | None:
        """The indices of `count` of the cells; None for all of them."""
        if cells <= count:
            return None
        return torch.randperm(cells, generator=generator("cells", self.name))[:count]


def batch_stats(maps: Tensor, sampling: Sampling) -> BatchStats:
    """The statistics of maps `[n, units, h, w]`, or `[n, units]` for a layer without a map."""
    cells = maps.flatten(2).mT if maps.ndim == 4 else maps[:, None]
    number = cells.shape[1]
    counted = _select(cells, None if sampling.all_cells else sampling.draw(number, CELLS))
    sums, positive, mean = _sums(counted, rectified=maps.ndim == 4)
    sampled = _select(cells, sampling.draw(number, POSITIONS)).flatten(0, 1)
    return BatchStats(
        cells.amax(1).float().cpu(), cells.amin(1).float().cpu(), mean.cpu(), sums.cpu(),
        positive.cpu(), tally(sampled).cpu(), len(maps) * number, len(maps) * counted.shape[1],
    )  # fmt: skip


def _select(cells: Tensor, indices: Tensor | None) -> Tensor:
    return cells if indices is None else cells[:, indices.to(cells.device)]


def _sums(cells: Tensor, rectified: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Sums of powers, the count above zero, and each image's mean after the ReLU.

    One image at a time, in float32, so that it stays in the processor's cache.
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
