"""The first pass: every image once, for the sums, extremes and candidates of every unit.

Batches are cut by image number and added in order. The result therefore depends neither on where
they are computed nor on where a pass was interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from precompute.executors.task import Workplace
from precompute.images.decode import BATCH, DecodedBatch, ImageBatch, batches, read
from precompute.images.view import View
from precompute.network import Inception
from precompute.scan.batch_stats import BatchStats, Sampling, batch_stats
from precompute.scan.class_selectivity import Labels
from precompute.scan.context import ScanContext, ScanRequest
from precompute.scan.maxima_table import Maxima
from precompute.scan.running_stats import RunningStats


@dataclass(frozen=True)
class ScannedBatch:
    """The result of the first pass for one batch of images."""

    numbers: tuple[int, ...]
    """Of the images that could be read."""
    skipped: tuple[str, ...]
    """The others, as `path: reason`."""
    stats: dict[str, BatchStats]
    """By layer; empty where no image could be read."""


@dataclass(frozen=True)
class FirstPassTask:
    """The statistics of a batch of images, as a task."""

    request: ScanRequest
    view: View

    threads = 1
    in_order = True  # sums in another order end in other digits

    def __call__(self, place: Workplace, batch: ImageBatch) -> ScannedBatch:
        """Read a batch, run the network, reduce the maps."""
        images = read(batch, self.view)
        network = place.network_in(self.request.dtype)
        stats = layer_stats(self.request, network, batch, images)
        return ScannedBatch(images.numbers, images.skipped, stats)

    def parts(self, batch: ImageBatch) -> list[ImageBatch]:
        """Image by image."""
        return batch.parts()

    def name(self, batch: ImageBatch) -> str:
        """The images' paths."""
        return ", ".join(batch.names)


@torch.no_grad()
def layer_stats(
    request: ScanRequest, network: Inception, batch: ImageBatch, images: DecodedBatch
) -> dict[str, BatchStats]:
    """A batch's statistics by layer; empty where no image could be read."""
    if not images.numbers:
        return {}
    pictures = images.pictures.to(network.mean.device)
    maps = network(pictures, list(request.units), pre_relu=True)
    return {
        layer: batch_stats(
            _select(values[: len(images.numbers)], request.channels[layer]),
            Sampling(f"{layer} {batch.numbers[0]}", request.dtype == "float32"),
        )
        for layer, values in maps.items()
    }


def _select(maps: Tensor, channels: Tensor) -> Tensor:
    """The requested channels; all of them without a copy."""
    if len(channels) == maps.shape[1]:
        return maps
    return maps[:, channels.to(maps.device)]


@dataclass
class FirstPass:
    """The state of the first pass."""

    stats: dict[str, RunningStats]
    readable: Tensor
    """`[images]`: which could be read."""
    skipped: list[str] = field(default_factory=list)
    batches: int = 0
    """How many are done."""

    def state(self) -> dict[str, object]:
        """As the checkpoint keeps it."""
        stats = {layer: each.state() for layer, each in self.stats.items()}
        rest = {"readable": self.readable, "skipped": self.skipped, "batches": self.batches}
        return {"accounts": stats, **rest}  # the key of version 0.1, whose scans can be resumed

    def restore(self, state: dict[str, object]) -> None:
        """Resume from a checkpoint."""
        stats = state["accounts"]
        assert isinstance(stats, dict)
        for layer, each in self.stats.items():
            each.restore(stats[layer])
        self.readable, self.skipped = state["readable"], state["skipped"]  # type: ignore[assignment]
        self.batches = state["batches"]  # type: ignore[assignment]

    def add(self, batch: ScannedBatch, maxima: Maxima, labels: Labels) -> None:
        """Add the statistics of a batch."""
        numbers = torch.tensor(batch.numbers, dtype=torch.int64)
        self.readable[numbers] = True
        self.skipped += batch.skipped
        for layer, stats in batch.stats.items():
            self.stats[layer].add(stats, numbers, labels.of_image[numbers])
            maxima.put(layer, numbers, stats.largest)


def first_pass(context: ScanContext, maxima: Maxima, labels: Labels) -> FirstPass:
    """Process all images, or those that an interrupted pass did not reach."""
    state = _resume(context, maxima, labels)
    count = len(context.dataset.items)
    context.progress.begin("examples", count)
    remaining = batches(context.dataset, range(state.batches * BATCH, count))
    for done in context.engine.run(FirstPassTask(context.request, context.view), remaining):
        for _, batch in done.results:
            state.add(batch, maxima, labels)
        state.skipped += [f"{failure.name}: {failure.reason}" for failure in done.failures]
        state.batches += 1
        context.progress.update(done.item.numbers[-1] + 1)
        if context.checkpoint.is_due:
            _save(context, maxima, state)
    _save(context, maxima, state)
    return state


def _resume(context: ScanContext, maxima: Maxima, labels: Labels) -> FirstPass:
    """The pass where it was interrupted, or before its first image."""
    readable = torch.zeros(len(context.dataset.items), dtype=torch.bool)
    state = FirstPass(empty_stats(context.request, labels), readable)
    if not maxima.is_new and (saved := context.checkpoint.load()):
        state.restore(saved)
    return state


def empty_stats(request: ScanRequest, labels: Labels) -> dict[str, RunningStats]:
    """Each layer's statistics before the first image."""
    return {
        layer: RunningStats.empty(len(units), request.candidates, len(labels.names))
        for layer, units in request.units.items()
    }


def _save(context: ScanContext, maxima: Maxima, state: FirstPass) -> None:
    """Save the state, after the table that it relies on."""
    maxima.flush()
    context.checkpoint.save(state.state())
