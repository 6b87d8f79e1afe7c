"""The network: one module, built from the table in `architecture.py`, for every variant.

Takes RGB in 0..1, normalises it itself, stops at the last layer asked for, and returns layers by
name. It knows nothing of weights files, pictures or databases.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from app.errors import InputError
from app.unit_names import LOGITS
from precompute.network.architecture import (
    Conv,
    MaxPool,
    Mixed,
    ResponseNorm,
    Step,
    Variant,
)
from precompute.network.layers import Layer, layers, map_sizes
from precompute.network.response_norm import rectified_norm

SMALLEST_INPUT = 32


class Inception(nn.Module):
    """InceptionV1 in one of its variants.

    Its parameters are named canonically: `conv2d0.weight`, `mixed3a_1x1.bias`,
    `mixed3a_3x3_bottleneck.weight`, …, `logits.weight`; kernels are `[out, in, kh, kw]`.

    Args:
        variant: the row of `architecture.VARIANTS` to build.
        classes: the number of outputs; default the variant's own.
    """

    mean: Tensor

    def __init__(self, variant: Variant, classes: int | None = None) -> None:
        super().__init__()
        self.variant = variant
        self.layers: tuple[Layer, ...] = layers(variant, classes)
        for conv in variant.convolutions():
            self.add_module(conv.name, _convolution(conv, variant.same_padding))
        self.logits = nn.Linear(variant.features, classes or variant.classes)
        mean = torch.tensor(variant.normalisation.mean).view(1, 3, 1, 1)
        self.register_buffer("mean", mean, persistent=False)

    def forward(
        self, images: Tensor, layers: Sequence[str] = (LOGITS,), pre_relu: bool = False
    ) -> dict[str, Tensor]:
        """Activations of the layers asked for, in the order asked.

        Args:
            images: `[n, 3, h, w]`, RGB in 0..1, sides of at least 32 px.
            layers: names of layers; `logits` is one.
            pre_relu: return activations before the ReLU. `logits` has none: it is the same.

        Returns:
            `{name: [n, channels, cells, cells]}`; `logits` is `[n, classes]`.

        Raises:
            InputError: a layer that the network does not have, or a picture too small.
        """
        self._check(images, layers)
        wanted, found = set(layers), {}
        x = self.normalise(images).to(self.logits.weight.dtype)
        rectified = True
        for step in self.variant.steps:
            x, rectified = self._step(step, x, rectified)
            if isinstance(step, Conv | Mixed) and step.name in wanted:
                found[step.name] = x if pre_relu else F.relu(x)
            if len(found) == len(wanted):
                break
        if LOGITS in wanted:
            found[LOGITS] = self.logits(F.relu(x).mean((2, 3)))
        return {name: found[name] for name in layers}

    def normalise(self, images: Tensor) -> Tensor:
        """From RGB in 0..1 to what the network was trained on; `[n, 3, h, w]` both."""
        normalisation = self.variant.normalisation
        x = images.flip(1) if normalisation.bgr else images
        return x * normalisation.scale - self.mean

    def layer(self, name: str) -> Layer:
        """The layer of this name.

        Raises:
            InputError: there is none; the message lists those there are.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in self.layers)
        raise InputError(f"{self.variant.slug} has no layer {name!r}. Its layers are: {known}.")

    def cells(self, layer: str, size: int) -> int:
        """Cells along a side of a layer's map for a square picture of `size` pixels."""
        return map_sizes(self.variant, size)[layer]

    def _check(self, images: Tensor, layers: Sequence[str]) -> None:
        for name in layers:
            self.layer(name)
        if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < SMALLEST_INPUT:
            raise InputError(
                f"The network takes pictures as [n, 3, h, w] with sides of at least "
                f"{SMALLEST_INPUT} px, not {list(images.shape)}."
            )

    def _step(self, step: Step, x: Tensor, rectified: bool) -> tuple[Tensor, bool]:
        """The step's output, and whether its ReLU is done.

        Max pooling and the ReLU change places freely, and after pooling a ReLU is a quarter of
        the work; the normalisation does it on the way.
        """
        match step:
            case MaxPool():
                return _max_pool(x, step, self.variant.same_padding), rectified
            case ResponseNorm():
                return rectified_norm(x, step), True
            case Conv():
                return self._convolve(step, x if rectified else F.relu(x)), False
            case Mixed():
                return self._mix(step, x if rectified else F.relu(x)), False

    def _convolve(self, conv: Conv, x: Tensor) -> Tensor:
        if conv.stride > 1 and self.variant.same_padding:
            x = F.pad(x, _same(x, conv.kernel, conv.stride))
        module: Tensor = self.get_submodule(conv.name)(x)
        return module

    def _mix(self, step: Mixed, x: Tensor) -> Tensor:
        """The four branches' outputs before their ReLU: one ReLU serves the concatenation."""
        one, three, five, pool = step.branches
        pooled = F.max_pool2d(x, 3, stride=1, padding=1)
        read = ((one, x), (three, x), (five, x), (pool, pooled))
        return torch.cat([self._chain(convs, source) for convs, source in read], dim=1)

    def _chain(self, convs: tuple[Conv, ...], x: Tensor) -> Tensor:
        for conv in convs[:-1]:
            x = F.relu(self._convolve(conv, x))
        return self._convolve(convs[-1], x)


def _convolution(conv: Conv, same_padding: bool) -> nn.Conv2d:
    """SAME padding of a strided convolution depends on the input's size: it is done by hand."""
    padding = 0 if conv.stride > 1 and same_padding else conv.kernel // 2
    return nn.Conv2d(conv.inputs, conv.channels, conv.kernel, conv.stride, padding)


def _same(x: Tensor, kernel: int, stride: int) -> tuple[int, int, int, int]:
    """TensorFlow's SAME: the odd pixel goes to the right and to the bottom."""
    totals = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]]
    (top, bottom), (left, right) = [(total // 2, total - total // 2) for total in totals]
    return left, right, top, bottom


def _max_pool(x: Tensor, pool: MaxPool, same_padding: bool) -> Tensor:
    if not same_padding:
        return F.max_pool2d(x, pool.kernel, pool.stride, ceil_mode=True)
    padded = F.pad(x, _same(x, pool.kernel, pool.stride), value=float("-inf"))
    return F.max_pool2d(padded, pool.kernel, pool.stride)
