"""The second look: images that are shown for some unit are seen once more, in float32.

The first pass may compute in bfloat16, which is enough to find candidates. Here they get the
activations that are stored and ranked by, with position and heat map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute import engine
from precompute.examples.entries import MINIMUM, Entries
from precompute.examples.heat import heats
from precompute.examples.reading import Batch
from precompute.examples.scanner import Scanner


@dataclass(frozen=True)
class Measured:
    """What was measured of some entries of a layer."""

    places: Tensor
    value: Tensor
    cell: Tensor
    heat: list[bytes | None]


def measure(scanner: Scanner, entries: Mapping[str, Entries]) -> None:
    """Fills in each entry's value, cell and heat map.

    Args:
        scanner: with the network in float32.
        entries: each layer's candidates, to be filled in.
    """
    wanted = torch.unique(torch.cat([each.image for each in entries.values()])).tolist()
    by_image = {layer: _by_image(each) for layer, each in entries.items()}

    def look(batch: Batch) -> dict[str, Measured]:
        return dict(_look(scanner, entries, by_image, batch))

    done = 0
    for batch, found in engine.run(look, scanner.reader.batches(wanted), scanner.workers):
        for layer, measured in found.items():
            _fill(entries[layer], measured)
        done += len(batch)
        scanner.watch.reach(done)


def _by_image(entries: Entries) -> tuple[Tensor, Tensor]:
    """The entries' places by image, and the images in that order."""
    images, places = entries.image.sort(stable=True)
    return places, images


@torch.no_grad()
def _look(
    scanner: Scanner,
    entries: Mapping[str, Entries],
    by_image: Mapping[str, tuple[Tensor, Tensor]],
    batch: Batch,
) -> Iterator[tuple[str, Measured]]:
    read, network = scanner.reader.read(batch), scanner.network
    if not read.numbers:
        return
    numbers = torch.tensor(read.numbers, dtype=torch.int32)
    found = network(read.pictures.to(network.mean.device), list(entries), pre_relu=True)
    for layer, each in entries.items():
        places = _of_images(by_image[layer], numbers)
        # An image that could be read before may be gone: what is not measured is not shown.
        at = torch.searchsorted(numbers, each.image[places]).clamp(max=len(numbers) - 1)
        there = numbers[at] == each.image[places]
        if there.any():
            chosen = places[there]
            maps = _maps(found[layer], at[there], scanner.channels[layer][each.row[chosen]])
            yield layer, _measured(maps, chosen, each.kind[chosen] == MINIMUM)


def _of_images(by_image: tuple[Tensor, Tensor], numbers: Tensor) -> Tensor:
    """The places of the entries from a batch's first image to its last."""
    places, images = by_image
    first, last = (
        torch.searchsorted(images, numbers[0]),
        torch.searchsorted(images, numbers[-1], right=True),
    )
    return places[int(first) : int(last)]


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
