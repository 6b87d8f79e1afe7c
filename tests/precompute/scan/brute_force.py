"""The independent answer: keep every activation of every image, then sort and count with NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import torch

from precompute.images.dataset import Dataset
from precompute.images.view import View
from precompute.network import Inception

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Everything:
    """All activations of a layer before the ReLU, `[images, units, cells]`."""

    maps: Array
    paths: Sequence[str]
    labels: Sequence[str | None]

    @property
    def maxima(self) -> Array:
        maxima: Array = self.maps.max(2)
        return maxima

    def strongest(self, unit: int, k: int, sign: int = 1) -> list[int]:
        """Images by falling maximum (with sign -1 by rising minimum); ties by path."""
        extreme = (sign * self.maps[:, unit]).max(1)
        return sorted(range(len(extreme)), key=lambda i: (-extreme[i], self.paths[i]))[:k]

    def interval_of(self, unit: int) -> list[int]:
        """Each image's interval: 0 and 1 below zero, 2 to 11 above."""
        maxima = self.maxima[:, unit].astype(np.float32)
        low, high = min(maxima.min(), 0.0), max(maxima.max(), 0.0)
        edges = np.concatenate([np.linspace(low, 0, 3), np.linspace(0, high, 11)[1:]])
        return [_interval(value, edges.astype(np.float32)) for value in maxima]

    def drawn(self, unit: int, interval: int, each: int, seed: int = 0) -> set[int]:
        """The images with the lowest hashes of (seed, path) in an interval."""
        inside = [i for i, place in enumerate(self.interval_of(unit)) if place == interval]
        return set(sorted(inside, key=lambda i: _hash(seed, self.paths[i]))[:each])


def _interval(value: np.float32, edges: npt.NDArray[np.float32]) -> int:
    for place in range(len(edges) - 1):
        if edges[place] < value <= edges[place + 1]:
            return place
    return next(place for place in range(len(edges) - 1) if edges[place] < edges[place + 1])


def _hash(seed: int, path: str) -> bytes:
    return sha256(f"{seed}\x00{path}".encode()).digest()


@torch.no_grad()
def everything(
    network: Inception, dataset: Dataset, layers: Sequence[str]
) -> dict[str, Everything]:
    """One image at a time, all of it kept."""
    size = network.variant.input_size
    kept: dict[str, list[Array]] = {layer: [] for layer in layers}
    for index in range(len(dataset.items)):
        view = View(network.variant.shorter_side, size).of(dataset.source(index).open())
        array = np.asarray(view, dtype=np.float32).transpose(2, 0, 1) / 255
        found = network(torch.from_numpy(array.copy())[None], list(layers), pre_relu=True)
        for layer in layers:
            maps = found[layer][0]
            kept[layer].append(maps.reshape(len(maps), -1).double().numpy())
    paths = [item.path for item in dataset.items]
    labels = [item.label for item in dataset.items]
    return {layer: Everything(np.stack(maps), paths, labels) for layer, maps in kept.items()}
