"""How often a network is right over a labelled folder: the proof that it is what it should be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from app.errors import InputError
from precompute import engine
from precompute.examples.dataset import Dataset
from precompute.examples.reading import Batch, Read, Reader
from precompute.examples.view import quiet, view_for
from precompute.network import LOGITS, Inception
from precompute.network.classes import class_indices


@dataclass(frozen=True)
class Accuracy:
    """Shares of images, 0..1."""

    top1: float
    top5: float
    images: int
    skipped: tuple[str, ...]
    """Images that could not be read, as `path: reason`."""


def accuracy(network: Inception, dataset: Dataset) -> Accuracy:
    """Top-1 and top-5 over a folder whose subfolders are named as the network's classes are.

    Raises:
        InputError: the network's classes are not known, or a folder is not one of them.
    """
    indices = class_indices(network.variant.slug, network.layers[-1].channels)
    labels = [_label(item.folder, item.path, indices) for item in dataset.items]
    reader = Reader(dataset, view_for(network.variant))

    @torch.no_grad()
    def look(batch: Batch) -> tuple[Read, Tensor]:
        read = reader.read(batch)
        return read, network(read.pictures.to(network.mean))[LOGITS].cpu()

    skipped: list[str] = []
    right1 = right5 = images = 0
    workers = engine.workers_for(network.mean.device)
    with quiet():
        batches = reader.batches(range(len(labels)))
        for _, (read, logits) in engine.run(look, batches, workers):
            best = logits[: len(read.numbers)].topk(min(5, logits.shape[1])).indices
            hits = best == torch.tensor([labels[number] for number in read.numbers])[:, None]
            right1 += int(hits[:, :1].sum())
            right5 += int(hits.sum())
            images += len(read.numbers)
            skipped += read.skipped
    if not images:
        raise InputError(f"None of the {len(labels)} images can be read; the first: {skipped[0]}.")
    return Accuracy(right1 / images, right5 / images, images, tuple(skipped))


def _label(folder: str | None, path: str, indices: dict[str, int]) -> int:
    if folder is None or folder not in indices:
        raise InputError(
            f"{path} does not lie in a folder that is named as a class of this network is, such "
            f"as {next(iter(indices))}/."
        )
    return indices[folder]
