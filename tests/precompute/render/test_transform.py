"""Transformations against an independent NumPy version, and their properties."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.render.seeding import generator
from precompute.render.transform import (
    JITTER,
    SLIGHT,
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


def seen_in_numpy(picture: np.ndarray, source: Callable[[complex], complex]) -> np.ndarray:
    """Every pixel of what is seen looked up in the picture.

    `source` is given where a pixel is and says where its colour comes from: complex numbers from
    the centre, x to the right and, unlike in memory, y upwards.
    """
    size = picture.shape[1]
    centre = (size - 1) / 2
    seen = np.zeros_like(picture)
    for y in range(size):
        for x in range(size):
            there = source(complex(x - centre, centre - y))
            seen[:, y, x] = bilinear(picture, centre - there.imag, there.real + centre)
    return seen


def turned_back(degrees: float) -> complex:
    return complex(np.exp(-1j * math.radians(degrees)))


class Moved(Transformation):
    """Moves the window to the right and down by so many pixels."""

    def __init__(self, x: float, y: float) -> None:
        self.shift = torch.tensor([x, y])

    def draw(self, generator: torch.Generator) -> torch.Tensor:
        return affine(shift=self.shift)


# What is done to the picture, in order, and where a seen pixel's colour then comes from.
SEQUENCES: dict[str, tuple[list[Transformation], Callable[[complex], complex]]] = {
    "nothing": ([], lambda z: z),
    "moved": ([Moved(3, -2)], lambda z: z + complex(3, 2)),
    "enlarged": ([Scale((1.1,))], lambda z: z / 1.1),
    "made smaller": ([Scale((0.8,))], lambda z: z / 0.8),
    "turned": ([Rotate((17.0,))], lambda z: z * turned_back(17)),
    "turned back": ([Rotate((-8.0,))], lambda z: z * turned_back(-8)),
    "moved, then turned": (
        [Moved(4, 1), Rotate((30.0,))],
        lambda z: z * turned_back(30) + complex(4, -1),
    ),
    "turned, then moved": (
        [Rotate((30.0,)), Moved(4, 1)],
        lambda z: (z + complex(4, -1)) * turned_back(30),
    ),
    "as Lucid does it": (
        [Moved(-3, 2), Scale((1.06,)), Rotate((-9.0,)), Moved(1, -2)],
        lambda z: (z + complex(1, 2)) * turned_back(-9) / 1.06 + complex(-3, -2),
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_transformations_in_order_are_what_numpy_looks_up(name: str) -> None:
    transformations, source = SEQUENCES[name]
    picture = noise()
    ours = sample(picture, compose(transformations, generator(0)))[0].numpy()
    wanted = seen_in_numpy(picture[0].double().numpy(), source)
    np.testing.assert_allclose(ours, wanted, atol=2e-5)


@pytest.mark.parametrize("step", range(6))
def test_a_step_of_the_standard_transformations_is_what_numpy_looks_up(step: int) -> None:
    picture, matrix = noise(), compose(STANDARD, generator(0, step)).numpy()

    def source(seen: complex) -> complex:
        x, y, _ = matrix @ np.array([seen.real, -seen.imag, 1.0])
        return complex(x, -y)

    ours = sample(picture, torch.from_numpy(matrix))[0].numpy()
    np.testing.assert_allclose(ours, seen_in_numpy(picture[0].double().numpy(), source), atol=2e-5)


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


def test_outside_the_canvas_lies_grey() -> None:
    far = sample(noise(), affine(shift=torch.tensor([100.0, 0.0])))
    assert torch.equal(far, torch.full_like(far, 0.5))


def test_all_pictures_of_a_batch_see_the_same_transformation() -> None:
    picture = noise()
    seen = sample(picture.expand(4, -1, -1, -1), compose(STANDARD, generator(0, 3)))
    assert all(torch.equal(seen[0], other) for other in seen[1:])


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10**6))
def test_standard_transformations_stay_within_lucids_ranges(step: int) -> None:
    zoom, turn, shift = parts(compose(STANDARD, generator("step", step)))
    assert 0.9 - 1e-9 <= zoom <= 1.1 + 1e-9
    assert turn <= 10 + 1e-9
    assert shift <= 4 + 2 * math.sqrt(2) / 0.9


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10**6))
def test_those_for_early_layers_are_smaller(step: int) -> None:
    assert parts(compose(JITTER, generator("step", step)))[:2] == (1.0, 0.0)
    zoom, turn, _ = parts(compose(SLIGHT, generator("step", step)))
    assert 0.95 - 1e-9 <= zoom <= 1.05 + 1e-9
    assert turn <= 5 + 1e-9


def parts(matrix: torch.Tensor) -> tuple[float, float, float]:
    """How much larger, how many degrees turned, and how far moved along a side at most."""
    zoom = math.sqrt(abs(torch.det(matrix[:2, :2]).item()))
    turn = math.degrees(math.atan2(matrix[1, 0].item(), matrix[0, 0].item()))
    return 1 / zoom, abs(turn), matrix[:2, 2].abs().max().item()


def test_zero_degrees_are_drawn_more_often_than_any_other_angle() -> None:
    (rotate,) = (part for part in STANDARD if isinstance(part, Rotate))
    turns = [round(parts(rotate.draw(generator("turn", n)))[1]) for n in range(2000)]
    share = turns.count(0) / len(turns)
    assert share == pytest.approx(6 / 26, abs=0.04)
    assert set(turns) == set(range(11))
