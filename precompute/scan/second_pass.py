"""The second look: images that are shown for some unit are seen once more, in float32.

The first pass may compute in bfloat16, which is enough to find candidates. Here they get the
activations that are stored and ranked by, with position and heat map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from precompute.executors.task import Workplace
from precompute.images.decode import Batch, batches, read
from precompute.images.view import View
from precompute.scan.entries import MINIMUM, Entries, heats
from precompute.scan.interface import Asked, Scanner


@dataclass(frozen=True)
class Chosen:
    """Entries of a layer that are of some images; every tensor is `[entries]`."""

    places: Tensor
    """Where they stand in the layer's table."""
    kind: Tensor
    row: Tensor
    image: Tensor

    def of(self, which: Tensor) -> Chosen:
        """Some of them."""
        return Chosen(self.places[which], self.kind[which], self.row[which], self.image[which])


@dataclass(frozen=True)
class Sight:
    """Images, and the entries that are to be measured on them."""

    batch: Batch
    chosen: Mapping[str, Chosen]
    """By layer."""

    def addressed(self) -> Sight:
        return replace(self, batch=self.batch.addressed())

    def is_here(self) -> bool:
        return self.batch.is_here()

    def carried(self) -> Sight:
        return replace(self, batch=self.batch.carried())


@dataclass(frozen=True)
class Measured:
    """What was measured of some entries of a layer."""

    places: Tensor
    value: Tensor
    cell: Tensor
    heat: list[bytes | None]


@dataclass(frozen=True)
class Measure:
    """The second look at images."""

    asked: Asked
    view: View

    threads = 1
    in_order = True

    @torch.no_grad()
    def __call__(self, place: Workplace, sight: Sight) -> dict[str, Measured]:
        """Reads the images and measures what is to be measured on them."""
        found, network = read(sight.batch, self.view), place.network
        if not found.numbers:
            return {}
        pictures, numbers = found.pictures.to(network.mean.device), torch.tensor(found.numbers)
        maps = network(pictures, list(self.asked.units), pre_relu=True)
        of_layers = (
            (layer, self._of_layer(layer, maps[layer], numbers.int(), chosen))
            for layer, chosen in sight.chosen.items()
        )
        return {layer: measured for layer, measured in of_layers if measured is not None}

    def parts(self, sight: Sight) -> list[Sight]:
        """Image by image."""
        return [
            Sight(part, {n: c.of(c.image == part.numbers[0]) for n, c in sight.chosen.items()})
            for part in sight.batch.parts()
        ]

    def name(self, sight: Sight) -> str:
        """The images' paths."""
        return ", ".join(sight.batch.names)

    def _of_layer(
        self, layer: str, found: Tensor, numbers: Tensor, chosen: Chosen
    ) -> Measured | None:
        # An image that could be read before may be gone: what is not measured is not shown.
        at = torch.searchsorted(numbers, chosen.image).clamp(max=len(numbers) - 1)
        there = numbers[at] == chosen.image
        if not there.any():
            return None
        own = chosen.of(there)
        maps = _maps(found, at[there], self.asked.channels[layer][own.row])
        return _measured(maps, own.places, own.kind == MINIMUM)


def measure(scanner: Scanner, entries: Mapping[str, Entries]) -> list[str]:
    """Fills in each entry's value, cell and heat map.

    Args:
        scanner: with the network in float32.
        entries: each layer's candidates, to be filled in.

    Returns:
        The images that could not be seen again, though they could be read, as `path: reason`.
    """
    task, done, lost = Measure(scanner.asked, scanner.view), 0, list[str]()
    for each in scanner.engine_in_use.run(task, _sights(scanner, entries)):
        for _, found in each.results:
            for layer, measured in found.items():
                _fill(entries[layer], measured)
        lost += [f"{failure.name}: {failure.reason}" for failure in each.failures]
        done += len(each.item.batch.numbers)
        scanner.watch.reach(done)
    return lost


def _sights(scanner: Scanner, entries: Mapping[str, Entries]) -> Iterator[Sight]:
    """Every image that some entry is of, in batches."""
    wanted = torch.unique(torch.cat([each.image for each in entries.values()])).tolist()
    by_image = {layer: _by_image(each) for layer, each in entries.items()}
    for batch in batches(scanner.dataset, wanted):
        yield Sight(
            batch,
            {layer: _chosen(each, by_image[layer], batch) for layer, each in entries.items()},
        )


def _by_image(entries: Entries) -> tuple[Tensor, Tensor]:
    """The entries' places by image, and the images in that order."""
    images, places = entries.image.sort(stable=True)
    return places, images


def _chosen(entries: Entries, by_image: tuple[Tensor, Tensor], batch: Batch) -> Chosen:
    """The entries from a batch's first image to its last."""
    places, images = by_image
    ends = torch.tensor((batch.numbers[0], batch.numbers[-1] + 1), dtype=images.dtype)
    first, stop = torch.searchsorted(images, ends).tolist()
    own = places[first:stop]
    return Chosen(own, entries.kind[own], entries.row[own], entries.image[own])


def _maps(found: Tensor, images: Tensor, channels: Tensor) -> Tensor:
    """`[entries, h, w]`: of each entry's image its unit's map."""
    chosen = found[images.to(found.device), channels.to(found.device)]
    return chosen if chosen.ndim == 3 else chosen[:, None, None]


def _measured(maps: Tensor, places: Tensor, is_minimum: Tensor) -> Measured:
    """The extreme of each map: its largest cell, of a minimum example its smallest."""
    sign = torch.where(is_minimum, -1.0, 1.0)
    signed = maps * sign.to(maps.device)[:, None, None]
    value, cell = signed.flatten(1).max(1)
    return Measured(places, value.cpu() * sign, cell.int().cpu(), heats(signed.clamp(min=0)))


def _fill(entries: Entries, measured: Measured) -> None:
    entries.value[measured.places] = measured.value
    entries.cell[measured.places] = measured.cell
    for place, heat in zip(measured.places.tolist(), measured.heat, strict=True):
        entries.heat[place] = heat
