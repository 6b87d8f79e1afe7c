"""Heat maps: where in an image a unit was excited, small and in eight bits."""

from __future__ import annotations

import zlib

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 14
"""Cells along a side, at most: a larger map's are the maxima of squares of its cells."""


def heats(maps: Tensor) -> list[bytes | None]:
    """Maps `[n, h, w]` after the ReLU as zlib-compressed bytes, row by row; None without a map.

    255 is a map's own largest value.
    """
    if maps.shape[-1] == 1:
        return [None] * len(maps)
    small = maps if maps.shape[-1] <= SIDE else F.max_pool2d(maps, -(-maps.shape[-1] // SIDE))
    largest = small.amax((1, 2), keepdim=True)
    scaled = torch.where(largest > 0, small * (255 / largest), 0.0).round().to(torch.uint8)
    return [zlib.compress(each.tobytes()) for each in scaled.cpu().numpy()]
