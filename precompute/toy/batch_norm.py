"""The toy network as it is trained: a batch norm behind every convolution, folded away at the end.

The published module has convolutions with bias only, and it is small enough that it trains in
minutes with batch norm and hardly at all without.
"""

import torch
from torch import Tensor, nn

from precompute.network import LOGITS, VARIANTS, Inception
from precompute.network.naming import BATCH_NORM_EPS, fold
from precompute.stimuli import CLASSES

VARIANT = VARIANTS["toy"]


def build(rng: torch.Generator, classes: int = len(CLASSES)) -> Inception:
    """A new toy network with a batch norm behind each convolution, its weights from `rng`."""
    network = Inception(VARIANT, classes)
    for conv in VARIANT.convolutions():
        plain = network.get_submodule(conv.name)
        assert isinstance(plain, nn.Conv2d)
        setattr(network, conv.name, _with_norm(plain, rng))
    nn.init.normal_(network.logits.weight, std=0.01, generator=rng)
    nn.init.zeros_(network.logits.bias)
    return network.to(memory_format=torch.channels_last)  # what CPUs convolve fastest in


def folded(network: Inception) -> dict[str, Tensor]:
    """The canonical tensors of a trained network: every batch norm folded into its convolution."""
    tensors: dict[str, Tensor] = {}
    for conv in VARIANT.convolutions():
        weight, bias = _folded(network.get_submodule(conv.name))
        tensors |= {f"{conv.name}.weight": weight, f"{conv.name}.bias": bias}
    logits = {"weight": network.logits.weight, "bias": network.logits.bias}
    tensors |= {f"{LOGITS}.{name}": value.detach() for name, value in logits.items()}
    # A plain layout and memory of its own, as safetensors wants it.
    return {name: value.float().contiguous().clone() for name, value in tensors.items()}


def plain(tensors: dict[str, Tensor]) -> Inception:
    """The inference module with these canonical tensors, in evaluation mode."""
    network = Inception(VARIANT, classes=len(tensors[f"{LOGITS}.bias"]))
    network.load_state_dict(tensors)
    return network.requires_grad_(False).eval().to(memory_format=torch.channels_last)


def _with_norm(plain: nn.Conv2d, rng: torch.Generator) -> nn.Sequential:
    """The convolution without its bias, which the batch norm's shift replaces."""
    size, stride, padding = plain.kernel_size[0], plain.stride[0], plain.padding
    assert not isinstance(padding, str)
    conv = nn.Conv2d(plain.in_channels, plain.out_channels, size, stride, padding[0], bias=False)
    # He et al. 2015 (arXiv 1502.01852): keeps the scale of what follows a ReLU.
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu", generator=rng)
    return nn.Sequential(conv, nn.BatchNorm2d(plain.out_channels, eps=BATCH_NORM_EPS))


def _folded(pair: nn.Module) -> tuple[Tensor, Tensor]:
    assert isinstance(pair, nn.Sequential)
    conv, norm = pair
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    return fold(
        conv.weight.detach(),
        norm.weight.detach(),
        norm.bias.detach(),
        norm.running_mean,
        norm.running_var,
    )
