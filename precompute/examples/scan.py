"""One pass over a data set: every image is read once, for all units of all layers asked for.

Images are decoded by threads ahead of the network. It writes nothing: what it found comes back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import torch
from PIL import Image

from precompute.examples.dataset import Dataset
from precompute.examples.statistics import Maxima, Top
from precompute.examples.view import BadImageError, View, quiet, view_for
from precompute.network import Inception
from precompute.render.picture import from_uint8

T = TypeVar("T")

# Every batch has this many images, short ones padded: rounding depends on a batch's shape.
BATCH = 32
DECODERS = 2
# Decoded views that wait for the network, at most: 9.6 MB.
AHEAD = 2 * BATCH


@dataclass(frozen=True)
class Found:
    """What a scan found."""

    top: dict[str, Top]
    """Of each layer, rows in the order in which its units were asked for."""
    width: dict[str, int]
    """Cells along a row of each layer's map."""
    images: int
    """How many were read."""
    skipped: tuple[str, ...]
    """Those that could not be, as `path: reason`."""


@dataclass
class _Pass:
    """What is known so far."""

    top: dict[str, Top]
    width: dict[str, int] = field(default_factory=dict)
    images: int = 0
    skipped: list[str] = field(default_factory=list)


def scan(
    network: Inception,
    dataset: Dataset,
    units: Mapping[str, Sequence[int]],
    top: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Found:
    """Finds each unit's top examples by the maximum over its map, before the ReLU.

    Args:
        network: frozen.
        dataset: what to read; a bad image is skipped and named.
        units: of each layer the units that are wanted.
        top: how many examples each unit keeps.
        progress: called after each batch with images done and in all.
    """
    state = _Pass({layer: Top(len(wanted), top) for layer, wanted in units.items()})
    with quiet():
        for batch in batches(views(dataset, view_for(network.variant), state.skipped), BATCH):
            _take_in(network, units, batch, state)
            progress(batch[-1][0] + 1, len(dataset.items))
    return Found(state.top, state.width, state.images, tuple(state.skipped))


@torch.no_grad()
def _take_in(
    network: Inception,
    units: Mapping[str, Sequence[int]],
    batch: Sequence[tuple[int, Image.Image]],
    state: _Pass,
) -> None:
    seen = [image for _, image in batch]
    padded = seen + seen[:1] * (BATCH - len(seen))
    pictures = from_uint8(padded).to(network.mean.device, network.mean.dtype)
    found = network(pictures, layers=list(units), pre_relu=True)
    numbers = torch.tensor([index for index, _ in batch])
    for layer, wanted in units.items():
        maxima = Maxima.of(found[layer][: len(seen), list(wanted)])
        state.top[layer].add(maxima, numbers)
        state.width[layer] = maxima.width
    state.images += len(seen)


def views(dataset: Dataset, view: View, skipped: list[str]) -> Iterator[tuple[int, Image.Image]]:
    """Each readable image's number and view, in order, decoded ahead by threads.

    Those that cannot be read are added to `skipped`, as `path: reason`.
    """

    def read(index: int) -> Image.Image:
        return view.of(dataset.open(index))

    waiting: deque[tuple[int, Future[Image.Image]]] = deque()
    with ThreadPoolExecutor(DECODERS) as pool:
        numbers = iter(range(len(dataset.items)))
        while True:
            for index in islice(numbers, AHEAD - len(waiting)):
                waiting.append((index, pool.submit(read, index)))
            if not waiting:
                return
            index, future = waiting.popleft()
            try:
                yield index, future.result()
            except BadImageError as reason:
                skipped.append(f"{dataset.items[index].path}: {reason}")


def batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items; the last may be shorter."""
    while batch := list(islice(items, size)):
        yield batch
