"""The layers as the explorer shows them: channels, branches, map sizes, receptive fields.

Computed from the table in `architecture.py`, without weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from app.unit_names import LOGITS
from precompute.network.architecture import Conv, MaxPool, Mixed, Variant


@dataclass(frozen=True)
class Branch:
    """A contiguous range of a layer's channels (`start` included, `stop` not)."""

    name: str
    start: int
    stop: int
    receptive_field: int
    """Pixels along a side that one cell of these channels sees."""


@dataclass(frozen=True)
class Layer:
    """A layer as the explorer shows it."""

    name: str
    channels: int
    branches: tuple[Branch, ...]
    """Empty where the layer is a single convolution."""
    stride: int | None
    """Pixels between neighbouring cells; `None` for `logits`, which sees the whole picture."""
    receptive_field: int | None
    """Pixels along a side that one cell sees, at most; `None` for `logits`."""


def layers(variant: Variant, classes: int | None = None) -> tuple[Layer, ...]:
    """The layers of a variant in the network's order, `logits` last.

    A cell's receptive field grows by (kernel − 1) · (pixels between the cells read).
    """
    found, field, stride = [], 1, 1
    for step in variant.steps:
        if isinstance(step, Conv):
            field, stride = field + (step.kernel - 1) * stride, stride * step.stride
            found.append(Layer(step.name, step.channels, (), stride, field))
        elif isinstance(step, MaxPool):
            field, stride = field + (step.kernel - 1) * stride, stride * step.stride
        elif isinstance(step, Mixed):
            branches = _branches(step, field, stride)
            field = max(branch.receptive_field for branch in branches)
            found.append(Layer(step.name, step.channels, branches, stride, field))
    return (*found, Layer(LOGITS, classes or variant.classes, (), None, None))


def _branches(step: Mixed, field: int, stride: int) -> tuple[Branch, ...]:
    names = ("1x1", "3x3", "5x5", "pool")
    widths = (step.one, step.three, step.five, step.pool)
    kernels = (1, 3, step.five_kernel, 3)
    starts = [sum(widths[:i]) for i in range(4)]
    return tuple(
        Branch(name, start, start + width, field + (kernel - 1) * stride)
        for name, start, width, kernel in zip(names, starts, widths, kernels, strict=True)
    )


def map_sizes(variant: Variant, size: int) -> dict[str, int]:
    """Cells along a side of each layer's map for a square input of `size` pixels."""
    sizes: dict[str, int] = {}
    for step in variant.steps:
        if isinstance(step, Conv):
            size = ceil(size / step.stride)  # both paddings keep ceil(size / stride)
            sizes[step.name] = size
        elif isinstance(step, MaxPool):
            size = _pooled(size, step, variant.same_padding)
        elif isinstance(step, Mixed):
            sizes[step.name] = size
    return {**sizes, LOGITS: 1}


def _pooled(size: int, pool: MaxPool, same_padding: bool) -> int:
    if same_padding:
        return ceil(size / pool.stride)
    return max(ceil((size - pool.kernel) / pool.stride), 0) + 1
