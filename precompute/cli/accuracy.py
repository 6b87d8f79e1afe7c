"""Top-1 and top-5 accuracy over a labelled folder, which verifies a network's weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from app.errors import InputError
from app.text import many
from precompute.executors.local import Local
from precompute.executors.task import Workplace
from precompute.images.dataset import Dataset
from precompute.images.decode import ImageBatch, batches, read
from precompute.images.view import View, quiet, view_for
from precompute.network import LOGITS, Inception
from precompute.network.class_names import class_indices


@dataclass(frozen=True)
class Accuracy:
    """Shares of images, 0..1."""

    top1: float
    top5: float
    images: int
    skipped: tuple[str, ...]
    """Images that could not be read, as `path: reason`."""


@dataclass(frozen=True)
class BatchLogits:
    """The logits of a batch of images."""

    numbers: tuple[int, ...]
    skipped: tuple[str, ...]
    logits: Tensor
    """`[images, classes]` of those that could be read."""


@dataclass(frozen=True)
class ClassificationTask:
    """The logits of a batch of images, as a task."""

    view: View

    threads = 1
    in_order = True

    @torch.no_grad()
    def __call__(self, place: Workplace, batch: ImageBatch) -> BatchLogits:
        images, network = read(batch, self.view), place.network
        logits = network(images.pictures.to(network.mean))[LOGITS].cpu()
        return BatchLogits(images.numbers, images.skipped, logits[: len(images.numbers)])

    def parts(self, batch: ImageBatch) -> list[ImageBatch]:
        """Image by image."""
        return batch.parts()

    def name(self, batch: ImageBatch) -> str:
        """The images' paths."""
        return ", ".join(batch.names)


def accuracy(network: Inception, dataset: Dataset) -> Accuracy:
    """Top-1 and top-5 over a folder whose subfolders are named as the network's classes are.

    Raises:
        InputError: the network's classes are not known, or a folder is not one of them.
    """
    indices = class_indices(network.variant.slug, network.layers[-1].channels)
    labels = [_label(item.folder, item.path, indices) for item in dataset.items]
    task, skipped = ClassificationTask(view_for(network.variant)), list[str]()
    right1 = right5 = images = 0
    with quiet():
        for done in Local(network).run(task, batches(dataset, range(len(labels)))):
            for _, batch in done.results:
                best = batch.logits.topk(min(5, batch.logits.shape[1])).indices
                hits = best == torch.tensor([labels[each] for each in batch.numbers])[:, None]
                right1 += int(hits[:, :1].sum())
                right5 += int(hits.sum())
                images += len(batch.numbers)
                skipped += batch.skipped
            skipped += [f"{failure.name}: {failure.reason}" for failure in done.failures]
    if not images:
        number = many(len(labels), "image")
        raise InputError(f"Of {number} none can be read; the first: {skipped[0]}.")
    return Accuracy(right1 / images, right5 / images, images, tuple(skipped))


def _label(folder: str | None, path: str, indices: dict[str, int]) -> int:
    if folder is None or folder not in indices:
        raise InputError(
            f"{path} does not lie in a folder that is named as a class of this network is, such "
            f"as {next(iter(indices))}/."
        )
    return indices[folder]
