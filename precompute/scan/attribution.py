"""Which outputs a unit argues for and against: gradient times activation, mean over a sample.

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
from precompute.images.decode import Batch, Read, batches, read
from precompute.images.view import View, quiet, view_for
from precompute.missing import Wanted
from precompute.network import LOGITS, Inception
from precompute.scan.interface import SILENT, Watch

IMAGES = 200
HIGHEST = 5
SHOWN = 8
"""Outputs on each side."""
# Of a batch's maps all gradients are kept at once: a quarter of what is only looked at.
AT_ONCE = 8


@dataclass(frozen=True)
class Effect:
    """What a unit does to an output."""

    output: int
    """A unit of `logits`."""
    value: float
    images: int
    """How many images' gradients were averaged."""


@dataclass(frozen=True)
class Effects:
    """The outputs a unit argues for, the strongest first, and those it argues against."""

    pro: tuple[Effect, ...]
    con: tuple[Effect, ...]


@dataclass(frozen=True)
class Sums:
    """Gradient times activation so far."""

    layers: dict[str, Tensor]
    """Layer → `[outputs, units]`, float64."""
    images: Tensor
    """`[outputs]`: how many images had each output among their highest."""

    def means(self, layer: str) -> Tensor:
        """`[outputs, units]`; NaN where an output was among no image's highest."""
        return self.layers[layer] / self.images[:, None]

    def of_units(self, layer: str) -> Iterator[Effects]:
        """Each unit's strongest effects; those of no size are left out."""
        for mean in self.means(layer).nan_to_num(0.0).T:
            pro, con = (self._strongest(sign * mean, sign) for sign in (1, -1))
            yield Effects(pro, con)

    def _strongest(self, value: Tensor, sign: int) -> tuple[Effect, ...]:
        sizes, outputs = value.sort(descending=True, stable=True)
        pairs = zip(sizes[:SHOWN].tolist(), outputs[:SHOWN].tolist(), strict=True)
        return tuple(
            Effect(output, sign * size, int(self.images[output]))
            for size, output in pairs
            if size > 0
        )


@dataclass(frozen=True)
class Part:
    """What a few images say: their highest outputs, the highest of each first."""

    outputs: Tensor
    """`[HIGHEST, n]`."""
    products: dict[str, Tensor]
    """Layer → `[HIGHEST, n, units]`: gradient times activation, summed over the map."""


@dataclass(frozen=True)
class Attributed:
    """What a batch of images says."""

    skipped: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Attribution:
    """Effects as a task."""

    units: Wanted
    view: View

    threads = None
    in_order = True  # sums in another order end in other digits

    def __call__(self, place: Workplace, batch: Batch) -> Attributed:
        """Reads a batch, and takes its gradients a few images at a time."""
        found = read(batch, self.view)
        parts = (_part(place.network, self.units, pictures) for pictures in _few(found))
        return Attributed(found.skipped, tuple(parts))

    def parts(self, batch: Batch) -> list[Batch]:
        """Image by image."""
        return batch.parts()

    def name(self, batch: Batch) -> str:
        """The images' paths."""
        return ", ".join(batch.names)


def effects(
    network: Inception,
    dataset: Dataset,
    units: Wanted,
    watch: Watch = SILENT,
    engine: Engine | None = None,
) -> tuple[Sums, tuple[str, ...]]:
    """The effects of these units on all outputs, over all images of a (sampled) data set.

    Args:
        network: frozen, float32.
        dataset: the sample; bad images are left out.
        units: of each layer with a map, the units that are wanted.
        watch: is told after each batch.
        engine: where the gradients are taken; default here.

    Returns:
        The sums, and the images that could not be read, as `path: reason`.
    """
    sums, skipped = _no_sums(network, units), list[str]()
    watch.begin("effects", len(dataset.items))
    task, own = Attribution(units, view_for(network.variant)), engine or Local(network)
    with quiet():
        for done in own.run(task, batches(dataset, range(len(dataset.items)))):
            for _, found in done.results:
                skipped += found.skipped
                for part in found.parts:
                    _take_in(sums, part)
            skipped += [f"{failure.name}: {failure.reason}" for failure in done.failures]
            watch.reach(done.item.numbers[-1] + 1)
    return sums, tuple(skipped)


def _no_sums(network: Inception, units: Wanted) -> Sums:
    """Before the first image."""
    outputs = network.layers[-1].channels
    return Sums(
        {layer: torch.zeros((outputs, len(w)), dtype=torch.float64) for layer, w in units.items()},
        torch.zeros(outputs, dtype=torch.int64),
    )


def _few(read: Read) -> Iterator[Tensor]:
    """The readable pictures, `AT_ONCE` at a time."""
    if read.numbers:
        yield from torch.split(read.pictures[: len(read.numbers)], AT_ONCE)


def _part(network: Inception, units: Wanted, pictures: Tensor) -> Part:
    """Some pictures' gradients times activations."""
    seen = pictures.to(network.mean.device).requires_grad_(True)
    found = network(seen, [*units, LOGITS], pre_relu=True)
    logits, maps = found[LOGITS], [found[layer] for layer in units]
    highest = logits.detach().topk(min(HIGHEST, logits.shape[1]), dim=1).indices.T
    products: dict[str, list[Tensor]] = {layer: [] for layer in units}
    for outputs in highest:
        chosen = logits.gather(1, outputs[:, None]).sum()
        gradients = torch.autograd.grad(chosen, maps, retain_graph=True)
        # Before the ReLU both factors are the same where it is open; where it is closed no
        # gradient comes through.
        for (layer, wanted), gradient, each in zip(units.items(), gradients, maps, strict=True):
            sums = (gradient * each.detach()).sum((2, 3)).cpu()
            products[layer].append(sums[:, list(wanted)])
    return Part(highest.cpu(), {layer: torch.stack(each) for layer, each in products.items()})


def _take_in(sums: Sums, part: Part) -> None:
    """Adds some pictures' effects."""
    for place, outputs in enumerate(part.outputs):
        for layer, products in part.products.items():
            sums.layers[layer].index_add_(0, outputs, products[place].double())
        sums.images.add_(torch.bincount(outputs, minlength=len(sums.images)))
