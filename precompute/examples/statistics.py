"""Streaming statistics over units: what is kept of all images without keeping all activations."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Maxima:
    """Each image's largest activation of each unit, and where it lies in the map."""

    value: Tensor
    """`[n, units]`, float32."""
    cell: Tensor
    """`[n, units]`, `y · width + x`; the first of equals."""
    width: int

    @classmethod
    def of(cls, activations: Tensor) -> Maxima:
        """From `[n, units, h, w]`, or `[n, units]` for a layer without a map."""
        flat = activations.float().flatten(2) if activations.ndim == 4 else activations[..., None]
        value, cell = flat.max(2)
        return cls(value, cell, activations.shape[-1] if activations.ndim == 4 else 1)


class Top:
    """For each unit the `k` images with the largest maxima, at most once each.

    Ties are broken by the images' order: earlier images go first. Memory is `units · k`, whatever
    the number of images.
    """

    def __init__(self, units: int, k: int) -> None:
        self.k = k
        self.value = torch.full((units, 0), -torch.inf)
        self.image = torch.zeros((units, 0), dtype=torch.int64)
        self.cell = torch.zeros((units, 0), dtype=torch.int64)

    def add(self, maxima: Maxima, images: Tensor) -> None:
        """Takes a batch in.

        Args:
            maxima: of `n` images.
            images: their numbers `[n]`, larger than all that were added before.
        """
        units = len(self.value)
        value = torch.cat([self.value, maxima.value.T.cpu()], dim=1)
        image = torch.cat([self.image, images.expand(units, -1)], dim=1)
        cell = torch.cat([self.cell, maxima.cell.T.cpu()], dim=1)
        # Stable, so that of equal values the earlier image stays before the later one.
        self.value, order = value.sort(dim=1, descending=True, stable=True)
        self.value, order = self.value[:, : self.k], order[:, : self.k]
        self.image, self.cell = image.gather(1, order), cell.gather(1, order)
