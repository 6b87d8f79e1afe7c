"""What a cell of a layer's map can see of a picture, to the pixel, for a given size of picture.

`layers.py` says how wide a receptive field is; here it is placed, with the padding of the
variant and the branch of the unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from precompute.network.architecture import Conv, MaxPool, Mixed, Step, Variant

Window = tuple[int, int]
"""First and last pixel along a side, both included; outside the picture where padding is seen."""

# What one step reads: kernel, stride, and the padding before the first cell.
Reach = tuple[int, int, int]


def sight(variant: Variant, layer: str, cell: int, size: int, unit: int | None = None) -> Window:
    """The pixels along a side that a cell sees in a square picture.

    Args:
        variant: which network.
        layer: a convolutional layer's name.
        cell: the cell's place along a side of the map.
        size: pixels along a side of the picture.
        unit: whose branch of the layer's module counts; default the widest.
    """
    first = last = cell
    for kernel, stride, padding in reversed(list(_reaches(variant, layer, size, unit))):
        first = first * stride - padding
        last = last * stride - padding + kernel - 1
    return first, last


def _reaches(variant: Variant, layer: str, size: int, unit: int | None) -> Iterator[Reach]:
    for step in variant.steps:
        name = step.name if isinstance(step, Conv | Mixed) else None
        reach = _reach(step, variant.same_padding, size, unit if name == layer else None)
        if reach is not None:
            yield reach
            size = -(-size // reach[1])
        if name == layer:
            return
    raise ValueError(f"{variant.slug} has no layer {layer!r} with a map.")


def _reach(step: Step, same: bool, size: int, unit: int | None) -> Reach | None:
    match step:
        case Conv(kernel=kernel, stride=1):
            return kernel, 1, kernel // 2
        case Conv(kernel=kernel, stride=stride):
            return kernel, stride, _same(size, kernel, stride) if same else kernel // 2
        case MaxPool(kernel=kernel, stride=stride):
            return kernel, stride, _same(size, kernel, stride) if same else 0
        case Mixed():
            kernel = _widest(step) if unit is None else _kernel(step, unit)
            return kernel, 1, kernel // 2
    return None


def _same(size: int, kernel: int, stride: int) -> int:
    """TensorFlow's SAME: the smaller half lies before the first cell."""
    return max((-(-size // stride) - 1) * stride + kernel - size, 0) // 2


def _widest(step: Mixed) -> int:
    return max(3, step.five_kernel)


def _kernel(step: Mixed, unit: int) -> int:
    """The kernel of the branch that a unit of the module belongs to; the last one's is a pool."""
    for width, kernel in ((step.one, 1), (step.three, 3), (step.five, step.five_kernel)):
        if unit < width:
            return kernel
        unit -= width
    return 3
