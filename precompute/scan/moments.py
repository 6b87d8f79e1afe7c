"""What is kept of each unit over all images, without keeping activations: sums that merge.

Everything here is the same whatever the order of the images and however the work is split, but
for the rounding of sums in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from precompute.scan.batch_stats import Seen
from precompute.scan.candidates import Top
from precompute.scan.histogram import BINS


@dataclass
class Account:
    """A layer's units over the images so far."""

    top: Top
    low: Top
    """Of the smallest values, with the opposite sign."""
    sums: Tensor
    """`[3, units]`: of all cells, of their squares, of their cubes."""
    positive: Tensor
    """`[units]`: cells above zero."""
    fired: Tensor
    """`[units]`: images with such a cell."""
    largest: Tensor
    smallest: Tensor
    tally: Tensor
    """`[units, BINS]` of sampled cells."""
    classes: Tensor
    """`[classes, units]`: the sum, over a class's images, of the mean after the ReLU."""
    members: Tensor
    """`[classes]`: images of each class."""
    cells: int = 0
    counted: int = 0
    """Cells that the sums are of; fewer than `cells` where large maps are sampled."""
    images: int = 0

    @classmethod
    def empty(cls, units: int, candidates: int, classes: int) -> Self:
        """Before the first image; `candidates` are kept of each list."""
        return cls(
            Top(units, candidates), Top(units, candidates),
            torch.zeros((3, units), dtype=torch.float64),
            torch.zeros(units, dtype=torch.int64), torch.zeros(units, dtype=torch.int64),
            torch.full((units,), -torch.inf), torch.full((units,), torch.inf),
            torch.zeros((units, BINS), dtype=torch.int32),
            torch.zeros((classes, units), dtype=torch.float64),
            torch.zeros(classes, dtype=torch.int64),
        )  # fmt: skip

    def add(self, seen: Seen, images: Tensor, labels: Tensor) -> None:
        """Takes a batch in.

        Args:
            seen: what it says.
            images: its images' numbers, `[n]`.
            labels: their classes, `[n]`; -1 for none.
        """
        self.top.add(seen.largest, images)
        self.low.add(-seen.smallest, images)
        self.sums += seen.sums
        self.positive += seen.positive
        self.fired += (seen.largest > 0).sum(0)
        self.largest = torch.maximum(self.largest, seen.largest.amax(0))
        self.smallest = torch.minimum(self.smallest, seen.smallest.amin(0))
        self.tally += seen.tally
        labelled = labels >= 0
        self.classes.index_add_(0, labels[labelled], seen.mean[labelled].double())
        self.members += torch.bincount(labels[labelled], minlength=len(self.members))
        self.cells += seen.cells
        self.counted += seen.counted
        self.images += len(images)

    def merge(self, other: Account) -> None:
        """Takes in what was found among other images."""
        self.top.merge(other.top)
        self.low.merge(other.low)
        self.largest = torch.maximum(self.largest, other.largest)
        self.smallest = torch.minimum(self.smallest, other.smallest)
        for name in ADDED:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def state(self) -> dict[str, Any]:
        """Everything, as tensors and numbers that can be written to a file."""
        lists = {"top": self.top.keys(), "low": self.low.keys()}
        return {name: getattr(self, name) for name in (*ADDED, "largest", "smallest")} | lists

    def restore(self, state: dict[str, Any]) -> None:
        """Takes on what `state` gave."""
        for name in (*ADDED, "largest", "smallest"):
            setattr(self, name, state[name])
        self.top.restore(state["top"])
        self.low.restore(state["low"])

    def moments(self) -> Moments:
        """What the sums say."""
        mean, square, cube = self.sums / max(self.counted, 1)
        variance = (square - mean**2).clamp(min=0)
        third = cube - 3 * mean * square + 2 * mean**3
        deviation = variance.sqrt()
        skew = torch.where(deviation > 0, third / deviation**3, 0.0)
        return Moments(mean, deviation, skew, self.positive / max(self.counted, 1))


ADDED = (
    "sums", "positive", "fired", "tally", "classes", "members", "cells", "counted", "images",
)  # fmt: skip
"""The fields of an account that are sums over images."""


@dataclass(frozen=True)
class Moments:
    """Of each unit's cells before the ReLU, `[units]` float64."""

    mean: Tensor
    deviation: Tensor
    skew: Tensor
    density: Tensor
    """The share of cells above zero."""
