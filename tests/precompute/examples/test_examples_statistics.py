"""Streaming top-k against sorting everything."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.examples.statistics import Maxima, Top
from precompute.render.randomness import generator


def brute_force(values: np.ndarray, k: int) -> list[list[int]]:
    """For each unit the images by falling value, ties by their number: `[units][k]`."""
    images, units = values.shape
    return [
        sorted(range(images), key=lambda i, u=u: (-values[i, u], i))[:k]  # type: ignore[misc]
        for u in range(units)
    ]


@given(
    st.integers(1, 60), st.integers(1, 5), st.integers(1, 12), st.integers(1, 9), st.integers(0, 99)
)
@settings(max_examples=80, deadline=None)
def test_top_is_what_sorting_everything_gives_ties_included(
    images: int, units: int, k: int, batch: int, seed: int
) -> None:
    # Few distinct values, so that ties are everywhere.
    values = torch.randint(-3, 4, (images, units), generator=generator(seed)).float()
    top = Top(units, k)
    for start in range(0, images, batch):
        part = values[start : start + batch]
        numbers = torch.arange(start, start + len(part))
        top.add(Maxima(part, torch.zeros_like(part, dtype=torch.int64), 1), numbers)
    expected = brute_force(values.numpy(), k)
    assert top.image.tolist() == expected
    for unit, row in enumerate(expected):
        assert top.value[unit].tolist() == [values[i, unit].item() for i in row]


def test_the_maximum_and_its_first_cell_are_found() -> None:
    maps = torch.tensor([[[[0.0, 5.0, 1.0], [5.0, 2.0, 0.0]], [[-3.0, -1.0, -2.0], [-9.0] * 3]]])
    maxima = Maxima.of(maps)
    assert maxima.value.tolist() == [[5.0, -1.0]]
    assert [divmod(cell, maxima.width) for cell in maxima.cell[0].tolist()] == [(0, 1), (0, 1)]


def test_a_layer_without_a_map_has_its_maximum_in_its_only_cell() -> None:
    maxima = Maxima.of(torch.tensor([[1.5, -2.0]]))
    assert (maxima.value.tolist(), maxima.cell.tolist()) == ([[1.5, -2.0]], [[0, 0]])


def test_positions_travel_with_their_images() -> None:
    top = Top(1, 2)
    for number, (value, cell) in enumerate([(1.0, 7), (3.0, 5), (2.0, 9)]):
        maxima = Maxima(torch.tensor([[value]]), torch.tensor([[cell]]), 14)
        top.add(maxima, torch.tensor([number]))
    assert top.image.tolist() == [[1, 2]]
    assert top.cell.tolist() == [[5, 9]]
