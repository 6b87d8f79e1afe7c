"""The network in another floating-point type."""

from __future__ import annotations

import copy

import torch

from precompute.network.inception import Inception


def in_dtype(network: Inception, dtype: str) -> Inception:
    """The network computing in another floating-point type; itself where it does already.

    The normalisation stays in float32: in bfloat16 a grey value of 0..255 is off by up to one.
    """
    wanted: torch.dtype = getattr(torch, dtype)
    if network.logits.weight.dtype == wanted:
        return network
    changed = copy.deepcopy(network).to(wanted)
    changed.mean = network.mean
    return changed
