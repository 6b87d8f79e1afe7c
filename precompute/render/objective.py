"""Objectives: what a picture is optimised for, as one number per picture.

An objective sees a layer's activations before the ReLU, for a batch in which every picture has
its own unit. It must not know how pictures are made or changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from precompute.network import LOGITS


@dataclass(frozen=True)
class Channel:
    """The mean of a unit's map after the ReLU; for `logits`, the logit itself.

    Source: Olah et al. 2017, "Feature Visualization": the channel objective.
    """

    layer: str

    def value(self, maps: Tensor) -> Tensor:
        """`[n, cells, cells]` before the ReLU → `[n]`: what the picture is measured by."""
        active = maps if self.layer == LOGITS else F.relu(maps)
        return active.mean((1, 2))

    def ascent(self, maps: Tensor) -> Tensor:
        """`[n, cells, cells]` before the ReLU → `[n]`: what the optimiser climbs.

        It is the value, but for a unit whose ReLU is closed over the whole map: that one would
        pass no gradient and stay dead, so it climbs its mean before the ReLU until it opens
        (after Lucid's issue 68, which redirects the ReLU's gradient for the same reason).
        """
        closed = (maps <= 0).all(2).all(1)
        return self.value(maps) + maps.mean((1, 2)) * closed * (self.layer != LOGITS)


def unit_maps(activations: Tensor, units: Tensor) -> Tensor:
    """Each picture's own unit: `[n, c, h, w]` or `[n, c]`, and `[n]` → `[n, h, w]`."""
    index = units.view(-1, *[1] * (activations.ndim - 1))
    chosen = activations.take_along_dim(index, dim=1).squeeze(1)
    return chosen if chosen.ndim == 3 else chosen.view(-1, 1, 1)
