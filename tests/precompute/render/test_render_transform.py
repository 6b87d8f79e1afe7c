"""Transformations against an independent NumPy version, and their properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from precompute.render.randomness import generator
from precompute.render.transform import (
    STANDARD,
    Jitter,
    Rotate,
    Scale,
    Transformation,
    affine,
    compose,
    sample,
)


def noise(size: int = 24) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=generator("picture", size))


def value(picture: np.ndarray, y: int, x: int) -> np.ndarray:
    inside = 0 <= y < picture.shape[1] and 0 <= x < picture.shape[2]
    return picture[:, y, x] if inside else np.full(3, 0.5)


def bilinear(picture: np.ndarray, y: float, x: float) -> np.ndarray:
    """One point of `[3, h, w]` between pixel centres, grey outside, written out."""
    top, left = math.floor(y), math.floor(x)
    down, right = y - top, x - left
    upper = (1 - right) * value(picture, top, left) + right * value(picture, top, left + 1)
    lower = (1 - right) * value(picture, top + 1, left) + right * value(picture, top + 1, left + 1)
    return (1 - down) * upper + down * lower


def seen_in_numpy(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Every pixel of what is seen looked up in the picture."""
    size = picture.shape[1]
    centre = (size - 1) / 2
    seen = np.zeros_like(picture)
    for y in range(size):
        for x in range(size):
            px, py, _ = matrix @ np.array([x - centre, y - centre, 1.0])
            seen[:, y, x] = bilinear(picture, py + centre, px + centre)
    return seen


@pytest.mark.parametrize("step", range(6))
def test_a_step_of_the_standard_transformations_is_what_numpy_computes(step: int) -> None:
    picture, matrix = noise(), compose(STANDARD, generator(0, step))
    ours = sample(picture, matrix)[0].numpy()
    np.testing.assert_allclose(
        ours, seen_in_numpy(picture[0].double().numpy(), matrix.numpy()), atol=2e-5
    )


def test_jitter_moves_by_whole_pixels_and_no_further_than_it_may() -> None:
    picture = noise()
    offsets = set()
    for step in range(200):
        matrix = compose([Jitter(8)], generator("jitter", step))
        offsets.add((int(matrix[0, 2]), int(matrix[1, 2])))
        assert torch.equal(matrix[:2, 2], matrix[:2, 2].round())
    assert {x for x, _ in offsets} == set(range(-4, 5)) == {y for _, y in offsets}
    shifted = sample(picture, affine(shift=torch.tensor([3.0, -2.0])))
    torch.testing.assert_close(shifted[..., 2:, :-3], picture[..., :-2, 3:], atol=1e-5, rtol=0)


def test_a_quarter_turn_is_anticlockwise() -> None:
    picture = noise()
    turned = sample(picture, compose([Rotate((90.0,))], generator(0)))
    torch.testing.assert_close(turned, picture.rot90(1, (2, 3)), atol=1e-4, rtol=0)


def test_scaling_up_enlarges() -> None:
    picture = torch.zeros(1, 3, 32, 32)
    picture[..., 12:20, 12:20] = 1
    larger = sample(picture, compose([Scale((2.0,))], generator(0)))
    assert larger[0, 0, 16, 9:23].min() > 0.9
    assert larger[0, 0, 16, :6].max() < 0.1


def test_what_is_done_first_is_nearest_the_picture() -> None:
    """Moved, then turned, is not turned, then moved."""
    move, turn = _Fixed(affine(shift=torch.tensor([4.0, 0.0]))), Rotate((90.0,))
    picture = noise()
    moved_first = sample(sample(picture, move.matrix), compose([turn], generator(0)))
    together = sample(picture, compose([move, turn], generator(0)))
    inside = (..., slice(6, -6), slice(6, -6))
    torch.testing.assert_close(together[inside], moved_first[inside], atol=1e-4, rtol=0)


def test_outside_the_canvas_lies_grey() -> None:
    far = sample(noise(), affine(shift=torch.tensor([100.0, 0.0])))
    assert torch.equal(far, torch.full_like(far, 0.5))


def test_all_pictures_of_a_batch_see_the_same_transformation() -> None:
    picture = noise()
    seen = sample(picture.expand(4, -1, -1, -1), compose(STANDARD, generator(0, 3)))
    assert all(torch.equal(seen[0], other) for other in seen[1:])


@given(st.integers(0, 10**6))
def test_standard_transformations_stay_within_lucids_ranges(step: int) -> None:
    matrix = compose(STANDARD, generator("step", step))
    zoom = math.sqrt(abs(torch.det(matrix[:2, :2]).item()))
    turn = math.degrees(math.atan2(matrix[1, 0].item(), matrix[0, 0].item()))
    assert 0.9 - 1e-9 <= 1 / zoom <= 1.1 + 1e-9
    assert abs(turn) <= 10 + 1e-9
    assert matrix[:2, 2].abs().max() <= 4 + 2 * math.sqrt(2) / 0.9


class _Fixed(Transformation):
    def __init__(self, matrix: torch.Tensor) -> None:
        self.matrix = matrix

    def draw(self, generator: torch.Generator) -> torch.Tensor:
        return self.matrix
