"""Random weights for the tests: scaled so that deep layers stay alive, and named as published.

Each publisher's names are spelled out here, from the facts paper and the publishers' files.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tests.precompute.network.reference_facts import shapes

Tensors = dict[str, Tensor]

PARTS = ("1x1", "3x3_bottleneck", "3x3", "5x5_bottleneck", "5x5", "pool_reduce")
STEM = ("conv2d0", "conv2d1", "conv2d2")
CAFFE_STEM = ("conv1/7x7_s2", "conv2/3x3_reduce", "conv2/3x3")
CAFFE_PARTS = ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj")
CAPTUM_PARTS = ("conv_1x1", "conv_3x3_reduce", "conv_3x3", "conv_5x5_reduce", "conv_5x5")
TORCHVISION_PARTS = ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.1")


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def he(shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    """Normal, with the variance that keeps the size of what passes through a ReLU."""
    return torch.randn(shape, generator=chance) * math.sqrt(2 / math.prod(shape[1:]))


def random_tensors(variant: str, classes: int, seed: int = 0) -> Tensors:
    """A whole network under its canonical names, float32."""
    chance, found = generator(seed), {}
    for name, shape in shapes(variant).items():
        found[f"{name}.weight"] = he(shape, chance)
        found[f"{name}.bias"] = torch.randn(shape[0], generator=chance) * 0.1
    features = 256 if variant == "toy" else 1024
    found["logits.weight"] = he((classes, features), chance)
    found["logits.bias"] = torch.randn(classes, generator=chance) * 0.1
    return found


def positive_tensors(variant: str, seed: int = 0) -> Tensors:
    """A network in which nothing cancels and every ReLU is open; maps neither grow nor shrink."""
    chance, found = generator(seed), {}
    for name, shape in shapes(variant).items():
        weight = torch.rand(shape, generator=chance) + 0.5
        found[f"{name}.weight"] = weight / weight.sum(dim=(1, 2, 3), keepdim=True)
        found[f"{name}.bias"] = torch.zeros(shape[0])
    features = 256 if variant == "toy" else 1024
    return found | {"logits.weight": torch.ones(5, features), "logits.bias": torch.zeros(5)}


def renamed(tensors: Tensors, rename: Callable[[str, str], str]) -> Tensors:
    """Under another naming; `rename` is given a convolution's (or `logits`) name and the kind."""
    return {rename(*name.rsplit(".", 1)): tensor for name, tensor in tensors.items()}


def lucent(name: str, kind: str) -> str:
    if name == "logits":
        return f"softmax2_pre_activation_matmul.{kind}"
    return f"{name}_pre_relu_conv.{kind}"


def captum(name: str, kind: str) -> str:
    if name == "logits":
        return f"fc.{kind}"
    if name in STEM:
        return f"conv{STEM.index(name) + 1}.{kind}"
    layer, part = name.split("_", 1)
    return f"{layer}.{(*CAPTUM_PARTS, 'pool_proj')[PARTS.index(part)]}.{kind}"


def caffe(name: str, kind: str) -> str:
    return f"{caffe_prefix(name)}.{kind}"


def onnx_zoo(name: str, kind: str) -> str:
    return f"{caffe_prefix(name)}_{kind[0]}_0"


def caffe_prefix(name: str) -> str:
    if name == "logits":
        return "loss3/classifier"
    if name in STEM:
        return CAFFE_STEM[STEM.index(name)]
    layer, part = name.split("_", 1)
    return f"{layer.replace('mixed', 'inception_')}/{CAFFE_PARTS[PARTS.index(part)]}"


def torchvision(name: str, kind: str) -> str:
    """Its batch norm is not renamed but made: see `with_batch_norm`."""
    if name == "logits":
        return f"fc.{kind}"
    return f"{torchvision_prefix(name)}.conv.{kind}"


def torchvision_prefix(name: str) -> str:
    if name in STEM:
        return f"conv{STEM.index(name) + 1}"
    layer, part = name.split("_", 1)
    return f"{layer.replace('mixed', 'inception')}.{TORCHVISION_PARTS[PARTS.index(part)]}"


def with_batch_norm(tensors: Tensors, seed: int = 0) -> Tensors:
    """torchvision's file whose convolutions, batch norm folded, are these tensors."""
    chance, found = generator(seed), Tensors()
    for name in (name.removesuffix(".weight") for name in tensors if name.endswith(".weight")):
        weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
        if name == "logits":
            found |= {"fc.weight": weight, "fc.bias": bias}
        else:
            found |= unfolded(torchvision_prefix(name), weight, bias, chance)
    return found


def unfolded(prefix: str, weight: Tensor, bias: Tensor, chance: torch.Generator) -> Tensors:
    """A random batch norm, and in front of it the kernel that together make this convolution."""
    gamma, mean, variance = (torch.rand(len(bias), generator=chance) + 0.5 for _ in range(3))
    scale = gamma.double() / (variance.double() + 0.001).sqrt()
    return {
        f"{prefix}.conv.weight": (weight / scale.view(-1, 1, 1, 1)).float(),
        f"{prefix}.bn.weight": gamma,
        f"{prefix}.bn.bias": (bias + mean * scale).float(),
        f"{prefix}.bn.running_mean": mean,
        f"{prefix}.bn.running_var": variance,
        f"{prefix}.bn.num_batches_tracked": torch.tensor(1),
    }
