"""Where a cell says it looks, against the rows of pixels that really move it.

As in the tests of receptive fields: positive weights and a bright picture, so that nothing cancels
and a brightened row wins in every max pool that it reaches.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from precompute.network import VARIANTS, Inception, Variant
from precompute.network.architecture import Mixed
from precompute.network.receptive_field import sight
from tests.precompute.network.reference_facts import LAYERS
from tests.precompute.network.reference_tensors import Tensors, positive_tensors

TO_MIXED3B = LAYERS[:5]
WIDTH = 32
BRIGHT, BRIGHTER = 0.75, 1.0
# Sides that divide evenly, that leave an odd pixel, and that leave one cell over in a pool.
HEIGHTS = (96, 101, 131)

TOY = VARIANTS["toy"]
NARROW_FIVE = replace(
    TOY,
    steps=tuple(
        replace(step, five_kernel=3) if isinstance(step, Mixed) else step for step in TOY.steps
    ),
)
NETWORKS: dict[str, Variant] = {
    "Caffe's padding": TOY,
    "TensorFlow's padding": replace(TOY, same_padding=True),
    "3×3 for 5×5": NARROW_FIVE,
}
# First unit of each branch of mixed3a and mixed3b in the toy, and the last unit of all.
UNITS = {"mixed3a": (0, 15, 16, 47, 48, 55, 56, 63), "mixed3b": (0, 32, 80, 104, 119)}


def weights(variant: Variant) -> Tensors:
    """Where the third branch is narrower, so are its kernels."""
    tensors = positive_tensors("toy")
    if variant is not NARROW_FIVE:
        return tensors
    return {
        name: tensor[..., 1:4, 1:4].clone() if name.endswith("5x5.weight") else tensor
        for name, tensor in tensors.items()
    }


def moved_by_rows(variant: Variant, height: int) -> dict[str, Tensor]:
    """Which rows of pixels (first axis) move which rows of cells, `[height, channels, cells]`."""
    network = Inception(variant, classes=5).eval().requires_grad_(False)
    network.load_state_dict(weights(variant))
    network.double()
    plain = torch.full((1, 3, height, WIDTH), BRIGHT, dtype=torch.float64)
    pictures = plain.repeat(height, 1, 1, 1)
    pictures[range(height), :, range(height)] = BRIGHTER
    before, after = (network(x, layers=TO_MIXED3B, pre_relu=True) for x in (plain, pictures))
    return {name: (after[name] != before[name])[..., 1] for name in TO_MIXED3B}


def really(moved: Tensor) -> list[tuple[int, int]]:
    """First and last row of pixels that move each cell, `[height, cells]`."""
    rows = [column.nonzero().flatten() for column in moved.T]
    return [(int(row[0]), int(row[-1])) for row in rows]


def told(
    variant: Variant, layer: str, cells: int, height: int, unit: int | None
) -> list[tuple[int, int]]:
    """What `sight` says, cut to the picture."""
    windows = [sight(variant, layer, cell, height, unit) for cell in range(cells)]
    return [(max(first, 0), min(last, height - 1)) for first, last in windows]


@pytest.fixture(scope="module", params=[(n, h) for n in NETWORKS for h in HEIGHTS], ids=str)
def case(request: pytest.FixtureRequest) -> tuple[Variant, int, dict[str, Tensor]]:
    name, height = request.param
    return NETWORKS[name], height, moved_by_rows(NETWORKS[name], height)


def test_every_cell_sees_the_rows_that_move_any_of_its_channels(
    case: tuple[Variant, int, dict[str, Tensor]],
) -> None:
    """Cells in the middle and at both borders."""
    variant, height, moved = case
    for layer in TO_MIXED3B:
        cells = moved[layer].shape[2]
        windows = told(variant, layer, cells, height, None)
        assert windows == really(moved[layer].any(1)), layer


def test_every_cell_of_a_branch_sees_the_rows_that_move_it(
    case: tuple[Variant, int, dict[str, Tensor]],
) -> None:
    variant, height, moved = case
    for layer, units in UNITS.items():
        cells = moved[layer].shape[2]
        for unit in units:
            windows = told(variant, layer, cells, height, unit)
            assert windows == really(moved[layer][:, unit]), (layer, unit)


@pytest.mark.parametrize(
    ("layer", "cell", "window"),
    [
        ("conv2d0", 0, (-3, 3)),
        ("conv2d0", 16, (29, 35)),
        ("conv2d1", 0, (-3, 7)),
        ("conv2d1", 5, (17, 27)),
        ("mixed3a", 6, (25, 83)),
    ],
)
def test_windows_by_hand(layer: str, cell: int, window: tuple[int, int]) -> None:
    assert sight(TOY, layer, cell, 96) == window


@pytest.mark.parametrize(("size", "first"), [(224, -2), (225, -3)])
def test_tensorflows_padding_depends_on_the_size(size: int, first: int) -> None:
    assert sight(VARIANTS["inceptionv1"], "conv2d0", 0, size)[0] == first


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_window_is_as_wide_as_the_receptive_field_of_its_branch(variant: str) -> None:
    network = Inception(VARIANTS[variant], classes=5)
    for layer in network.layers[:-1]:
        fields = [(branch.start, branch.receptive_field) for branch in layer.branches]
        for unit, field in [(None, layer.receptive_field), *fields]:
            first, last = sight(VARIANTS[variant], layer.name, 3, 224, unit)
            assert last - first + 1 == field, (layer.name, unit)


@pytest.mark.parametrize("layer", ["logits", "mixed9", "mixed3a_1x1"])
def test_what_has_no_map_has_no_sight(layer: str) -> None:
    with pytest.raises(ValueError, match=layer):
        sight(TOY, layer, 0, 224)
