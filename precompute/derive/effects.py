"""Which outputs a unit argues for and against: gradient times activation, mean over a sample.

To first order, what a logit would lose if the unit were silent is the gradient of the logit by the
unit's activation, times the activation, summed over the map (Simonyan et al. 2013, arXiv
1312.6034; the attribution of Olah et al. 2018, "The Building Blocks of Interpretability"). Of each
image the gradients of its five highest logits are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.examples.dataset import Dataset
from precompute.examples.reading import Read, Reader
from precompute.examples.scanner import SILENT, Watch
from precompute.examples.view import quiet, view_for
from precompute.network import LOGITS, Inception
from precompute.plan import Wanted

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


def effects(
    network: Inception, dataset: Dataset, units: Wanted, watch: Watch = SILENT
) -> tuple[Sums, tuple[str, ...]]:
    """The effects of these units on all outputs, over all images of a (sampled) data set.

    Args:
        network: frozen, float32.
        dataset: the sample; bad images are left out.
        units: of each layer with a map, the units that are wanted.
        watch: is told after each batch.

    Returns:
        The sums, and the images that could not be read, as `path: reason`.
    """
    outputs = network.layers[-1].channels
    sums = Sums(
        {layer: torch.zeros((outputs, len(w)), dtype=torch.float64) for layer, w in units.items()},
        torch.zeros(outputs, dtype=torch.int64),
    )
    reader, skipped = Reader(dataset, view_for(network.variant)), list[str]()
    watch.begin("effects", len(dataset.items))
    with quiet():
        for batch in reader.batches(range(len(dataset.items))):
            read = reader.read(batch)
            skipped += read.skipped
            for part in _parts(read):
                _add(network, units, part, sums)
            watch.reach(batch[-1] + 1)
    return sums, tuple(skipped)


def _parts(read: Read) -> Iterator[Tensor]:
    """The readable pictures, `AT_ONCE` at a time."""
    if read.numbers:
        yield from torch.split(read.pictures[: len(read.numbers)], AT_ONCE)


def _add(network: Inception, units: Wanted, pictures: Tensor, sums: Sums) -> None:
    """Adds some pictures' effects."""
    seen = pictures.to(network.mean.device).requires_grad_(True)
    found = network(seen, [*units, LOGITS], pre_relu=True)
    logits = found[LOGITS]
    highest = logits.detach().topk(min(HIGHEST, logits.shape[1]), dim=1).indices
    for outputs in highest.T:
        chosen = logits.gather(1, outputs[:, None]).sum()
        maps = [found[layer] for layer in units]
        gradients = torch.autograd.grad(chosen, maps, retain_graph=True)
        # Before the ReLU both factors are the same where it is open; where it is closed no
        # gradient comes through.
        products = (g * m.detach() for g, m in zip(gradients, maps, strict=True))
        _take_in(sums, units, outputs.cpu(), [each.sum((2, 3)).cpu() for each in products])


def _take_in(
    sums: Sums, units: Mapping[str, Sequence[int]], outputs: Tensor, products: Sequence[Tensor]
) -> None:
    for (layer, wanted), product in zip(units.items(), products, strict=True):
        sums.layers[layer].index_add_(0, outputs, product[:, list(wanted)].double())
    sums.images.add_(torch.bincount(outputs, minlength=len(sums.images)))
