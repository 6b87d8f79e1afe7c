"""inception5h by the facts paper: a plain second implementation, in float64, padding in NumPy.

Slow and literal on purpose. Every padding is TensorFlow's SAME for the size that is there, the
normalisation is the graph's formula (alpha not divided), and pools look at their windows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from tests.precompute.network.reference_facts import MIXED
from tests.precompute.network.reference_tensors import Tensors

Array = npt.NDArray[np.float64]
POOL_BEFORE = ("mixed3a", "mixed4a", "mixed5a")


def inception5h(tensors: Tensors, images: Array) -> dict[str, Array]:
    """Every layer before its ReLU, and `logits`.

    Args:
        tensors: under canonical names.
        images: `[n, 3, h, w]`, RGB in 0..1.
    """
    found = {"conv2d0": convolve(tensors, "conv2d0", images * 255 - 117, stride=2)}
    x = response_norm(max_pool(relu(found["conv2d0"]), 3, 2))
    for name in ("conv2d1", "conv2d2"):
        found[name] = convolve(tensors, name, x)
        x = relu(found[name])
    x = response_norm(x)
    for name in MIXED:
        x = max_pool(x, 3, 2) if name in POOL_BEFORE else x
        found[name] = module(tensors, name, x)
        x = relu(found[name])
    weight, bias = (tensors[f"logits.{kind}"].double().numpy() for kind in ("weight", "bias"))
    return found | {"logits": x.mean(axis=(2, 3)) @ weight.T + bias}


def module(tensors: Tensors, name: str, x: Array) -> Array:
    """1×1, 3×3, 5×5, pool, side by side along the channels."""
    three = relu(convolve(tensors, f"{name}_3x3_bottleneck", x))
    five = relu(convolve(tensors, f"{name}_5x5_bottleneck", x))
    branches = (
        convolve(tensors, f"{name}_1x1", x),
        convolve(tensors, f"{name}_3x3", three),
        convolve(tensors, f"{name}_5x5", five),
        convolve(tensors, f"{name}_pool_reduce", max_pool(x, 3, 1)),
    )
    return np.concatenate(branches, axis=1)


def same(x: Array, kernel: int, stride: int, value: float) -> Array:
    """Padded so that ⌈side / stride⌉ windows fit; of an odd number, more goes after than before."""
    pads = [(0, 0), (0, 0)]
    for side in x.shape[2:]:
        windows = -(-side // stride)
        needed = max((windows - 1) * stride + kernel - side, 0)
        pads.append((needed // 2, needed - needed // 2))
    return np.pad(x, pads, constant_values=value)


def convolve(tensors: Tensors, name: str, x: Array, stride: int = 1) -> Array:
    weight, bias = (tensors[f"{name}.{kind}"].double() for kind in ("weight", "bias"))
    padded = torch.from_numpy(same(x, weight.shape[-1], stride, 0.0))
    convolved: Array = F.conv2d(padded, weight, bias, stride=stride).numpy()
    return convolved


def max_pool(x: Array, kernel: int, stride: int) -> Array:
    padded = same(x, kernel, stride, -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    pooled: Array = windows[:, :, ::stride, ::stride].max(axis=(-2, -1))
    return pooled


def response_norm(x: Array, radius: int = 5) -> Array:
    """x / (2 + 1e-4 · Σ x²)^0.5, the sum over the channels at most `radius` away."""
    total = np.zeros_like(x)
    for channel in range(x.shape[1]):
        near = slice(max(channel - radius, 0), channel + radius + 1)
        total[:, channel] = (x[:, near] ** 2).sum(axis=1)
    return x / np.sqrt(2 + 1e-4 * total)


def relu(x: Array) -> Array:
    return np.maximum(x, 0)
