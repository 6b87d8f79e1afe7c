"""The second pass: the candidates are measured in float32.

The first pass may compute in bfloat16, which is enough to find candidates. This one computes the
activations that they are ranked by, with position and heat map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from precompute.executors.task import Workplace
from precompute.images.decode import ImageBatch, batches, read
from precompute.images.view import View
from precompute.scan.context import ScanContext, ScanRequest
from precompute.scan.entries import MINIMUM, Entries, heat_maps


@dataclass(frozen=True)
class EntrySelection:
    """Some entries of a layer; every tensor is `[entries]`."""

    index: Tensor
    """Into the layer's table."""
    kind: Tensor
    row: Tensor
    image: Tensor

    @classmethod
    def of(cls, entries: Entries, index: Tensor) -> Self:
        return cls(index, entries.kind[index], entries.row[index], entries.image[index])

    def where(self, mask: Tensor) -> EntrySelection:
        """The entries where the mask `[entries]` is true."""
        return EntrySelection(self.index[mask], self.kind[mask], self.row[mask], self.image[mask])


@dataclass(frozen=True)
class EntryBatch:
    """A batch of images, and the entries to measure on them."""

    images: ImageBatch
    entries: Mapping[str, EntrySelection]
    """By layer."""

    def addressed(self) -> EntryBatch:
        return replace(self, images=self.images.addressed())

    def is_here(self) -> bool:
        return self.images.is_here()

    def carried(self) -> EntryBatch:
        return replace(self, images=self.images.carried())


@dataclass(frozen=True)
class EntryMeasurements:
    """The measurements of some entries of a layer."""

    index: Tensor
    value: Tensor
    cell: Tensor
    heat: list[bytes | None]


@dataclass(frozen=True)
class SecondPassTask:
    """The measurement of entries, as a task."""

    request: ScanRequest
    view: View

    threads = 1
    in_order = True

    @torch.no_grad()
    def __call__(self, place: Workplace, batch: EntryBatch) -> dict[str, EntryMeasurements]:
        """Read the images and measure the entries, by layer."""
        images, network = read(batch.images, self.view), place.network
        if not images.numbers:
            return {}
        pictures = images.pictures.to(network.mean.device)
        numbers = torch.tensor(images.numbers, dtype=torch.int32)
        maps = network(pictures, list(self.request.units), pre_relu=True)
        measurements = (
            (layer, self._measure(layer, maps[layer], numbers, entries))
            for layer, entries in batch.entries.items()
        )
        return {layer: each for layer, each in measurements if each is not None}

    def parts(self, batch: EntryBatch) -> list[EntryBatch]:
        """Image by image."""
        return [
            EntryBatch(
                part,
                {
                    layer: entries.where(entries.image == part.numbers[0])
                    for layer, entries in batch.entries.items()
                },
            )
            for part in batch.images.parts()
        ]

    def name(self, batch: EntryBatch) -> str:
        """The images' paths."""
        return ", ".join(batch.images.names)

    def _measure(
        self, layer: str, maps: Tensor, numbers: Tensor, entries: EntrySelection
    ) -> EntryMeasurements | None:
        # An image that the first pass read may be gone: its entries stay unmeasured.
        at = torch.searchsorted(numbers, entries.image).clamp(max=len(numbers) - 1)
        is_read = numbers[at] == entries.image
        if not is_read.any():
            return None
        readable = entries.where(is_read)
        unit_maps = _unit_maps(maps, at[is_read], self.request.channels[layer][readable.row])
        return _extremes(unit_maps, readable.index, readable.kind == MINIMUM)


def measure(context: ScanContext, entries: Mapping[str, Entries]) -> list[str]:
    """Fill in each entry's value, cell and heat map.

    Args:
        context: with the network in float32.
        entries: each layer's candidates.

    Returns:
        The images that the first pass read and this one could not, as `path: reason`.
    """
    task, count, lost = SecondPassTask(context.request, context.view), 0, list[str]()
    for done in context.engine.run(task, _batches(context, entries)):
        for _, measurements in done.results:
            for layer, each in measurements.items():
                _fill(entries[layer], each)
        lost += [f"{failure.name}: {failure.reason}" for failure in done.failures]
        count += len(done.item.images.numbers)
        context.progress.update(count)
    return lost


def _batches(context: ScanContext, entries: Mapping[str, Entries]) -> Iterator[EntryBatch]:
    """The images of all entries in batches, each with its entries."""
    images = torch.unique(torch.cat([each.image for each in entries.values()])).tolist()
    by_image = {layer: each.image.sort(stable=True) for layer, each in entries.items()}
    for batch in batches(context.dataset, images):
        yield EntryBatch(
            batch,
            {layer: _of_batch(each, *by_image[layer], batch) for layer, each in entries.items()},
        )


def _of_batch(entries: Entries, images: Tensor, order: Tensor, batch: ImageBatch) -> EntrySelection:
    """The entries from a batch's first image to its last; `images` are sorted, by `order`."""
    ends = torch.tensor((batch.numbers[0], batch.numbers[-1] + 1), dtype=images.dtype)
    first, stop = torch.searchsorted(images, ends).tolist()
    return EntrySelection.of(entries, order[first:stop])


def _unit_maps(maps: Tensor, images: Tensor, channels: Tensor) -> Tensor:
    """`[entries, h, w]`: the map of each entry's unit on its image."""
    chosen = maps[images.to(maps.device), channels.to(maps.device)]
    return chosen if chosen.ndim == 3 else chosen[:, None, None]


def _extremes(maps: Tensor, index: Tensor, is_minimum: Tensor) -> EntryMeasurements:
    """The largest cell of each map, or the smallest where the entry is a minimum."""
    sign = torch.where(is_minimum, -1.0, 1.0)
    signed = maps * sign.to(maps.device)[:, None, None]
    value, cell = signed.flatten(1).max(1)
    return EntryMeasurements(
        index, value.cpu() * sign, cell.int().cpu(), heat_maps(signed.clamp(min=0))
    )


def _fill(entries: Entries, measurements: EntryMeasurements) -> None:
    entries.value[measurements.index] = measurements.value
    entries.cell[measurements.index] = measurements.cell
    for index, heat in zip(measurements.index.tolist(), measurements.heat, strict=True):
        entries.heat[index] = heat
