"""InceptionV1 in four variants: `load` one, call it with pictures, read its layers by name."""

from app.unit_names import LOGITS
from precompute.network.architecture import VARIANTS, Variant
from precompute.network.inception import Inception
from precompute.network.layers import Branch, Layer, map_sizes
from precompute.network.weights import Weights, find, find_variant, load

__all__ = [
    "LOGITS",
    "VARIANTS",
    "Branch",
    "Inception",
    "Layer",
    "Variant",
    "Weights",
    "find",
    "find_variant",
    "load",
    "map_sizes",
]
