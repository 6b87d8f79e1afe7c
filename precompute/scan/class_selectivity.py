"""The classes that excite a unit: by their mean activation, and among its strongest images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.images.dataset import Dataset
from precompute.scan.running_stats import RunningStats

SHOWN = 10
TOP_SHARE = 100
"""One in so many images counts as strongest: the top 1 %."""

ClassValues = tuple[tuple[str, float], ...]
"""Classes with a number each, the largest first."""


@dataclass(frozen=True)
class Labels:
    """The classes of a data set's images."""

    names: tuple[str, ...]
    of_image: Tensor
    """`[images]`: index into `names`; -1 where an image has no label."""

    @classmethod
    def of(cls, dataset: Dataset) -> Labels:
        labels = [item.label for item in dataset.items]
        names = tuple(sorted({label for label in labels if label is not None}))
        place = {name: number for number, name in enumerate(names)}
        return cls(names, torch.tensor([place[n] if n is not None else -1 for n in labels]))


def means(stats: RunningStats, names: Sequence[str], row: int) -> ClassValues:
    """The classes with the highest mean activation of a unit."""
    present = stats.members > 0
    mean = stats.classes[:, row] / stats.members.clamp(min=1)
    value, place = mean.masked_fill(~present, -torch.inf).topk(min(SHOWN, int(present.sum())))
    return tuple((names[at], one) for at, one in zip(place.tolist(), value.tolist(), strict=True))


def strongest_count(images: int) -> int:
    """The number of images in the top 1 %, at least one."""
    return max(images // TOP_SHARE, 1)


def shares(maxima: Tensor, labels: Tensor, names: Sequence[str]) -> list[ClassValues]:
    """The share of each class among each unit's strongest 1 % of images.

    Args:
        maxima: `[images, units]`: each readable image's largest activation.
        labels: those images' classes, `[images]`.
        names: of the classes.
    """
    count = strongest_count(len(maxima))
    first = maxima.sort(dim=0, descending=True, stable=True).indices[:count]
    return [_shares(labels[images], names) for images in first.T]


def _shares(labels: Tensor, names: Sequence[str]) -> ClassValues:
    """By falling share, then by name."""
    counts = torch.bincount(labels[labels >= 0], minlength=len(names))
    value, place = counts.sort(descending=True, stable=True)
    pairs = zip(place.tolist()[:SHOWN], value.tolist()[:SHOWN], strict=True)
    return tuple((names[at], one / len(labels)) for at, one in pairs if one)
