"""Which units are excited by the same images: the correlation of their maxima over images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
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


# To turn the leaves of 1,024 units takes 3 s of one core, of all layers of GoogLeNet 6 s; of 2,048
# units 26 s, and from there on it grows with more than their third power. A network with more
# classes than that has them as the tree stands, whose neighbours are 3 to 11 % farther apart (of
# GoogLeNet's layers, over 1,000 photographs).
TURNED = 2048

Table = npt.NDArray[np.float64]


def places(correlation: Tensor, is_alive: Tensor) -> list[int]:
    """Each unit's place, from 0; those that are dead, or never change, come last, by index.

    Args:
        correlation: `[units, units]`; 0 throughout for a unit that never changes.
        is_alive: `[units]`, bool: whether a unit is above 0 anywhere.
    """
    table = correlation.double().numpy()
    is_placed = is_alive.numpy() & (table.diagonal() > 0)
    (some,), (rest,) = np.nonzero(is_placed), np.nonzero(~is_placed)
    order = [*some[leaves(table[np.ix_(some, some)])].tolist(), *rest.tolist()]
    found = [0] * len(order)
    for place, unit in enumerate(order):
        found[unit] = place
    return found


def leaves(correlation: Table) -> npt.NDArray[np.intp]:
    """The order of units that all change, `[units]`.

    An order and its reverse are alike: the end whose unit is more like all others comes first.
    """
    if len(correlation) < 3:
        return np.arange(len(correlation))
    distance = 1 - (correlation + correlation.T) / 2
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance.clip(min=0), checks=False)
    is_turned = len(correlation) <= TURNED
    tree = linkage(condensed, "average", optimal_ordering=is_turned)
    order: npt.NDArray[np.intp] = leaves_list(tree)
    first, last = correlation[order[0]].sum(), correlation[order[-1]].sum()
    return order[::-1] if last > first else order
