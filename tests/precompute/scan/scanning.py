"""Requests for scans of the toy network, and comparison of their results."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from precompute.network import Inception
from precompute.scan.context import ScanRequest
from precompute.scan.entries import KINDS
from precompute.scan.scan import LayerResult, ScanResult

LAYERS = ("conv2d0", "mixed3a", "mixed4c", "mixed5b", "logits")
TOP = 6


def scan_request(toy: Inception, **changed: object) -> ScanRequest:
    units = {layer: tuple(range(toy.layer(layer).channels)) for layer in LAYERS}
    return replace(ScanRequest(units, TOP), **changed)  # type: ignore[arg-type]


def lists(layer: LayerResult) -> dict[tuple[int, str], list[int]]:
    """The images of each unit's lists, by rank."""
    return {
        (layer.units[row], KINDS[kind]): layer.entries.image[ranked].tolist()
        for row, kind, ranked in layer.entries.ranked(TOP)
    }


def values(layer: LayerResult, kind: str) -> dict[int, list[float]]:
    """The activations of each unit's list of a kind, by rank."""
    return {
        layer.units[row]: layer.entries.value[ranked].tolist()
        for row, number, ranked in layer.entries.ranked(TOP)
        if KINDS[number] == kind
    }


def same(one: ScanResult, other: ScanResult) -> bool:
    """Bit for bit."""
    if (one.skipped, one.images) != (other.skipped, other.images):
        return False
    return all(
        torch.equal(a, b)
        for layer, mine in one.layers.items()
        for a, b in zip(tensors(mine), tensors(other.layers[layer]), strict=True)
    )


def tensors(layer: LayerResult) -> list[Tensor]:
    """All numbers of a layer."""
    entries = layer.entries
    kept: list[object] = [entries.row, entries.kind, entries.image, entries.value, entries.cell]
    for each in layer.stats.state().values():
        kept += each if isinstance(each, tuple) else [each]
    return [torch.as_tensor(each) for each in kept]
