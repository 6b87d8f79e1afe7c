"""GoogLeNet as people write it in PyTorch: `nn.LocalResponseNorm`, float32, every layer at once.

It knows nothing of this project, so that a worker in another environment can import it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Convolution(nn.Module):
    """A convolution with its bias and ReLU, from Caffe's tensors."""

    def __init__(self, tensors: dict[str, Tensor], name: str, stride: int = 1) -> None:
        super().__init__()
        weight = tensors[f"{name}.weight"]
        out, inputs, kernel, _ = weight.shape
        self.convolution = nn.Conv2d(inputs, out, kernel, stride, kernel // 2)
        self.convolution.load_state_dict({"weight": weight, "bias": tensors[f"{name}.bias"]})
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.relu(self.convolution(x))
        return result


class Module(nn.Module):
    """An inception module."""

    def __init__(self, tensors: dict[str, Tensor], name: str) -> None:
        super().__init__()

        def part(suffix: str) -> Convolution:
            return Convolution(tensors, f"inception_{name}/{suffix}")

        self.one = part("1x1")
        self.three = nn.Sequential(part("3x3_reduce"), part("3x3"))
        self.five = nn.Sequential(part("5x5_reduce"), part("5x5"))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), part("pool_proj"))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


class GoogLeNet(nn.Module):
    """BVLC's GoogLeNet; takes RGB in 0..1."""

    mean: Tensor

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1))
        self.conv2d0 = Convolution(tensors, "conv1/7x7_s2", 2)
        self.conv2d1 = Convolution(tensors, "conv2/3x3_reduce")
        self.conv2d2 = Convolution(tensors, "conv2/3x3")
        self.norm = nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
            self.add_module(f"mixed{name}", Module(tensors, name))
        self.logits = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.pool(self.conv2d0(x.flip(1) * 255 - self.mean)))
        x = self.pool(self.norm(self.conv2d2(self.conv2d1(x))))
        for group in (("3a", "3b"), ("4a", "4b", "4c", "4d", "4e"), ("5a", "5b")):
            for name in group:
                x = self.get_submodule(f"mixed{name}")(x)
            x = self.pool(x) if group[-1] != "5b" else x
        result: Tensor = self.logits(x.mean((2, 3)))
        return result
