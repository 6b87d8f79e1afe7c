"""BVLC's GoogLeNet by the facts paper and Caffe's rules, from PyTorch's own modules, in float64.

Caffe pools with ⌈(side − 3) / 2⌉ + 1 windows, clipped at the border, and normalises responses over
5 channels, alpha divided by their number: `nn.LocalResponseNorm`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.precompute.network.reference_facts import MIXED
from tests.precompute.network.reference_tensors import Tensors

POOL = nn.MaxPool2d(3, stride=2, ceil_mode=True)
NEIGHBOURS = nn.MaxPool2d(3, stride=1, padding=1)
NORM = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)
BLUE, GREEN, RED = 104.0, 117.0, 123.0


def bvlc(tensors: Tensors, images: Tensor) -> dict[str, Tensor]:
    """Every layer before its ReLU, and `logits`.

    Args:
        tensors: under canonical names.
        images: `[n, 3, h, w]`, RGB in 0..1.
    """
    red, green, blue = (255 * images.double()).unbind(1)
    x = torch.stack([blue - BLUE, green - GREEN, red - RED], dim=1)
    found = {"conv2d0": convolve(tensors, "conv2d0", x, stride=2)}
    x = NORM(POOL(found["conv2d0"].relu()))
    found["conv2d1"] = convolve(tensors, "conv2d1", x)
    found["conv2d2"] = convolve(tensors, "conv2d2", found["conv2d1"].relu())
    x = NORM(found["conv2d2"].relu())
    for name in MIXED:
        x = POOL(x) if name in ("mixed3a", "mixed4a", "mixed5a") else x
        found[name] = module(tensors, name, x)
        x = found[name].relu()
    weight, bias = tensors["logits.weight"].double(), tensors["logits.bias"].double()
    return found | {"logits": x.mean(dim=(2, 3)) @ weight.T + bias}


def module(tensors: Tensors, name: str, x: Tensor) -> Tensor:
    """1×1, 3×3, 5×5, pool, side by side along the channels."""
    one = convolve(tensors, f"{name}_1x1", x)
    three = convolve(tensors, f"{name}_3x3_bottleneck", x).relu()
    five = convolve(tensors, f"{name}_5x5_bottleneck", x).relu()
    pool = convolve(tensors, f"{name}_pool_reduce", NEIGHBOURS(x))
    three = convolve(tensors, f"{name}_3x3", three)
    return torch.cat([one, three, convolve(tensors, f"{name}_5x5", five), pool], dim=1)


def convolve(tensors: Tensors, name: str, x: Tensor, stride: int = 1) -> Tensor:
    weight, bias = tensors[f"{name}.weight"].double(), tensors[f"{name}.bias"].double()
    pad = weight.shape[-1] // 2
    return torch.conv2d(x, weight, bias, stride=stride, padding=pad)
