"""For each unit the images with the largest values: lists that are streamed into, and that merge.

An entry is one number, whose order is that of the values and, among equal values, the opposite of
the images' numbers: 32 bits of the one before 32 bits of the other. So a list is the largest of
its entries, and ties need no care.
"""

from __future__ import annotations

import torch
from torch import Tensor

# So many images are taken in before the lists are looked through.
AT_ONCE = 256
LOW = 2**32


class TopK:
    """For each unit the `k` images with the largest values, each image once.

    Ties are broken by the images' numbers: lower numbers go first. Memory is `units · k`, whatever
    the number of images.
    """

    def __init__(self, units: int, k: int) -> None:
        self.k = k
        self._keys = torch.zeros((units, 0), dtype=torch.int64)
        self._waiting: list[Tensor] = []

    def add(self, values: Tensor, images: Tensor) -> None:
        """Takes a batch in.

        Args:
            values: `[n, units]`, float32.
            images: their numbers `[n]`.
        """
        self._waiting.append(_keys(values, images[:, None]).T)
        if sum(part.shape[1] for part in self._waiting) >= AT_ONCE:
            self.keys()

    def merge(self, other: TopK) -> None:
        """Add the list of other images."""
        self._waiting.append(other.keys())

    def keys(self) -> Tensor:
        """`[units, k]` at most: the entries, the first one first."""
        if self._waiting:
            keys = torch.cat([self._keys, *self._waiting], 1)
            self._keys = keys.topk(min(self.k, keys.shape[1]), dim=1).values
            self._waiting = []
        return self._keys

    def restore(self, keys: Tensor) -> None:
        """Takes on what `keys` gave."""
        self._keys, self._waiting = keys, []

    @property
    def value(self) -> Tensor:
        """`[units, k]`, float32, falling."""
        return _turned((self.keys() >> 32).int()).view(torch.float32)

    @property
    def image(self) -> Tensor:
        """`[units, k]`, int32: whose values they are."""
        return (LOW - 1 - (self.keys() & (LOW - 1))).int()


def _keys(values: Tensor, images: Tensor) -> Tensor:
    bits = (values + 0.0).contiguous().view(torch.int32)  # adding makes -0 the same as 0
    return _turned(bits).long() * LOW + (LOW - 1 - images.long())


def _turned(bits: Tensor) -> Tensor:
    """A float's bits as a number of the same order, and back: negative ones count backwards."""
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
