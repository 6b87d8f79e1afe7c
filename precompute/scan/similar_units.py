"""Which units are excited by the same images: the correlation of their maxima over images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.scan.maxima_table import Maxima

NEAREST = 8
"""Units in the same layer, and as many in others."""
ROWS = 512


@dataclass(frozen=True)
class Neighbour:
    """A unit that is excited by the same images as another."""

    layer: str
    row: int
    """Its place among the layer's units."""
    correlation: float


@dataclass(frozen=True)
class Neighbours:
    """A unit's nearest, the nearest first."""

    within: tuple[Neighbour, ...]
    """In its own layer."""
    beyond: tuple[Neighbour, ...]
    """In others."""


def neighbours(correlation: Tensor, maxima: Maxima) -> dict[str, list[Neighbours]]:
    """Each layer's units' nearest, by Pearson's correlation over the readable images.

    Args:
        correlation: `[units, units]` over all layers; its diagonal is overwritten.
        maxima: of all images.
    """
    found = {}
    for layer, columns in maxima.columns.items():
        own = correlation[columns]
        own.diagonal(columns.start).fill_(-torch.inf)  # nobody is their own neighbour
        inside = torch.zeros(own.shape[1], dtype=torch.bool)
        inside[columns] = True
        within = _nearest(own.masked_fill(~inside, -torch.inf), maxima)
        beyond = _nearest(own.masked_fill(inside, -torch.inf), maxima)
        found[layer] = [Neighbours(*pair) for pair in zip(within, beyond, strict=True)]
    return found


def correlations(maxima: Maxima, readable: Tensor) -> Tensor:
    """`[units, units]` over all layers, float32; of a unit that never changes 0.

    Args:
        maxima: of all images.
        readable: `[images]`, bool.
    """
    mean, deviation = _moments(maxima, readable)
    total = torch.zeros(len(mean), len(mean))
    for part in _parts(maxima, readable):
        standard = ((part - mean) / deviation).float()
        total.addmm_(standard.T, standard)
    return total.div_(int(readable.sum())).clamp_(-1, 1)


def _moments(maxima: Maxima, readable: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each unit, float64; infinite where it never changes."""
    count = int(readable.sum())
    mean = sum((part.sum(0) for part in _parts(maxima, readable)), torch.zeros(())) / count
    square = sum(
        ((part - mean).square().sum(0) for part in _parts(maxima, readable)), torch.zeros(())
    )
    deviation = (square / count).sqrt()
    return mean, torch.where(deviation > 1e-6 * mean.abs(), deviation, torch.inf)


def _parts(maxima: Maxima, readable: Tensor) -> Iterator[Tensor]:
    """Some images' rows at a time, float64: memory does not grow with the number of images."""
    for start in range(0, len(readable), ROWS):
        rows = slice(start, start + ROWS)
        yield maxima.rows(rows)[readable[rows]].double()


def _nearest(correlation: Tensor, maxima: Maxima) -> Iterator[tuple[Neighbour, ...]]:
    value, place = correlation.topk(min(NEAREST, correlation.shape[1]), dim=1)
    homes = [
        (layer, row)
        for layer, columns in maxima.columns.items()
        for row in range(columns.stop - columns.start)
    ]
    for values, places in zip(value.tolist(), place.tolist(), strict=True):
        found = [(*homes[at], one) for one, at in zip(values, places, strict=True) if one > 0]
        yield tuple(Neighbour(layer, row, one) for layer, row, one in found)
