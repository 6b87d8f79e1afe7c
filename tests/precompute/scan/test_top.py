"""Streaming top-k against sorting everything."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.render.seeding import generator
from precompute.scan.candidates import TopK


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
    top = TopK(units, k)
    for start in range(0, images, batch):
        part = values[start : start + batch]
        numbers = torch.arange(start, start + len(part))
        top.add(part, numbers)
    expected = brute_force(values.numpy(), k)
    assert top.image.tolist() == expected
    for unit, row in enumerate(expected):
        assert top.value[unit].tolist() == [values[i, unit].item() for i in row]


@given(st.integers(2, 40), st.integers(1, 4), st.integers(1, 9), st.data())
@settings(max_examples=60, deadline=None)
def test_lists_of_parts_merge_to_the_list_of_the_whole_in_any_order(
    images: int, units: int, k: int, data: st.DataObject
) -> None:
    values = torch.randint(-3, 4, (images, units), generator=generator(images, k)).float()
    cut = data.draw(st.integers(1, images - 1))
    parts = []
    for numbers in (torch.arange(cut, images), torch.arange(cut)):
        part = TopK(units, k)
        part.add(values[numbers], numbers)
        parts.append(part)
    parts[0].merge(parts[1])
    assert parts[0].image.tolist() == brute_force(values.numpy(), k)
