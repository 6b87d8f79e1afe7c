"""The drawn images as tensors: training pictures once in memory, batches cropped from them.

Training draws the seeds from 0 on and the held-out pictures start at HELD_OUT_SEED, so that they
never meet. Nothing is mirrored or turned: handedness and orientation are what the classes are.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from precompute.stimuli import CLASSES, DEFAULT_SIZE, HELD_OUT_SEED, DrawnCollection, draw

log = logging.getLogger(__name__)

CROP = 224


@dataclass(frozen=True)
class Pictures:
    """Images `[n, 256, 256, 3]`, uint8, and the index of each one's class `[n]`."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def centred(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches in order, as networks are evaluated: the crop in the middle.

        Yields images `[n, 3, 224, 224]`, 0..1, and labels `[n]`.
        """
        start = (self.images.shape[1] - CROP) // 2
        for first in range(0, len(self), batch):
            view = self.images[first : first + batch, start : start + CROP, start : start + CROP]
            yield view.permute(0, 3, 1, 2).float() / 255.0, self.labels[first : first + batch]

    def shuffled(self, batch: int, rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches in random order, of random crops; what is left over is dropped.

        Yields as `centred` does.
        """
        order = torch.randperm(len(self), generator=rng)
        for chosen in order[: len(self) - len(self) % batch].view(-1, batch):
            yield self._cropped(chosen, rng), self.labels[chosen]

    def _cropped(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        room = self.images.shape[1] - CROP
        corners = torch.randint(0, room + 1, (len(chosen), 2), generator=rng).tolist()
        crops = [
            self.images[index, y : y + CROP, x : x + CROP]
            for index, (y, x) in zip(chosen.tolist(), corners, strict=True)
        ]
        return torch.stack(crops).permute(0, 3, 1, 2).float() / 255.0


def training(per_class: int) -> Pictures:
    """Draws the training pictures: the seeds 0 to `per_class - 1` of every class."""
    if not 0 < per_class <= HELD_OUT_SEED:
        raise ValueError(f"{per_class} pictures per class: it takes 1 to {HELD_OUT_SEED}")
    return _drawn(DrawnCollection(per_class, first_seed=0))


def held_out(per_class: int) -> Pictures:
    """Draws pictures that training never shows."""
    return _drawn(DrawnCollection(per_class))


def _drawn(collection: DrawnCollection) -> Pictures:
    log.info("drawing %d pictures of %d classes", len(collection), len(CLASSES))
    images = np.empty((len(collection), DEFAULT_SIZE, DEFAULT_SIZE, 3), dtype=np.uint8)
    labels = np.empty(len(collection), dtype=np.int64)
    for index, item in enumerate(collection):
        images[index], labels[index] = draw(item.slug, item.seed), item.label
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels))
