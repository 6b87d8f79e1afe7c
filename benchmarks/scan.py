"""The scan against the network alone, and against the way that people write: `make bench-scan`.

In one run, on BVLC's weights and a folder of photographs: the plain network's forward pass and
ours on tensors in memory; a loop of one image at a time that keeps all activations; the first pass
(decoding, forward pass, statistics) and the second look (float32, places, heat maps). More images
than the folder has are cut anew from its photographs, so that all of them differ.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from benchmarks.console import echo, timed
from benchmarks.plain import GoogLeNet
from benchmarks.render import MODEL
from precompute.executors.devices import find_dtype, fix_threads, workers_for
from precompute.executors.local import in_threads
from precompute.images.dataset import Dataset, Item
from precompute.images.decode import batches, read
from precompute.images.find_dataset import find_dataset
from precompute.images.source import ImageSource
from precompute.images.view import view_for
from precompute.network import Inception, find, load
from precompute.network.precision import in_dtype
from precompute.request import AUTO
from precompute.scan.context import ScanRequest
from precompute.scan.scan import scan

PURE = 256
"""Images of which the forward pass alone is timed, in a few batches."""
NAIVE = 48


@dataclass(frozen=True)
class Varied:
    """A data set of any size: each photograph in ever other cuts, so that no two are alike."""

    whole: Dataset
    count: int
    slug: str = "varied"
    title: str = "varied photographs"
    licence: str = "not stated"
    private: bool = True
    fingerprint: str = ""

    @cached_property
    def items(self) -> Sequence[Item]:
        own = self.whole.items
        return [
            Item(f"{number:07d}", own[number % len(own)].label, own[number % len(own)].folder)
            for number in range(self.count)
        ]

    def source(self, index: int) -> ImageSource:
        turn, number = divmod(index, len(self.whole.items))
        return Cut(self.whole.source(number), turn)


@dataclass(frozen=True)
class Cut:
    """A photograph, cut anew at every turn."""

    photograph: ImageSource
    turn: int

    def open(self) -> Image.Image:
        image, turn = self.photograph.open(), self.turn
        width, height = image.size
        cut = 1 - 0.3 * (turn % 10) / 10
        box = (0, 0, round(width * cut), round(height * cut))
        return image.crop(box) if turn else image


@dataclass
class Stages:
    """When each stage of a scan began."""

    begun: list[tuple[str, float]] = field(default_factory=list)

    def begin(self, stage: str, total: int) -> None:
        self.begun.append((stage, time.perf_counter()))

    def update(self, done: float) -> None: ...

    def seconds(self) -> list[float]:
        """Of each stage, until the next one began; of the last, until now."""
        times = [moment for _, moment in self.begun] + [time.perf_counter()]
        return [after - before for before, after in pairwise(times)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="BVLC's weights; default the cache's")
    parser.add_argument("--images", default="imagenet-sample", help="a folder, or its name")
    parser.add_argument("--counts", default="1000,10000", help="how many images are scanned")
    asked = parser.parse_args()
    fix_threads()
    weights = find(MODEL, asked.weights).path
    network, photographs = load(MODEL, weights), find_dataset(asked.images)
    plain = plain_seconds(weights, network, photographs)
    pure = pure_seconds(network, photographs)
    echo(f"plain float32 forward pass: {plain * 1000:.1f} ms an image")
    ratio = f"{pure * 1000:.1f} ms, {plain / pure:.2f} times faster"
    echo(f"our forward pass, {dtype_of(network)}: {ratio}")
    naive = naive_seconds(weights, network, photographs)
    echo(f"one image at a time, all activations kept: {naive * 1000:.1f} ms")
    for count in map(int, asked.counts.split(",")):
        for sentence in scanned(network, Varied(photographs, count), pure, naive):
            echo(sentence)


def dtype_of(network: Inception) -> str:
    """What the first pass computes with here."""
    return find_dtype(AUTO, network.mean.device)


def pictures(network: Inception, dataset: Dataset, count: int) -> list[Tensor]:
    """Batches of views, in memory."""
    view = view_for(network.variant)
    return [read(batch, view).pictures for batch in batches(dataset, range(count))]


def plain_seconds(weights: Path, network: Inception, dataset: Dataset) -> float:
    """Of the plain network for an image, in batches in memory, on all cores."""
    plain, seen = GoogLeNet(load_file(weights)).eval(), pictures(network, dataset, 64)

    @torch.no_grad()
    def look(batch: Tensor) -> Tensor:
        result: Tensor = plain(batch.contiguous())
        return result

    look(seen[0])
    return timed(lambda: [look(batch) for batch in seen]) / 64


def pure_seconds(network: Inception, dataset: Dataset) -> float:
    """Of our network for an image: the scan's batches, workers and type, and all layers."""
    fast, seen = in_dtype(network, dtype_of(network)), pictures(network, dataset, PURE)
    layers, workers = [layer.name for layer in network.layers], workers_for(fast.mean.device)

    @torch.no_grad()
    def look(batch: Tensor) -> object:
        return fast(batch, layers, pre_relu=True)

    def job() -> None:
        drain(in_threads(look, seen, workers))

    job()
    return min(timed(job), timed(job)) / PURE


def naive_seconds(weights: Path, network: Inception, dataset: Dataset) -> float:
    """For an image, decoded, seen and kept one at a time."""
    plain, kept = GoogLeNet(load_file(weights)).eval(), list[Tensor]()
    for name, module in plain.named_children():
        if name.startswith(("conv", "mixed")):
            module.register_forward_hook(lambda *given: kept.append(given[2]))
    view = view_for(network.variant)

    @torch.no_grad()
    def job() -> None:
        for number in range(NAIVE):
            (single,) = batches(dataset, (number,))
            plain(read(single, view).pictures[:1].contiguous())

    return timed(job) / NAIVE


def scanned(network: Inception, dataset: Varied, pure: float, naive: float) -> Iterable[str]:
    """The stages of a scan of all layers, and what they are of the forward pass alone."""
    units = {layer.name: tuple(range(layer.channels)) for layer in network.layers}
    stages = Stages()
    with tempfile.TemporaryDirectory() as scratch:
        request = ScanRequest(units, dtype=dtype_of(network))
        found, _ = scan(network, dataset, request, Path(scratch), stages)
        first, *rest = stages.seconds()
        second = sum(rest)
    images = found.images
    yield f"{images:,} images:"
    yield (
        f"  first pass {images / first:.1f} images a second, {pure * images / first:.0%} of the "
        f"forward pass alone, {naive * images / first:.1f} times the naive loop"
    )
    yield (
        f"  second look {second:.0f} s; together {images / (first + second):.1f} images a second, "
        f"{pure * images / (first + second):.0%}"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield f"  peak of memory so far: {peak:.2f} GiB"


def drain(items: Iterable[object]) -> None:
    """Takes all of them, and keeps none."""
    for _ in items:
        pass


if __name__ == "__main__":
    main()
