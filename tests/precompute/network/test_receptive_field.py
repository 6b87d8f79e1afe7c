"""What a cell says it sees, against what really moves it: rows of pixels, brightened one by one.

The network has positive weights and the picture is bright, so that nothing cancels, every ReLU is
open, and a brightened row wins in every max pool that it reaches.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from precompute.network import VARIANTS, Inception, Layer, Variant
from tests.precompute.network.reference_facts import CLASSES, LAYERS
from tests.precompute.network.reference_tensors import positive_tensors

WIDTH = 32
TO_MIXED3B = LAYERS[:5]
BRIGHT, BRIGHTER = 0.75, 1.0

TOY_SAME = replace(VARIANTS["toy"], same_padding=True)
PADDINGS = {"toy": VARIANTS["toy"], "toy with SAME padding": TOY_SAME}
SHALLOW = PADDINGS | {name: VARIANTS[name] for name in CLASSES}


def positive_network(variant: Variant) -> Inception:
    network = Inception(variant, classes=5).eval().requires_grad_(False)
    network.load_state_dict(positive_tensors(variant.slug))
    return network.double()


def bright(rows: int, height: int) -> Tensor:
    return torch.full((rows, 3, height, WIDTH), BRIGHT, dtype=torch.float64)


def moved_by_rows(network: Inception, height: int) -> dict[str, Tensor]:
    """Which rows of pixels (first axis) move which rows of cells, `[height, channels, cells]`."""
    pictures = bright(height, height)
    pictures[range(height), :, range(height)] = BRIGHTER
    plain = network(bright(1, height), layers=TO_MIXED3B)
    moved = network(pictures, layers=TO_MIXED3B)
    return {name: (moved[name] != plain[name])[..., 1] for name in TO_MIXED3B}


def seen(moved: Tensor, cell: int) -> tuple[int, int]:
    """First and last row of pixels that move any of these channels, `[height, channels, cells]`.

    All rows between them must do so too.
    """
    rows = moved[:, :, cell].any(dim=1).nonzero().flatten().tolist()
    assert rows == list(range(rows[0], rows[-1] + 1))
    return rows[0], rows[-1]


@pytest.fixture(scope="module", params=SHALLOW)
def moved(request: pytest.FixtureRequest) -> tuple[tuple[Layer, ...], dict[str, Tensor]]:
    """The layers of a network up to mixed3b, and what moves their cells at 136 pixels."""
    network = positive_network(SHALLOW[request.param])
    return network.layers[:5], moved_by_rows(network, 136)


def test_a_cell_sees_as_many_pixels_as_its_layer_says(
    moved: tuple[tuple[Layer, ...], dict[str, Tensor]],
) -> None:
    for layer in moved[0]:
        rows = moved[1][layer.name]
        first, last = seen(rows, rows.shape[2] // 2)
        assert last - first + 1 == layer.receptive_field, layer.name


def test_neighbouring_cells_see_pixels_one_stride_apart(
    moved: tuple[tuple[Layer, ...], dict[str, Tensor]],
) -> None:
    for layer in moved[0]:
        rows = moved[1][layer.name]
        middle = rows.shape[2] // 2
        here, below = seen(rows, middle - 1), seen(rows, middle)
        assert [after - before for before, after in zip(here, below, strict=True)] == [
            layer.stride,
            layer.stride,
        ], layer.name


def test_each_branch_sees_as_many_pixels_as_it_says(
    moved: tuple[tuple[Layer, ...], dict[str, Tensor]],
) -> None:
    for layer in moved[0]:
        for branch in layer.branches:
            rows = moved[1][layer.name][:, branch.start : branch.stop]
            first, last = seen(rows, rows.shape[2] // 2)
            assert last - first + 1 == branch.receptive_field, (layer.name, branch.name)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("name", "height"), [("mixed4a", 256), ("mixed4d", 480), ("mixed5b", 960)])
def test_a_deep_cell_sees_as_many_pixels_as_its_layer_says(
    padding: str, name: str, height: int
) -> None:
    network = positive_network(PADDINGS[padding])
    layer = network.layer(name)
    first, last = seen_by_halving(network, layer, height)
    assert last - first + 1 == layer.receptive_field


def seen_by_halving(network: Inception, layer: Layer, height: int) -> tuple[int, int]:
    """First and last row that the middle cell sees, of pictures too large to try each row."""

    def moves(rows: slice) -> bool:
        pictures = bright(2, height)
        pictures[1, :, rows] = BRIGHTER
        maps = network(pictures, layers=[layer.name])[layer.name]
        plain, brighter = maps[:, :, maps.shape[2] // 2]
        return not torch.equal(plain, brighter)

    first = bisect_left(range(height), True, key=lambda row: moves(slice(0, row + 1)))
    after = bisect_left(range(height), True, key=lambda row: not moves(slice(row, height)))
    return first, after - 1
