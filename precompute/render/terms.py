"""The objectives to begin with: channel, neuron, negative, direction, deepdream, diversity.

`unit` is one index for all pictures of a batch, or one for each. Sources: Olah et al. 2017,
"Feature Visualization" (channel, neuron, negative, diversity); Mordvintsev et al. 2015,
"Inceptionism" (deepdream); Carter et al. 2019, "Activation Atlas" (directions with a cosine).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from precompute.network import LOGITS
from precompute.render.objective import Activations, Objective

Units = int | tuple[int, ...]

# The activation atlas's floor under the cosine: a picture that points away still gets a gradient.
LEAST_COSINE = 0.1
TINY = 1e-10


@dataclass(frozen=True)
class OfLayer(Objective):
    """An objective that reads one layer."""

    layer: str

    @property
    def layers(self) -> frozenset[str]:
        return frozenset((self.layer,))


@dataclass(frozen=True)
class OfUnit(OfLayer):
    """An objective that reads the map of one unit, each picture its own."""

    unit: Units

    def maps(self, activations: Activations) -> Tensor:
        """`[n, cells, cells]` before the ReLU."""
        return unit_maps(activations[self.layer], self.unit)

    def __str__(self) -> str:
        units = (self.unit,) if isinstance(self.unit, int) else self.unit
        return f"{type(self).__name__.lower()}({self.layer}:{','.join(map(str, units))})"


class Channel(OfUnit):
    """The mean of a unit's map after the ReLU; for `logits`, the logit itself."""

    def __call__(self, activations: Activations) -> Tensor:
        maps = self.maps(activations)
        return (maps if self.layer == LOGITS else redirected(maps)).mean((1, 2))


@dataclass(frozen=True)
class Neuron(OfUnit):
    """One cell of a unit's map, before the ReLU.

    Without a `cell` it is the centre: of an even map, the lower right of the middle four.
    """

    cell: tuple[int, int] | None = None

    def __call__(self, activations: Activations) -> Tensor:
        maps = self.maps(activations)
        y, x = self.cell or centre(maps)
        return maps[:, y, x]


class Negative(OfUnit):
    """How far a unit is suppressed: minus the mean of its map before the ReLU."""

    def __call__(self, activations: Activations) -> Tensor:
        return -self.maps(activations).mean((1, 2))


@dataclass(frozen=True, eq=False)
class Direction(OfLayer):
    """How far a layer's activations after the ReLU point along a vector over its channels.

    The dot product, mean over the positions of the map; with `cosine` p it is weighted by
    max(0.1, cosine of the angle)^p at each position, which asks for this direction and nothing
    else beside it.

    Args:
        layer: the layer's name; `logits` has one position and no ReLU.
        vector: `[channels]`, or `[n, channels]` for one a picture.
        cosine: the power of the cosine; 0 is the plain dot product.
    """

    vector: Tensor
    cosine: float = 0.0

    def __call__(self, activations: Activations) -> Tensor:
        found = activations[self.layer]
        cells = found[..., None] if found.ndim == 2 else F.relu(found).flatten(2)
        vector = self.vector.to(cells).view(-1, cells.shape[1], 1)
        dot: Tensor = (cells * vector).sum(1)
        if self.cosine:
            cosine = dot / (cells.norm(dim=1) * vector.norm(dim=1) + TINY)
            dot = dot * cosine.clamp(min=LEAST_COSINE) ** self.cosine
        return dot.mean(1)

    def __str__(self) -> str:
        power = f", cosine^{self.cosine:g}" if self.cosine else ""
        return f"direction({self.layer}{power})"


@dataclass(frozen=True)
class DeepDream(OfLayer):
    """The mean of a whole layer's squared activations after the ReLU."""

    def __call__(self, activations: Activations) -> Tensor:
        found = activations[self.layer]
        active = found if self.layer == LOGITS else F.relu(found)
        return active.square().flatten(1).mean(1)

    def __str__(self) -> str:
        return f"deepdream({self.layer})"


@dataclass(frozen=True)
class Diversity(OfLayer):
    """How alike a picture is to the others of its group: to be subtracted from an objective.

    The sum, over the group's other pictures, of the cosine between their Gram matrices of the
    layer's activations after the ReLU (Lucid's form of Olah et al. 2017, "Diversity").

    Args:
        layer: the layer whose Gram matrices are compared.
        group: pictures that lie beside each other in the batch and are to differ.
    """

    group: int = 4

    def __call__(self, activations: Activations) -> Tensor:
        grams = gram(F.relu(activations[self.layer])).flatten(1)
        groups = F.normalize(grams, dim=1, eps=TINY).view(-1, self.group, grams.shape[1])
        alike = groups @ groups.mT
        others: Tensor = alike.sum(2) - alike.diagonal(dim1=1, dim2=2)
        return others.flatten()

    def __str__(self) -> str:
        return f"diversity({self.layer})"


@dataclass(frozen=True)
class Level(Objective):
    """Another objective's value as a factor that the optimiser does not climb.

    It makes a weight a share: `o - 0.1 * Level(o) * p` costs a tenth of `o` for each `p`, whatever
    the size of the layer's activations.
    """

    of: Objective

    @property
    def layers(self) -> frozenset[str]:
        return self.of.layers

    def __call__(self, activations: Activations) -> Tensor:
        return self.of(activations).detach()

    def __str__(self) -> str:
        return f"level({self.of})"


def gram(activations: Tensor) -> Tensor:
    """`[n, c, h, w]` → `[n, c, c]`: which channels are active together, wherever they are."""
    cells = activations.flatten(2)
    return cells @ cells.mT


def redirected(maps: Tensor) -> Tensor:
    """`[n, h, w]` after the ReLU, whose gradient still flows where the whole map is closed.

    A unit whose ReLU is closed everywhere passes no gradient and would stay dead: its gradient is
    taken as if there were no ReLU until it opens (Lucid's issue 68). The values are the ReLU's.
    """
    closed = (maps <= 0).flatten(1).all(1)[:, None, None]
    return F.relu(maps) + (maps - maps.detach()) * closed


def unit_maps(activations: Tensor, unit: int | Sequence[int]) -> Tensor:
    """Each picture's own unit: `[n, c, h, w]` or `[n, c]` → `[n, h, w]`."""
    chosen = activations[:, unit] if isinstance(unit, int) else _each(activations, unit)
    return chosen if chosen.ndim == 3 else chosen.view(-1, 1, 1)


def centre(maps: Tensor) -> tuple[int, int]:
    """The cell (y, x) in the middle of `[..., h, w]`; of an even side, the later of the two."""
    return maps.shape[-2] // 2, maps.shape[-1] // 2


def _each(activations: Tensor, units: Sequence[int]) -> Tensor:
    index = torch.tensor(units, device=activations.device)
    return activations.take_along_dim(index.view(-1, *[1] * (activations.ndim - 1)), 1).squeeze(1)
