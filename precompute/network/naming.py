"""From the publishers' tensor names to one canonical naming, with batch norm folded away.

Each publisher (and each port) names the same tensors in its own way; a `Naming` is the rule, as
data. Nothing here opens a file: tensors come in by name and go out by canonical name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from app.errors import InputError
from app.unit_names import LOGITS
from precompute.network.architecture import Variant

BATCH_NORM_EPS = 0.001  # torchvision's googlenet and TF-Slim's, which it was ported from


@dataclass(frozen=True)
class Naming:
    """How one publisher names the tensors of InceptionV1.

    `rename` maps a canonical convolution's name to the publisher's prefix.
    """

    name: str
    rename: Callable[[str], str]
    classifier: tuple[str, str]
    """Weight and bias."""
    weight: str = ".weight"
    bias: str = ".bias"
    norm: str | None = None
    """Suffix of the batch norm's prefix, where there is one; then `weight` is the convolution's."""

    def matches(self, tensors: Mapping[str, Tensor]) -> bool:
        return self.rename("conv2d0") + self.weight in tensors


_STEM = ("conv2d0", "conv2d1", "conv2d2")
_CAFFE_STEM = ("conv1/7x7_s2", "conv2/3x3_reduce", "conv2/3x3")
_CAFFE_BRANCH = {
    "3x3_bottleneck": "3x3_reduce",
    "5x5_bottleneck": "5x5_reduce",
    "pool_reduce": "pool_proj",
}
_TORCHVISION_BRANCH = {
    "1x1": "branch1",
    "3x3_bottleneck": "branch2.0",
    "3x3": "branch2.1",
    "5x5_bottleneck": "branch3.0",
    "5x5": "branch3.1",
    "pool_reduce": "branch4.1",
}


def _linear(name: str) -> tuple[str, str]:
    return f"{name}.weight", f"{name}.bias"


def _split(name: str) -> tuple[str, str]:
    """`mixed3a_5x5_bottleneck` → `("3a", "5x5_bottleneck")`."""
    layer, _, branch = name.partition("_")
    return layer.removeprefix("mixed"), branch


def _lucent(name: str) -> str:
    return f"{name}_pre_relu_conv"


def _caffe(name: str) -> str:
    if name in _STEM:
        return _CAFFE_STEM[_STEM.index(name)]
    block, branch = _split(name)
    return f"inception_{block}/{_CAFFE_BRANCH.get(branch, branch)}"


def _captum(name: str) -> str:
    if name in _STEM:
        return f"conv{_STEM.index(name) + 1}"
    block, branch = _split(name)
    branch = _CAFFE_BRANCH.get(branch, branch)
    return f"mixed{block}." + (branch if branch == "pool_proj" else f"conv_{branch}")


def _torchvision(name: str) -> str:
    if name in _STEM:
        return f"conv{_STEM.index(name) + 1}"
    block, branch = _split(name)
    return f"inception{block}.{_TORCHVISION_BRANCH[branch]}"


NAMINGS = (
    Naming("canonical", lambda name: name, _linear(LOGITS)),
    Naming("Lucent", _lucent, _linear("softmax2_pre_activation_matmul")),
    Naming("Caffe", _caffe, _linear("loss3/classifier")),
    Naming("ONNX", _caffe, ("loss3/classifier_w_0", "loss3/classifier_b_0"), "_w_0", "_b_0"),
    Naming("torchvision", _torchvision, _linear("fc"), weight=".conv.weight", bias="", norm=".bn"),
    Naming("Captum", _captum, _linear("fc")),
)


def canonical(tensors: Mapping[str, Tensor], variant: Variant, file: str) -> dict[str, Tensor]:
    """The variant's tensors under their canonical names, float32, batch norm folded.

    Args:
        tensors: as the file has them; tensors that the network does not use are passed over
            (auxiliary heads, counters of batches seen).
        variant: what the file is taken to be.
        file: its name, for the error.

    Raises:
        InputError: no naming is known that fits, or a tensor is missing, has another shape or is
            not finite: the first one in the network's order is named, as the file names it.
    """
    naming = next((naming for naming in NAMINGS if naming.matches(tensors)), None)
    if naming is None:
        some = ", ".join(sorted(tensors)[:3]) or "none at all"
        known = ", ".join(naming.name for naming in NAMINGS)
        raise InputError(
            f"{file} does not hold an InceptionV1: its tensors ({some}, …) follow none of the "
            f"known namings ({known})."
        )
    return _Reader(tensors, variant, naming, file).read()


@dataclass(frozen=True)
class _Reader:
    tensors: Mapping[str, Tensor]
    variant: Variant
    naming: Naming
    file: str

    def read(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for conv in self.variant.convolutions():
            shape = (conv.channels, conv.inputs, conv.kernel, conv.kernel)
            weight, bias = self._convolution(self.naming.rename(conv.name), shape)
            found |= {f"{conv.name}.weight": weight, f"{conv.name}.bias": bias}
        return found | self._classifier()

    def _convolution(self, prefix: str, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        weight = self._tensor(prefix + self.naming.weight, shape)
        if self.naming.norm is None:
            return weight, self._tensor(prefix + self.naming.bias, shape[:1])
        names = ("weight", "bias", "running_mean", "running_var")
        norm = prefix + self.naming.norm
        parts = [self._tensor(f"{norm}.{name}", shape[:1]) for name in names]
        if (parts[-1] < 0).any():
            raise self._unfit(f"{norm}.running_var", "holds variances below zero")
        return fold(weight, *parts)

    def _classifier(self) -> dict[str, Tensor]:
        weight, bias = self.naming.classifier
        if bias not in self.tensors:
            raise self._unfit(bias, "is missing")
        classes = self.tensors[bias].numel()
        if self.tensors[bias].ndim != 1 or not classes:
            raise self._unfit(bias, "is not one number for each class")
        return {
            f"{LOGITS}.weight": self._tensor(weight, (classes, self.variant.features)),
            f"{LOGITS}.bias": self._tensor(bias, (classes,)),
        }

    def _tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if name not in self.tensors:
            raise self._unfit(name, "is missing")
        tensor = self.tensors[name]
        if tensor.is_complex():
            raise self._unfit(name, "holds complex numbers")
        tensor = tensor.to(torch.float32)
        if tuple(tensor.shape) != shape:
            raise self._unfit(name, f"is {list(tensor.shape)}, where it takes {list(shape)}")
        if not torch.isfinite(tensor).all():
            raise self._unfit(name, "holds values that are not finite")
        return tensor

    def _unfit(self, name: str, what: str) -> InputError:
        return InputError(
            f"{self.file} does not fit {self.variant.slug}: the tensor {name} {what}. "
            "`microscope weights list` tells the variants apart."
        )


def fold(
    weight: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor
) -> tuple[Tensor, Tensor]:
    """A convolution without bias and the batch norm behind it, as one convolution with bias.

    Args:
        weight: `[out, in, kh, kw]`.
        gamma, beta, mean, variance: `[out]`, as `nn.BatchNorm2d` keeps them.

    Returns:
        weight `[out, in, kh, kw]` and bias `[out]`.
    """
    # In float64, so that folding adds no rounding of its own.
    scale = gamma.double() / (variance.double() + BATCH_NORM_EPS).sqrt()
    bias = beta.double() - mean.double() * scale
    return (weight.double() * scale.view(-1, 1, 1, 1)).float(), bias.float()
