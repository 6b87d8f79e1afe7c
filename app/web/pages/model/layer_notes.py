"""What a layer of a single step does, told from how much more it sees than the layer before."""

from __future__ import annotations

from app.db.views import LayerView

# What a convolution's side may be; anything else means that layers in between are not stored.
KERNELS = (1, 3, 5, 7, 9, 11)


def step(previous: LayerView | None, layer: LayerView) -> str:
    """A layer that is one step, in words."""
    if layer.stride is None:
        return "linear"
    side = kernel(previous, layer)
    return f"{side}×{side} convolution" if side else "convolution"


def kernel(previous: LayerView | None, layer: LayerView) -> int | None:
    """The side of a layer's convolution, from how much more it sees than the layer before.

    Where the map shrank to half there was a pooling of 3×3, as everywhere in these networks. None
    where the numbers fit no convolution, or layers in between are not stored.
    """
    if previous is None:
        return _fitting(layer.receptive_field, 1, 1)
    field, jump = previous.receptive_field, previous.stride
    if field is None or jump is None or layer.stride is None:
        return None
    if 2 * layer.map_size < previous.map_size:
        return None
    if layer.map_size < previous.map_size:
        field, jump = field + 2 * jump, layer.stride
    return _fitting(layer.receptive_field, field, jump)


def _fitting(sees: int | None, field: int, jump: int) -> int | None:
    """The side of the convolution that sees so much of what sees `field`, `jump` px apart."""
    if sees is None:
        return None
    more, rest = divmod(sees - field, jump)
    return more + 1 if not rest and more + 1 in KERNELS else None
