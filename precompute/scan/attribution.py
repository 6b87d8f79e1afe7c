"""The effect of units on the logits: gradient times activation, averaged over a sample of images.

To first order, what a logit would lose if the unit were silent is the gradient of the logit by the
unit's activation, times the activation, summed over the map (Simonyan et al. 2013, arXiv
1312.6034; the attribution of Olah et al. 2018, "The Building Blocks of Interpretability"). Of each
image the gradients of its five highest logits are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.executors.local import Local
from precompute.executors.task import Engine, Workplace
from precompute.images.dataset import Dataset
from precompute.images.decode import DecodedBatch, ImageBatch, batches, read
from precompute.images.view import View, quiet, view_for
from precompute.missing import Wanted
from precompute.network import LOGITS, Inception
from precompute.scan.context import Silent, StageProgress

IMAGES = 200
HIGHEST = 5
SHOWN = 8
"""Logits of each sign that are kept of a unit."""
# The gradients of all maps are in memory together, so fewer images than in a scan's batch.
AT_ONCE = 8


@dataclass(frozen=True)
class LogitEffect:
    """The effect of a unit on a logit."""

    output: int
    """A unit of `logits`."""
    value: float
    images: int
    """How many images' gradients were averaged."""


@dataclass(frozen=True)
class UnitEffects:
    """The logits that a unit raises most and lowers most, the strongest first."""

    raised: tuple[LogitEffect, ...]
    lowered: tuple[LogitEffect, ...]


@dataclass(frozen=True)
class EffectSums:
    """Sums of gradient times activation over images."""

    layers: dict[str, Tensor]
    """Layer → `[outputs, units]`, float64."""
    images: Tensor
    """`[outputs]`: how many images had each output among their highest."""

    def means(self, layer: str) -> Tensor:
        """`[outputs, units]`; NaN where an output was among no image's highest."""
        return self.layers[layer] / self.images[:, None]

    def of_units(self, layer: str) -> Iterator[UnitEffects]:
        """Each unit's strongest effects; zeros are left out."""
        for mean in self.means(layer).nan_to_num(0.0).T:
            raised, lowered = (self._strongest(sign * mean, sign) for sign in (1, -1))
            yield UnitEffects(raised, lowered)

    def _strongest(self, value: Tensor, sign: int) -> tuple[LogitEffect, ...]:
        sizes, outputs = value.sort(descending=True, stable=True)
        pairs = zip(sizes[:SHOWN].tolist(), outputs[:SHOWN].tolist(), strict=True)
        return tuple(
            LogitEffect(output, sign * size, int(self.images[output]))
            for size, output in pairs
            if size > 0
        )

    def add(self, part: GradientProducts) -> None:
        """Add the effects on some images."""
        for rank, outputs in enumerate(part.outputs):
            for layer, products in part.products.items():
                self.layers[layer].index_add_(0, outputs, products[rank].double())
            self.images.add_(torch.bincount(outputs, minlength=len(self.images)))


@dataclass(frozen=True)
class GradientProducts:
    """Gradient times activation on a few images, for each of their highest logits."""

    outputs: Tensor
    """`[HIGHEST, n]`: the highest logits, the highest first."""
    products: dict[str, Tensor]
    """Layer → `[HIGHEST, n, units]`: gradient times activation, summed over the map."""


@dataclass(frozen=True)
class AttributedBatch:
    """The result for a batch of images."""

    skipped: tuple[str, ...]
    parts: tuple[GradientProducts, ...]


@dataclass(frozen=True)
class AttributionTask:
    """The effects on a batch of images, as a task."""

    units: Wanted
    view: View

    threads = None
    in_order = True  # sums in another order end in other digits

    def __call__(self, place: Workplace, batch: ImageBatch) -> AttributedBatch:
        """Read a batch, and take its gradients a few images at a time."""
        images = read(batch, self.view)
        parts = (_products(place.network, self.units, few) for few in _split(images))
        return AttributedBatch(images.skipped, tuple(parts))

    def parts(self, batch: ImageBatch) -> list[ImageBatch]:
        """Image by image."""
        return batch.parts()

    def name(self, batch: ImageBatch) -> str:
        """The images' paths."""
        return ", ".join(batch.names)


def effects(
    network: Inception,
    dataset: Dataset,
    units: Wanted,
    progress: StageProgress | None = None,
    executor: Engine | None = None,
) -> tuple[EffectSums, tuple[str, ...]]:
    """The effects of units on all logits, over all images of a (sampled) data set.

    Args:
        network: frozen, float32.
        dataset: the sample; bad images are skipped.
        units: by layer; only layers with a map.
        progress: receives an update after each batch.
        executor: default this process.

    Returns:
        The sums, and the images that could not be read, as `path: reason`.
    """
    progress, executor = progress or Silent(), executor or Local(network)
    sums, skipped = _empty_sums(network, units), list[str]()
    progress.begin("effects", len(dataset.items))
    task = AttributionTask(units, view_for(network.variant))
    with quiet():
        for done in executor.run(task, batches(dataset, range(len(dataset.items)))):
            for _, batch in done.results:
                skipped += batch.skipped
                for part in batch.parts:
                    sums.add(part)
            skipped += [f"{failure.name}: {failure.reason}" for failure in done.failures]
            progress.update(done.item.numbers[-1] + 1)
    return sums, tuple(skipped)


def _empty_sums(network: Inception, units: Wanted) -> EffectSums:
    """Before the first image."""
    outputs = network.layers[-1].channels
    return EffectSums(
        {layer: torch.zeros((outputs, len(w)), dtype=torch.float64) for layer, w in units.items()},
        torch.zeros(outputs, dtype=torch.int64),
    )


def _split(images: DecodedBatch) -> Iterator[Tensor]:
    """The readable pictures, `AT_ONCE` at a time."""
    if images.numbers:
        yield from torch.split(images.pictures[: len(images.numbers)], AT_ONCE)


def _products(network: Inception, units: Wanted, pictures: Tensor) -> GradientProducts:
    """Gradients times activations on some pictures."""
    inputs = pictures.to(network.mean.device).requires_grad_(True)
    activations = network(inputs, [*units, LOGITS], pre_relu=True)
    logits, maps = activations[LOGITS], [activations[layer] for layer in units]
    highest = logits.detach().topk(min(HIGHEST, logits.shape[1]), dim=1).indices.T
    products: dict[str, list[Tensor]] = {layer: [] for layer in units}
    for outputs in highest:
        chosen = logits.gather(1, outputs[:, None]).sum()
        gradients = torch.autograd.grad(chosen, maps, retain_graph=True)
        # Before the ReLU both factors are the same where it is open; where it is closed no
        # gradient comes through.
        for (layer, indices), gradient, each in zip(units.items(), gradients, maps, strict=True):
            sums = (gradient * each.detach()).sum((2, 3)).cpu()
            products[layer].append(sums[:, list(indices)])
    return GradientProducts(
        highest.cpu(), {layer: torch.stack(each) for layer, each in products.items()}
    )
