"""The examples of a layer's units in one flat table: candidates at first, then measured.

Each unit has a list of each kind: `top`, `minimum`, `interval-0` to `interval-11`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from precompute.scan.candidates import TopK
from precompute.scan.intervals import INTERVALS, Range

TOP, MINIMUM = 0, 1
KINDS = ("top", "minimum", *(f"interval-{number}" for number in range(INTERVALS)))


@dataclass
class Entries:
    """The lists of a layer's units; every column is `[entries]`."""

    kind: Tensor
    """Index into `KINDS`."""
    row: Tensor
    """The unit's index among the layer's units."""
    image: Tensor
    value: Tensor = field(init=False)
    """The activation before the ReLU in float32; NaN until it is measured."""
    cell: Tensor = field(init=False)
    """Its cell: `y · width + x`."""
    heat: list[bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self.value = torch.full((len(self.image),), torch.nan)
        self.cell = torch.zeros(len(self.image), dtype=torch.int32)
        self.heat = [None] * len(self.image)

    def ranked(self, most: int) -> Iterator[tuple[int, int, list[int]]]:
        """Each list as (row, kind, indices of its entries by rank), at most `most` long."""
        sign = torch.where(self.kind == MINIMUM, 1.0, -1.0)
        order = _sorted((self.image, sign * self.value, self.kind, self.row))
        order = order[~self.value[order].isnan()]
        groups = (self.row * len(KINDS) + self.kind)[order]
        _, counts = torch.unique_consecutive(groups, return_counts=True)
        for group in torch.split(order, counts.tolist()):
            row, kind = int(self.row[group[0]]), int(self.kind[group[0]])
            yield row, kind, group[:most].tolist()


def candidates(top: TopK, low: TopK, ranges: Sequence[Range]) -> Entries:
    """A layer's candidates: the strongest, the weakest, and those drawn from the intervals."""
    parts = [_columns(TOP, top), _columns(MINIMUM, low)]
    rows = [
        (2 + number, row, image)
        for row, each in enumerate(ranges)
        for number, images in enumerate(each.drawn)
        for image in images.tolist()
    ]
    parts.append(torch.tensor(rows, dtype=torch.int32).view(-1, 3).T)
    return Entries(*torch.cat(parts, 1))


def _columns(kind: int, top: TopK) -> Tensor:
    """`[3, entries]`: kind, row, image."""
    units, k = top.image.shape
    rows = torch.arange(units, dtype=torch.int32)[:, None].expand(units, k)
    return torch.stack([torch.full_like(top.image, kind), rows, top.image]).flatten(1)


def _sorted(keys: Iterable[Tensor]) -> Tensor:
    """The indices sorted by the last key, then by the one before, and so on."""
    order: Tensor | None = None
    for key in keys:
        indices = (key if order is None else key[order]).sort(stable=True).indices
        order = indices if order is None else order[indices]
    assert order is not None
    return order


SIDE = 14
"""Largest side of a stored heat map; larger maps are max-pooled."""


def heat_maps(maps: Tensor) -> list[bytes | None]:
    """Maps `[n, h, w]` after the ReLU as zlib-compressed bytes, row by row; None without a map.

    255 is a map's own largest value.
    """
    if maps.shape[-1] == 1:
        return [None] * len(maps)
    small = maps if maps.shape[-1] <= SIDE else F.max_pool2d(maps, -(-maps.shape[-1] // SIDE))
    largest = small.amax((1, 2), keepdim=True)
    scaled = torch.where(largest > 0, small * (255 / largest), 0.0).round().to(torch.uint8)
    return [zlib.compress(each.tobytes()) for each in scaled.cpu().numpy()]
