"""The three published trainings as the facts paper tables them, for the tests to compare with.

Typed from the paper and the publishers' definitions; nothing here is read from the product.
"""

from __future__ import annotations

from collections.abc import Iterator

STEM = {"conv2d0": 64, "conv2d1": 64, "conv2d2": 192}
STEM_SHAPES = {
    "conv2d0": (64, 3, 7, 7),
    "conv2d1": (64, 64, 1, 1),
    "conv2d2": (192, 64, 3, 3),
}

# 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection
GOOGLENET: dict[str, tuple[int, ...]] = {
    "mixed3a": (64, 96, 128, 16, 32, 32),
    "mixed3b": (128, 128, 192, 32, 96, 64),
    "mixed4a": (192, 96, 208, 16, 48, 64),
    "mixed4b": (160, 112, 224, 24, 64, 64),
    "mixed4c": (128, 128, 256, 24, 64, 64),
    "mixed4d": (112, 144, 288, 32, 64, 64),
    "mixed4e": (256, 160, 320, 32, 128, 128),
    "mixed5a": (256, 160, 320, 32, 128, 128),
    "mixed5b": (384, 192, 384, 48, 128, 128),
}
INCEPTION5H = GOOGLENET | {
    "mixed4a": (192, 96, 204, 16, 48, 64),
    "mixed5a": (256, 160, 320, 48, 128, 128),
}
MIXED = tuple(GOOGLENET)
LAYERS = (*STEM, *MIXED)

CHANNELS = {
    "conv2d0": 64,
    "conv2d1": 64,
    "conv2d2": 192,
    "mixed3a": 256,
    "mixed3b": 480,
    "mixed4a": 512,
    "mixed4b": 512,
    "mixed4c": 512,
    "mixed4d": 528,
    "mixed4e": 832,
    "mixed5a": 832,
    "mixed5b": 1024,
}
CELLS_AT_224 = dict(zip(LAYERS, (112, 56, 56, 28, 28, *[14] * 5, 7, 7), strict=True))
CLASSES = {"inceptionv1": 1008, "googlenet-bvlc": 1000, "googlenet-torchvision": 1000}
VARIANTS = (*CLASSES, "toy")


def widths(variant: str) -> dict[str, tuple[int, ...]]:
    """Of each inception module, in the order of the paper's columns; the toy's are a quarter."""
    if variant == "toy":
        return {layer: tuple(width // 4 for width in row) for layer, row in GOOGLENET.items()}
    return INCEPTION5H if variant == "inceptionv1" else GOOGLENET


def channels(variant: str) -> dict[str, int]:
    """Of each of the twelve layers."""
    if variant == "toy":
        return {layer: count // 4 for layer, count in CHANNELS.items()}
    return CHANNELS | ({"mixed4a": 508} if variant == "inceptionv1" else {})


def shapes(variant: str) -> dict[str, tuple[int, int, int, int]]:
    """Every kernel's shape, `[out, in, kh, kw]`, by canonical name in the network's order."""
    factor = 4 if variant == "toy" else 1
    found = {
        name: (out // factor, into if into == 3 else into // factor, high, wide)
        for name, (out, into, high, wide) in STEM_SHAPES.items()
    }
    inputs = STEM["conv2d2"] // factor
    for layer, row in widths(variant).items():
        five = 3 if variant == "googlenet-torchvision" else 5
        found |= dict(_module_shapes(layer, inputs, row, five))
        inputs = row[0] + row[2] + row[4] + row[5]
    return found


def _module_shapes(
    layer: str, inputs: int, row: tuple[int, ...], five_kernel: int
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    one, three_reduce, three, five_reduce, five, pool = row
    yield f"{layer}_1x1", (one, inputs, 1, 1)
    yield f"{layer}_3x3_bottleneck", (three_reduce, inputs, 1, 1)
    yield f"{layer}_3x3", (three, three_reduce, 3, 3)
    yield f"{layer}_5x5_bottleneck", (five_reduce, inputs, 1, 1)
    yield f"{layer}_5x5", (five, five_reduce, five_kernel, five_kernel)
    yield f"{layer}_pool_reduce", (pool, inputs, 1, 1)
