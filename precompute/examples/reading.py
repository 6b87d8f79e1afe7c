"""Reading images in batches of one shape: decoded, viewed as the network sees them, padded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from precompute.examples.dataset import Dataset
from precompute.examples.view import BadImageError, View
from precompute.render.picture import from_uint8

# Every batch has this many pictures, short ones padded: rounding depends on a batch's shape. In
# bfloat16 GoogLeNet takes 11.8 ms a picture in batches of 16, 15.1 in batches of 32, whose maps
# fit no cache.
BATCH = 16

Batch = tuple[int, ...]
"""Numbers of images, ascending."""


@dataclass(frozen=True)
class Read:
    """What could be read of a batch."""

    numbers: tuple[int, ...]
    """Of the readable images."""
    pictures: Tensor
    """`[BATCH, 3, side, side]`, RGB in 0..1; behind the readable ones the first again."""
    skipped: tuple[str, ...]
    """The others, as `path: reason`."""


@dataclass(frozen=True)
class Reader:
    """A data set, as a network sees it."""

    dataset: Dataset
    view: View

    def batches(self, numbers: Iterable[int]) -> list[Batch]:
        """The images in batches: of which sizes does not depend on what can be read."""
        wanted = tuple(numbers)
        return [wanted[cut : cut + BATCH] for cut in range(0, len(wanted), BATCH)]

    def read(self, batch: Batch) -> Read:
        """Decodes a batch. Bad images are named, and stop nothing."""
        images: dict[int, Image.Image] = {}
        skipped = []
        for number in batch:
            try:
                images[number] = self.view.of(self.dataset.open(number))
            except BadImageError as reason:
                skipped.append(f"{self.dataset.items[number].path}: {reason}")
        seen = list(images.values()) or [Image.new("RGB", (self.view.crop, self.view.crop))]
        padded = seen + seen[:1] * (BATCH - len(seen))
        return Read(tuple(images), from_uint8(padded), tuple(skipped))
