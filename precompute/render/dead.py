"""Units that no picture excites: the reason that is stored with them, proved where it can be."""

from __future__ import annotations

from math import inf

import torch
from torch import Tensor

from precompute.network import Inception


def why_dead(network: Inception, layer: str, unit: int) -> str:
    """Why a unit's map is at or below zero everywhere on its own picture."""
    if (most := ceiling(network, layer, unit)) <= 0:
        return (
            "This unit cannot be excited: its weights leave it at or below "
            f"{most:.3g} before the ReLU on every picture, so its output is always zero."
        )
    return (
        "This unit could not be excited: what is seen of its map stayed at or below zero before "
        "the ReLU, though the climb was given a gradient there."
    )


def ceiling(network: Inception, layer: str, unit: int) -> float:
    """An upper bound of a unit before its ReLU, over all pictures; infinite where none is known.

    The first layer's inputs are the pixels, which are bounded; every other layer's are activations
    after a ReLU, which are at least zero: weights without a positive one leave the bias at most.
    """
    weight, bias = _filter(network, layer, unit)
    if layer == network.layers[0].name:
        black, white = (_normalised(network, grey)[:, None, None] for grey in (0.0, 1.0))
        return float(torch.maximum(weight * black, weight * white).clamp(min=0).sum() + bias)
    return float(bias) if bool((weight <= 0).all()) else inf


def _filter(network: Inception, layer: str, unit: int) -> tuple[Tensor, Tensor]:
    """A unit's kernel `[in, kh, kw]` and its bias."""
    name, place = layer, unit
    for branch in network.layer(layer).branches:
        if branch.start <= unit < branch.stop:
            suffix = "pool_reduce" if branch.name == "pool" else branch.name
            name, place = f"{layer}_{suffix}", unit - branch.start
    convolution = network.get_submodule(name)
    weight: Tensor = convolution.get_parameter("weight")[place].float()
    return weight, convolution.get_parameter("bias")[place].float()


def _normalised(network: Inception, grey: float) -> Tensor:
    """What black or white becomes, per channel; padding is zero and lies in between or beside."""
    picture = torch.full((1, 3, 1, 1), grey, device=network.mean.device)
    return network.normalise(picture).float().flatten()
