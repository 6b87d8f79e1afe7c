"""What the tests of a scan share: what is asked for, and how what is found is compared."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from precompute.network import Inception
from precompute.scan.entries import KINDS
from precompute.scan.interface import Asked, Found, LayerFound

LAYERS = ("conv2d0", "mixed3a", "mixed4c", "mixed5b", "logits")
TOP = 6


def asked(toy: Inception, **changed: object) -> Asked:
    units = {layer: tuple(range(toy.layer(layer).channels)) for layer in LAYERS}
    return replace(Asked(units, TOP), **changed)  # type: ignore[arg-type]


def lists(layer: LayerFound) -> dict[tuple[int, str], list[int]]:
    """The images of each unit's lists, by rank."""
    return {
        (layer.units[row], KINDS[kind]): layer.entries.image[places].tolist()
        for row, kind, places in layer.entries.in_order(TOP)
    }


def values(layer: LayerFound, kind: str) -> dict[int, list[float]]:
    """The activations of each unit's list of a kind, by rank."""
    return {
        layer.units[row]: layer.entries.value[places].tolist()
        for row, number, places in layer.entries.in_order(TOP)
        if KINDS[number] == kind
    }


def same(one: Found, other: Found) -> bool:
    """Bit for bit."""
    if (one.skipped, one.images) != (other.skipped, other.images):
        return False
    return all(
        torch.equal(a, b)
        for layer, mine in one.layers.items()
        for a, b in zip(tensors(mine), tensors(other.layers[layer]), strict=True)
    )


def tensors(found: LayerFound) -> list[Tensor]:
    """All numbers of a layer."""
    entries = found.entries
    kept: list[object] = [entries.row, entries.kind, entries.image, entries.value, entries.cell]
    for each in found.account.state().values():
        kept += each if isinstance(each, tuple) else [each]
    return [torch.as_tensor(each) for each in kept]
