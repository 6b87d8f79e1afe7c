"""Looking at images as a task: what a batch of them says of every unit, as a value that travels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.executors.task import Workplace
from precompute.images.decode import Batch, Read, read
from precompute.images.view import View
from precompute.network import Inception
from precompute.scan.batch_stats import Sampling, Seen, see
from precompute.scan.interface import Asked


@dataclass(frozen=True)
class Looked:
    """What a batch says."""

    numbers: tuple[int, ...]
    """Of the images that could be read."""
    skipped: tuple[str, ...]
    """The others, as `path: reason`."""
    seen: dict[str, Seen]
    """Of each layer; nothing where none could be read."""


@dataclass(frozen=True)
class Look:
    """The first look at images."""

    asked: Asked
    view: View

    threads = 1
    in_order = True  # sums in another order end in other digits

    def __call__(self, place: Workplace, batch: Batch) -> Looked:
        """Reads a batch and sees what it says."""
        found = read(batch, self.view)
        seen = seen_of(self.asked, place.network_in(self.asked.dtype), batch, found)
        return Looked(found.numbers, found.skipped, seen)

    def parts(self, batch: Batch) -> list[Batch]:
        """Image by image."""
        return batch.parts()

    def name(self, batch: Batch) -> str:
        """The images' paths."""
        return ", ".join(batch.names)


@torch.no_grad()
def seen_of(asked: Asked, network: Inception, batch: Batch, read: Read) -> dict[str, Seen]:
    """What a batch says of each layer; nothing where none of it could be read."""
    if not read.numbers:
        return {}
    pictures, every = read.pictures.to(network.mean.device), asked.dtype == "float32"
    found = network(pictures, list(asked.units), pre_relu=True)
    return {
        layer: see(
            wanted(maps[: len(read.numbers)], asked.channels[layer]),
            Sampling(f"{layer} {batch.numbers[0]}", every),
        )
        for layer, maps in found.items()
    }


def wanted(maps: Tensor, channels: Tensor) -> Tensor:
    """The channels that are asked for; all of them without a copy."""
    if len(channels) == maps.shape[1]:
        return maps
    return maps[:, channels.to(maps.device)]
