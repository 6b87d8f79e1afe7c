"""Statistics of units over all images, in bounded memory: sums and lists that can be merged.

Apart from rounding of float64 sums, the result depends neither on the order of the images nor on
how the work is split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from precompute.scan.batch_stats import BatchStats
from precompute.scan.candidates import TopK
from precompute.scan.histogram import BINS


@dataclass
class RunningStats:
    """The statistics of a layer's units over the images so far."""

    top: TopK
    low: TopK
    """The smallest values, negated."""
    sums: Tensor
    """`[3, units]`: sums over cells of the value, its square, its cube."""
    positive: Tensor
    """`[units]`: cells above zero."""
    fired: Tensor
    """`[units]`: images with a cell above zero."""
    largest: Tensor
    smallest: Tensor
    tally: Tensor
    """`[units, BINS]`: histogram of sampled cells."""
    classes: Tensor
    """`[classes, units]`: sums over the images of a class of the map's mean after the ReLU."""
    members: Tensor
    """`[classes]`: images of each class."""
    cells: int = 0
    counted: int = 0
    """Cells in `sums`; fewer than `cells` where large maps are sampled."""
    images: int = 0

    @classmethod
    def empty(cls, units: int, candidates: int, classes: int) -> Self:
        """Before the first image; the lists hold `candidates` images each."""
        return cls(
            TopK(units, candidates), TopK(units, candidates),
            torch.zeros((3, units), dtype=torch.float64),
            torch.zeros(units, dtype=torch.int64), torch.zeros(units, dtype=torch.int64),
            torch.full((units,), -torch.inf), torch.full((units,), torch.inf),
            torch.zeros((units, BINS), dtype=torch.int32),
            torch.zeros((classes, units), dtype=torch.float64),
            torch.zeros(classes, dtype=torch.int64),
        )  # fmt: skip

    def add(self, batch: BatchStats, images: Tensor, labels: Tensor) -> None:
        """Add a batch.

        Args:
            batch: its statistics.
            images: its images' numbers, `[n]`.
            labels: their classes, `[n]`; -1 for none.
        """
        self.top.add(batch.largest, images)
        self.low.add(-batch.smallest, images)
        self.sums += batch.sums
        self.positive += batch.positive
        self.fired += (batch.largest > 0).sum(0)
        self.largest = torch.maximum(self.largest, batch.largest.amax(0))
        self.smallest = torch.minimum(self.smallest, batch.smallest.amin(0))
        self.tally += batch.tally
        labelled = labels >= 0
        self.classes.index_add_(0, labels[labelled], batch.mean[labelled].double())
        self.members += torch.bincount(labels[labelled], minlength=len(self.members))
        self.cells += batch.cells
        self.counted += batch.counted
        self.images += len(images)

    def merge(self, other: RunningStats) -> None:
        """Add the statistics of other images."""
        self.top.merge(other.top)
        self.low.merge(other.low)
        self.largest = torch.maximum(self.largest, other.largest)
        self.smallest = torch.minimum(self.smallest, other.smallest)
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def state(self) -> dict[str, Any]:
        """Everything, as tensors and numbers for a checkpoint."""
        lists = {"top": self.top.keys(), "low": self.low.keys()}
        return {name: getattr(self, name) for name in (*SUMS, "largest", "smallest")} | lists

    def restore(self, state: dict[str, Any]) -> None:
        """Load what `state` returned."""
        for name in (*SUMS, "largest", "smallest"):
            setattr(self, name, state[name])
        self.top.restore(state["top"])
        self.low.restore(state["low"])

    def moments(self) -> Moments:
        """Mean, standard deviation, skewness and density from the sums."""
        mean, square, cube = self.sums / max(self.counted, 1)
        variance = (square - mean**2).clamp(min=0)
        third = cube - 3 * mean * square + 2 * mean**3
        deviation = variance.sqrt()
        skew = torch.where(deviation > 0, third / deviation**3, 0.0)
        return Moments(mean, deviation, skew, self.positive / max(self.counted, 1))


SUMS = (
    "sums", "positive", "fired", "tally", "classes", "members", "cells", "counted", "images",
)  # fmt: skip
"""The fields that are sums over images."""


@dataclass(frozen=True)
class Moments:
    """Of each unit's cells before the ReLU, `[units]` float64."""

    mean: Tensor
    deviation: Tensor
    skew: Tensor
    density: Tensor
    """The share of cells above zero."""
